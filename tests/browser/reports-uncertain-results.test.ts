import type { Page, Route } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, test } from 'vitest';
import { expectBought, startShop, type Shop } from '../helpers/shop.js';
import { smallest } from '../helpers/timing.js';
import { expect } from '../helpers/windows.js';

let shop: Shop;

beforeAll(async () => {
  shop = await startShop();
});
afterEach(() => shop.windows.closeAll());
afterAll(() => shop.close());

/** The server carries out the request, and the response is lost. */
async function loseResponse(route: Route): Promise<void> {
  await route.fetch();
  await route.abort('connectionreset');
}

/** Two clicks before React can render after the first one. */
const clickTwice = (page: Page, name: string) =>
  page.getByRole('button', { name }).evaluate((button: HTMLElement) => {
    button.click();
    button.click();
  });

/** Counts the requests with this method and path from now on. */
function countRequests(page: Page, method: string, path: string): () => number {
  let sent = 0;
  page.on('request', (request) => {
    if (request.method() === method && new URL(request.url()).pathname === path) sent += 1;
  });
  return () => sent;
}

/** Navigates within the page, without loading it again. */
const openInPage = (page: Page, path: string) =>
  page.evaluate((to) => {
    history.pushState(null, '', to);
  }, path);

const notices = (page: Page) => page.getByRole('status', { name: 'Notices' });

async function fillDrop(page: Page, name: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Name' }).fill(name);
  await page.getByRole('textbox', { name: 'Price' }).fill('12.50');
  await page.getByRole('spinbutton', { name: 'Units', exact: true }).fill('40');
}

async function countDrops(name: string): Promise<number> {
  const { rows } = await shop.database.query('SELECT id FROM drops WHERE name = $1', [name]);
  return rows.length;
}

describe('creating a drop', () => {
  test('by a double click creates one drop', async () => {
    const page = await shop.visit('/admin/new', { user: await shop.createUser('admin') });
    const sent = countRequests(page, 'POST', '/api/drops');
    await fillDrop(page, 'Double');
    await clickTwice(page, 'Publish the drop');
    await expect(notices(page)).toContainText('Drop created.');
    expect([sent(), await countDrops('Double')]).toEqual([1, 1]);
  });

  test('whose responses are lost reports that the drop may exist, and a retry creates no second one', async () => {
    const page = await shop.visit('/admin/new', { user: await shop.createUser('admin') });
    const keys = new Set<string | undefined>();
    page.on('request', (request) => {
      if (request.method() === 'POST') keys.add(request.headers()['idempotency-key']);
    });
    await page.route('**/api/drops', loseResponse);
    await fillDrop(page, 'Lost');
    await page.getByRole('button', { name: 'Publish the drop' }).click();
    await expect(page.getByRole('alert')).toContainText('It is not certain whether the drop was created');
    expect(keys.size).toBe(1);
    await page.unroute('**/api/drops');

    await page.getByRole('textbox', { name: 'Name' }).fill('Lost\u202e');
    await page.getByRole('button', { name: 'Publish the drop' }).click();
    await expect(page.locator('[aria-invalid=true]')).toHaveCount(1);

    await page.getByRole('textbox', { name: 'Name' }).fill('Lost');
    await page.getByRole('button', { name: 'Publish the drop' }).click();
    await expect(notices(page)).toContainText('Drop created.');
    expect(await countDrops('Lost'), 'the content keeps its key after another content was refused').toBe(1);
    expect(keys.size).toBe(2);

    await page.goto(`${shop.url}/admin/new`);
    await fillDrop(page, 'Lost');
    await page.getByRole('button', { name: 'Publish the drop' }).click();
    await expect.poll(() => countDrops('Lost'), 'after a success the same content is another drop').toBe(2);
    expect(keys.size).toBe(3);
  });
});

