import type { Page, Route } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, test } from 'vitest';
import type { TestUser } from '../helpers/app.js';
import { startShop, type Shop } from '../helpers/shop.js';
import { expect } from '../helpers/windows.js';

const PASSWORD = 'correct horse';

let shop: Shop;

beforeAll(async () => {
  shop = await startShop();
});
afterEach(() => shop.windows.closeAll());
afterAll(() => shop.close());

/** An account that can sign in on the page. */
async function register(username: string): Promise<TestUser> {
  const account = { username, email: `${username}@example.com`, password: PASSWORD };
  const { body } = await shop.http.post('/api/users/register').send(account);
  return { ...body.data.user, token: body.data.token };
}

/** Purchases one unit of a new drop with this name. */
async function buy(user: TestUser, name: string): Promise<void> {
  const { body } = await shop.reserve(user, await shop.createDrop({ name }));
  await shop.purchase(user, body.data.reservation.id);
}

async function signIn(page: Page, user: TestUser): Promise<void> {
  await page.goto(`${shop.url}/sign-in`);
  await page.getByRole('textbox', { name: 'Email' }).fill(user.email);
  await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('button', { name: `Account of ${user.username}` })).toBeVisible();
}

const accountOf = (page: Page, user: TestUser) => page.getByRole('button', { name: `Account of ${user.username}` });

/**
 * Records each mutation after which `text` is in the document although `user` is no longer signed in. Returns a function that
 * reads the record.
 */
async function recordLeaks(page: Page, user: TestUser, text: string): Promise<() => Promise<string[]>> {
  await page.evaluate(
    ([account, secret]) => {
      const leaks: string[] = [];
      Object.assign(window, { leaks });
      const check = () => {
        const name = document.querySelector(`[aria-label^="Account of"], [aria-label="Settings"]`);
        const label = name?.getAttribute('aria-label') ?? '';
        if (label !== account && document.body.textContent.includes(secret)) leaks.push(`${secret} under “${label}”`);
      };
      new MutationObserver(check).observe(document, {
        subtree: true,
        childList: true,
        characterData: true,
        attributes: true,
      });
    },
    [`Account of ${user.username}`, text] as const,
  );
  return () => page.evaluate(() => (window as unknown as { leaks: string[] }).leaks);
}

/** Delays requests that match until `release` is called. */
async function delay(page: Page, url: string): Promise<{ release: () => Promise<void>; count: () => number }> {
  const waiting: Route[] = [];
  let isOpen = false;
  let seen = 0;
  await page.route(url, async (route) => {
    seen += 1;
    if (isOpen) await route.continue();
    else waiting.push(route);
  });
  return {
    count: () => seen,
    async release() {
      isOpen = true;
      // A request that the page has cancelled cannot be continued.
      await Promise.all(waiting.map((route) => route.continue().catch(() => undefined)));
    },
  };
}