describe('an account', () => {
  const fill = async (page: Page, name: string) => {
    await page.getByRole('textbox', { name: 'Name' }).fill(name);
    await page.getByRole('textbox', { name: 'Email' }).fill(`${name}@example.com`);
    await page.getByRole('textbox', { name: 'Password' }).fill('correct horse');
  };

  test('is registered once by a double click', async () => {
    const page = await shop.visit('/register');
    const sent = countRequests(page, 'POST', '/api/users/register');
    await fill(page, 'twice');
    await clickTwice(page, 'Create account');
    await expect(page.getByRole('button', { name: 'Account of twice' })).toBeVisible();
    expect(sent()).toBe(1);
  });

  test('may exist after a lost response: the page reports it and offers to sign in', async () => {
    const page = await shop.visit('/register?next=/holds');
    await page.route('**/api/users/register', loseResponse);
    await fill(page, 'unsure');
    await page.getByRole('button', { name: 'Create account' }).click();
    await expect(page.getByRole('alert')).toContainText('Your account may exist already');
    await page.unroute('**/api/users/register');
    await page.getByRole('button', { name: 'Create account' }).click();
    await expect(page.locator('[aria-invalid=true]')).toHaveCount(1);
    await expect(page.getByRole('alert'), 'the e-mail may belong to the user’s own account').toContainText(
      'Your account may exist already',
    );

    await fill(page, 'twice');
    await page.getByRole('button', { name: 'Create account' }).click();
    await expect(page.getByText('This name is taken')).toBeVisible();
    await expect(page.getByRole('alert'), 'the name belongs to another account').toBeEmpty();
    await fill(page, 'unsure');
    await page.getByRole('button', { name: 'Create account' }).click();

    await page.getByRole('alert').getByRole('link', { name: 'Sign in' }).click();
    await page.getByRole('textbox', { name: 'Email' }).fill('unsure@example.com');
    await page.getByRole('textbox', { name: 'Password' }).fill('correct horse');
    const sent = countRequests(page, 'POST', '/api/users/login');
    await clickTwice(page, 'Sign in');
    await expect(page).toHaveURL(`${shop.url}/holds`);
    expect(sent()).toBe(1);
  });
});

describe('a reservation', () => {
  test('is made, purchased and cancelled once by a double click', async () => {
    const dropId = await shop.createDrop({ name: 'Bell', price: '5.00', total_stock: 9 });
    const page = await shop.visit(`/drops/${dropId}`, { user: await shop.createUser() });
    const reserved = countRequests(page, 'POST', '/api/reservations');
    await clickTwice(page, 'Reserve: Bell');
    await expect(page.getByRole('group', { name: 'In your cart: Bell' })).toBeVisible();
    expect(reserved()).toBe(1);

    const bought = countRequests(page, 'POST', '/api/purchases');
    const released: string[] = [];
    page.on('request', (request) => {
      if (request.method() === 'DELETE') released.push(request.url());
    });
    await page.getByRole('group', { name: 'In your cart: Bell' }).evaluate((panel) => {
      for (const button of panel.querySelectorAll('button')) {
        button.click();
        button.click();
      }
    });
    await expectBought(page, 'Bell');
    expect([bought(), released]).toEqual([1, []]);

    await page.getByRole('button', { name: 'Reserve: Bell' }).click();
    await clickTwice(page, 'Release: Bell');
    await expect(notices(page)).toContainText('Bell released.');
    expect(released).toHaveLength(1);
  });

  test('is not purchased by the second click of a double click on the button to reserve', async () => {
    const dropId = await shop.createDrop({ name: 'Whistle', price: '5.00', total_stock: 9 });
    const page = await shop.visit(`/drops/${dropId}`, { user: await shop.createUser() });
    const bought = countRequests(page, 'POST', '/api/purchases');
    await page.getByRole('button', { name: 'Reserve: Whistle' }).click();
    const buy = page.getByRole('button', { name: 'Buy now: Whistle' });
    await buy.dispatchEvent('click', { detail: 2 });
    await expect(buy).toHaveAttribute('aria-label', 'Buy now: Whistle');
    await buy.click();
    await expectBought(page, 'Whistle');
    expect(bought()).toBe(1);
  });

  test('may exist when a response was lost and the retry finds the service unavailable', async () => {
    const dropId = await shop.createDrop({ name: 'Drum', total_stock: 9 });
    const page = await shop.visit(`/drops/${dropId}`, { user: await shop.createUser() });
    let attempts = 0;
    await page.route('**/api/reservations', async (route) => {
      if (route.request().method() !== 'POST') return route.fallback();
      attempts += 1;
      if (attempts === 1) return loseResponse(route);
      const problem = { type: 'about:blank', title: 'Unavailable', status: 503, detail: 'Away', code: 'unavailable' };
      return route.fulfill({ status: 503, contentType: 'application/problem+json', json: problem });
    });
    await page.getByRole('button', { name: 'Reserve: Drum' }).click();
    await expect(notices(page)).toContainText('It is not certain whether you reserved one');
    await expect(page.getByRole('group', { name: 'In your cart: Drum' }), 'the page fetches it').toBeVisible();
  });
});