describe('when another account signs in in another window', () => {
  test('no purchase of the first account is shown under the second one’s name', async () => {
    const [ann, ben] = [await register('ann_first'), await register('ben_second')];
    await buy(ann, 'Lamp of the first');
    await buy(ben, 'Chair of the second');
    const page = await shop.visit('/purchases', { user: ann });
    const other = await page.context().newPage();
    await expect(page.getByRole('article', { name: 'Lamp of the first' })).toBeVisible();
    const leaks = await recordLeaks(page, ann, 'Lamp of the first');
    const delayed = await delay(page, '**/api/purchases/mine*');

    await signIn(other, ben);

    await expect(accountOf(page, ben), 'the other window follows at once').toBeVisible();
    await expect.poll(() => delayed.count()).toBeGreaterThan(0);
    await expect(page.getByText('Lamp of the first'), 'before any response').toHaveCount(0);
    await delayed.release();
    await expect(page.getByRole('article', { name: 'Chair of the second' })).toBeVisible();
    expect(await leaks()).toEqual([]);
  });

  test('a response for the first account that arrives later is dropped', async () => {
    const [ann, ben] = [await register('ann_waits'), await register('ben_comes')];
    const dropId = await shop.createDrop({ name: 'Vase of the first' });
    await shop.reserve(ann, dropId);
    const page = await shop.visit('/purchases', { user: ann });
    const other = await page.context().newPage();
    await expect(page.getByRole('navigation', { name: 'In your cart' })).toContainText('Vase of the first');
    const leaks = await recordLeaks(page, ann, 'Vase of the first');
    const delayed = await delay(page, '**/api/reservations');
    // Responses of the last second are not fetched again.
    await page.waitForTimeout(1_100);
    await page.getByRole('link', { name: 'Cart' }).click();
    await page.evaluate(() => {
      window.dispatchEvent(new Event('visibilitychange'));
    });
    await expect.poll(() => delayed.count()).toBeGreaterThan(0);

    await signIn(other, ben);
    await expect(accountOf(page, ben)).toBeVisible();
    await delayed.release();
    await expect(page.getByRole('heading', { name: 'No active holds' })).toBeVisible();
    await expect(page.getByRole('navigation', { name: 'In your cart' })).toHaveCount(0);
    expect(await leaks()).toEqual([]);
  });

  test('a pending request is not repeated with the second account’s token, and its result is not shown', async () => {
    const [ann, ben] = [await register('ann_clicks'), await register('ben_reserves_nothing')];
    const dropId = await shop.createDrop({ name: 'Only for the first' });
    const page = await shop.visit(`/drops/${dropId}`, { user: ann });
    const other = await page.context().newPage();
    const tokens: string[] = [];
    const attempts: Route[] = [];
    await page.route('**/api/reservations', async (route) => {
      if (route.request().method() !== 'POST') {
        await route.continue();
        return;
      }
      tokens.push(route.request().headers().authorization ?? '');
      attempts.push(route);
    });
    await page.getByRole('button', { name: 'Reserve: Only for the first' }).click();
    await expect.poll(() => attempts.length).toBe(1);
    const leaks = await recordLeaks(page, ann, 'is in your cart');

    await signIn(other, ben);
    await expect(accountOf(page, ben)).toBeVisible();
    // The response is lost: the page would retry after a second.
    await attempts[0]?.abort();
    await page.waitForTimeout(4_000);

    expect(tokens).toEqual([`Bearer ${ann.token}`]);
    await expect(page.getByRole('status', { name: 'Notices' })).not.toContainText(/not certain|No answer/);
    await expect(page.getByRole('button', { name: 'Reserve: Only for the first' })).toBeEnabled();
    expect(await leaks()).toEqual([]);
  });

  test('a purchase that succeeds afterwards is not shown to the second account', async () => {
    const [ann, ben] = [await register('ann_buys'), await register('ben_buys_nothing')];
    const dropId = await shop.createDrop({ name: 'Bought by the first' });
    await shop.reserve(ann, dropId);
    const page = await shop.visit(`/drops/${dropId}`, { user: ann });
    const other = await page.context().newPage();
    const delayed = await delay(page, '**/api/purchases');
    await page.getByRole('button', { name: /^Buy .*Bought by the first$/ }).click();
    await expect.poll(() => delayed.count()).toBe(1);
    const leaks = await recordLeaks(page, ann, 'You got it!');

    await signIn(other, ben);
    await expect(accountOf(page, ben)).toBeVisible();
    await delayed.release();
    await expect
      .poll(async () => (await shop.database.query('SELECT 1 FROM purchases WHERE drop_id = $1', [dropId])).rows.length)
      .toBe(1);
    await expect(page.getByRole('article', { name: 'Bought by the first' })).toContainText('ann_buys');
    expect(await leaks()).toEqual([]);
  });

  test('announcements and notices of the first account disappear', async () => {
    const [ann, ben] = [await register('ann_reads'), await register('ben_reads')];
    const dropId = await shop.createDrop({ name: 'Secret wish' });
    const page = await shop.visit('/purchases', { user: ann });
    const other = await page.context().newPage();
    await page.goto(`${shop.url}/drops/${dropId}`);
    await page.getByRole('button', { name: 'Reserve: Secret wish' }).click();
    await expect(page.getByRole('status', { name: 'In your cart' })).toContainText('Secret wish is in your cart');
    await page.getByRole('button', { name: 'Release: Secret wish' }).click();
    // A notice stays while the pointer is on it.
    await page.getByRole('status', { name: 'Notices' }).getByText('Secret wish released.').hover();
    const leaks = await recordLeaks(page, ann, 'Secret wish released.');

    await signIn(other, ben);
    await expect(accountOf(page, ben)).toBeVisible();
    await expect(page.getByRole('button', { name: 'Reserve: Secret wish' })).toBeVisible();
    expect(await leaks()).toEqual([]);
  });
});

describe('after signing out', () => {
  test('no data of the account stays in any window, even if the server does not respond', async () => {
    const ann = await register('ann_leaves');
    await buy(ann, 'Left behind');
    const dropId = await shop.createDrop({ name: 'Held when leaving' });
    await shop.reserve(ann, dropId);
    const page = await shop.visit('/purchases', { user: ann });
    const other = await page.context().newPage();
    await other.goto(`${shop.url}/purchases`);
    for (const each of [page, other]) {
      await expect(each.getByRole('article', { name: 'Left behind' })).toBeVisible();
      await expect(each.getByRole('navigation', { name: 'In your cart' })).toContainText('Held when leaving');
    }
    const leaks = [await recordLeaks(other, ann, 'Left behind'), await recordLeaks(other, ann, 'Held when leaving')];
    await page.context().route('**/api/**', () => undefined);

    await accountOf(page, ann).click();
    await page.getByRole('button', { name: 'Sign out' }).click();

    for (const each of [page, other]) {
      await expect(each.getByRole('heading', { name: 'Sign in to see this' })).toBeVisible();
      await expect(each.getByText(/Left behind|Held when leaving/)).toHaveCount(0);
    }
    for (const read of leaks) expect(await read()).toEqual([]);
  });

  test('a page that returns from the back/forward cache reads the session again', async () => {
    const [ann, ben] = [await register('ann_returns'), await register('ben_meanwhile')];
    await buy(ann, 'Out of the cache');
    const page = await shop.visit('/purchases', { user: ann });
    await expect(page.getByRole('article', { name: 'Out of the cache' })).toBeVisible();
    // A page in the back/forward cache receives no storage events.
    await page.evaluate(
      ([key, session]) => {
        localStorage.setItem(key, session);
        window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
      },
      ['drop-inventory.session', JSON.stringify({ token: ben.token, user: ben })] as const,
    );
    await expect(accountOf(page, ben)).toBeVisible();
    await expect(page.getByRole('heading', { name: 'No orders yet' })).toBeVisible();
  });
});