describe('a page number that does not exist', () => {
  test.each(['0', '-3', 'abc', '1.5', ''])('%j shows the first page', async (number) => {
    await shop.createDrop({ name: 'Any' });
    const page = await shop.visit(`/?page=${number}`);
    await expect(page.getByRole('article').first()).toBeVisible();
    await expect(page).toHaveURL(`${shop.url}/`);
  });

  test('is replaced by the last page: drops, order history, the admin’s list', async () => {
    await shop.database.query(
      `INSERT INTO drops (name, price, total_stock) SELECT 'Many ' || n, 1, 1 FROM generate_series(1, 31) AS n`,
    );
    shop.context.dropLists.clear();
    const admin = await shop.createUser('admin');
    const { rows } = await shop.database.query<{ id: string }>(
      `SELECT id FROM drops WHERE name LIKE 'Many %' LIMIT 25`,
    );
    for (const { id } of rows) {
      const { body } = await shop.reserve(admin, id);
      await shop.purchase(admin, body.data.reservation.id).expect(201);
    }
    const page = await shop.visit('/holds', { user: admin });
    for (const [path, shown] of [
      ['/', page.getByRole('main').getByRole('article')],
      ['/?q=many', page.getByRole('main').getByRole('article')],
      ['/purchases', page.getByRole('main').getByRole('article')],
      ['/admin', page.getByRole('main').getByRole('row')],
    ] as const) {
      const separator = path.includes('?') ? '&' : '?';
      await page.goto(`${shop.url}/holds`);
      await expect(page.getByRole('heading', { level: 1, name: 'Cart' })).toBeVisible();
      await page.evaluate((to) => {
        history.pushState(null, '', to);
      }, `${path}${separator}page=99999999999`);
      const pages = page.getByRole('navigation', { name: 'Pages' });
      await expect(pages).toContainText(/Page (\d+) of \1(?!\d)/);
      const last = /of (\d+)/.exec(await pages.innerText())?.[1];
      await expect(page).toHaveURL(`${shop.url}${path}${separator}page=${last}`);
      await expect(shown.first()).toBeVisible();
      await expect(page.getByText(/No drops yet|No orders yet|No drops found/)).toBeHidden();
      await page.goBack();
      await expect(page).toHaveURL(`${shop.url}/holds`);
    }
  });
});

test('an empty list in the cache is not shown as the current one', async () => {
  const user = await shop.createUser();
  const page = await shop.visit('/purchases', { user });
  const empty = page.getByRole('heading', { name: 'No orders yet' });
  await expect(empty).toBeVisible();
  await page.getByRole('link', { name: 'Cart' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Cart' })).toBeVisible();
  // Another window buys; the requests of this one are delayed, and then fail.
  const { body } = await shop.reserve(user, await shop.createDrop({ name: 'Elsewhere' }));
  await shop.purchase(user, body.data.reservation.id).expect(201);
  let continueRequest: (() => void) | undefined;
  const delayed = new Promise<void>((resolve) => (continueRequest = resolve));
  await page.waitForTimeout(1_100);
  await page.route('**/api/purchases/mine?*', async (route) => {
    await delayed;
    await route.abort();
  });
  await page.getByRole('link', { name: 'Order history' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Order history' })).toBeVisible();
  await expect(page.getByRole('main').getByText('Loading')).toBeAttached();
  await expect(empty).toBeHidden();
  continueRequest?.();
  await expect(page.getByText('We couldn’t load your orders.')).toBeVisible();
  await expect(empty).toBeHidden();
  await page.unroute('**/api/purchases/mine?*');
  await page.getByRole('main').getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('article', { name: 'Elsewhere' })).toBeVisible();
});

test('network events of the browser are shown at once and lead to a new connection', async () => {
  await shop.createDrop({ name: 'Anchor', total_stock: 7 });
  await shop.reserve(await shop.createUser(), await shop.createDrop({ name: 'Bollard', total_stock: 1 }));
  await shop.createDrop({ name: 'Capstan', drop_starts_at: new Date(Date.now() + 3_600_000) });
  const page = await shop.visit('/');
  await page.getByRole('link', { name: 'Anchor' }).click();
  const connection = page.getByRole('status').filter({ hasText: 'Live updates' });
  await expect(connection).toHaveText('Live updates: Live');
  await expect(page.getByRole('article')).toContainText('7 left of 7');

  const goOffline = async () => {
    // Measured in the page, so that the time does not depend on the process of the test.
    await page.evaluate(() => {
      const onOffline = () => {
        const lost = performance.now();
        new MutationObserver((_, observer) => {
          if (!document.body.innerText.includes('Offline')) return;
          observer.disconnect();
          document.documentElement.dataset.offlineAfterMs = String(performance.now() - lost);
        }).observe(document.body, { subtree: true, childList: true, characterData: true });
      };
      addEventListener('offline', onOffline, { once: true });
    });
    await page.context().setOffline(false);
    await expect(connection).toHaveText('Live updates: Live');
    await page.context().setOffline(true);
    await expect(connection).toHaveText('Live updates: Offline');
    return Number(await page.locator('html').getAttribute('data-offline-after-ms'));
  };
  // The feed itself needs up to ten seconds.
  expect(await smallest(5_000, goOffline)).toBeLessThan(5_000);
  await expect(page.getByRole('article')).toContainText('Connection lost · of 7 (last known)');
  await expect(page.getByRole('article')).toContainText('Was live');
  await openInPage(page, '/');
  for (const [name, state] of [
    ['Bollard', 'Was sold out'],
    ['Capstan', 'Was upcoming'],
  ] as const) {
    await expect(page.getByRole('button', { name: `${state}: ${name}` })).toHaveAttribute('aria-disabled', 'true');
    await expect(page.getByRole('article', { name }).getByText(state)).toHaveCount(2);
  }
  await page.goBack();

  await page.context().setOffline(false);
  await expect(connection).toHaveText('Live updates: Live');
  await expect(page.getByRole('article')).toContainText('7 left of 7');
});

test('a request without a response times out as a lost one, and the button can be used again', async () => {
  const page = await shop.visit('/sign-in');
  await page.route('**/api/users/login', () => undefined);
  await page.getByRole('textbox', { name: 'Email' }).fill('silence@example.com');
  await page.getByRole('textbox', { name: 'Password' }).fill('correct horse');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('button', { name: 'Signing in' })).toHaveAttribute('aria-busy', 'true');
  await expect(page.getByRole('alert')).toContainText('No answer from the shop');
  await page.unroute('**/api/users/login');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toContainText('Wrong email or password.');
});
