import type { Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, test } from 'vitest';
import { startShop, type Shop } from '../helpers/shop.js';
import { expect } from '../helpers/windows.js';

let shop: Shop;

beforeAll(async () => {
  shop = await startShop();
});
afterEach(() => shop.windows.closeAll());
afterAll(() => shop.close());

const card = (page: Page, name: string) => page.getByRole('article', { name });
const found = (page: Page, text: string) => page.getByRole('status').filter({ hasText: new RegExp(`^${text}$`) });
const isLive = (page: Page) =>
  expect(page.getByRole('status').filter({ hasText: 'Live updates' })).toHaveText('Live updates: Live');

/** Opens one list for each state, of the drops with this word in their names. */
async function openLists<State extends string>(word: string, ...states: State[]): Promise<Record<State, Page>> {
  const pages: [State, Page][] = [];
  for (const state of states) {
    const page = await shop.visit(`/?status=${state}&q=${word}`);
    await isLive(page);
    pages.push([state, page]);
  }
  return Object.fromEntries(pages) as Record<State, Page>;
}

describe('a list follows the state of its drops', () => {
  test('sold out, and live again', async () => {
    const dropId = await shop.createDrop({ name: 'Zither, the only one', total_stock: 1 });
    await shop.createDrop({ name: 'Zither, of many', total_stock: 100 });
    const { live, sold_out: soldOut } = await openLists('zither', 'live', 'sold_out');
    await expect(found(live, '2 drops')).toBeVisible();
    await expect(found(soldOut, '0 drops')).toBeVisible();
    const user = await shop.createUser();
    const { body } = await shop.reserve(user, dropId);

    await expect(card(live, 'Zither, the only one')).toHaveCount(0);
    await expect(found(live, '1 drop')).toBeVisible();
    await expect(card(soldOut, 'Zither, the only one')).toBeVisible();
    await expect(found(soldOut, '1 drop')).toBeVisible();

    await shop.release(user, body.data.reservation.id);
    await expect(card(live, 'Zither, the only one')).toBeVisible();
    await expect(found(live, '2 drops')).toBeVisible();
    await expect(card(soldOut, 'Zither, the only one')).toHaveCount(0);
    await expect(soldOut.getByRole('heading', { name: 'No drops found' })).toBeVisible();
  });

  test('opened, paused, resumed, ended, cancelled', async () => {
    const dropId = await shop.createDrop({ name: 'Viola', drop_starts_at: new Date(Date.now() + 3_600_000) });
    const pages = await openLists('viola', 'scheduled', 'live', 'paused', 'ended', 'cancelled');
    await expect(card(pages.scheduled, 'Viola')).toBeVisible();
    const set = (change: string) => shop.database.query(`UPDATE drops SET ${change} WHERE id = $1`, [dropId]);
    const isOnlyIn = async (state: keyof typeof pages) => {
      for (const [name, page] of Object.entries(pages)) {
        await expect(card(page, 'Viola'), `in the list of ${name} once it is ${state}`).toHaveCount(
          name === state ? 1 : 0,
        );
      }
    };
    await set(`drop_starts_at = now() - interval '1 s'`);
    await isOnlyIn('live');
    await set('paused_at = now()');
    await isOnlyIn('paused');
    await set('paused_at = NULL');
    await isOnlyIn('live');
    await set(`drop_ends_at = now()`);
    await isOnlyIn('ended');
    await set('cancelled_at = now()');
    await isOnlyIn('cancelled');
  });

  test('renamed, and opened by the clock', async () => {
    const { live } = await openLists('ocarina', 'live');
    const dropId = await shop.createDrop({ name: 'Ocarina', drop_starts_at: new Date(Date.now() + 4_000) });
    await expect(card(live, 'Ocarina')).toBeVisible();
    await shop.database.query(`UPDATE drops SET name = 'Flute' WHERE id = $1`, [dropId]);
    await expect(live.getByRole('article')).toHaveCount(0);
  });
});

describe('a drop that was deleted', () => {
  test('leaves every list, its own page and the dashboard', async () => {
    const dropId = await shop.createDrop({ name: 'Harpsichord' });
    await shop.createDrop({ name: 'Harpsichord cover' });
    const admin = await shop.createUser('admin');
    const list = await shop.visit('/?q=harpsichord');
    const dropPage = await shop.visit(`/drops/${dropId}`);
    const dashboard = await shop.visit('/dashboard');
    const adminPage = await shop.visit('/admin', { user: admin });
    await expect(found(list, '2 drops')).toBeVisible();
    await expect(dropPage.getByRole('button', { name: 'Sign in to reserve: Harpsichord' })).toBeVisible();
    await expect(dashboard.getByRole('link', { name: 'Harpsichord', exact: true })).toBeVisible();
    await expect(adminPage.getByRole('link', { name: 'Harpsichord', exact: true })).toBeVisible();

    await shop.database.query('DELETE FROM drops WHERE id = $1', [dropId]);

    await expect(found(list, '1 drop')).toBeVisible();
    await expect(list.getByRole('button', { name: 'Sign in to reserve: Harpsichord', exact: true })).toHaveCount(0);
    // Lists without a filter and pages of one drop are fetched again less often.
    const longTimeout = { timeout: 600_000 };
    await expect(dashboard.getByRole('link', { name: 'Harpsichord', exact: true })).toHaveCount(0, longTimeout);
    await expect(adminPage.getByRole('link', { name: 'Harpsichord', exact: true })).toHaveCount(0, longTimeout);
    await expect(dropPage.getByRole('heading', { name: 'This drop was not found' })).toBeVisible(longTimeout);
    await expect(dropPage.getByRole('button', { name: /reserve/ })).toHaveCount(0);
  });

  test('is reported at once to a user who reserves it', async () => {
    const dropId = await shop.createDrop({ name: 'Celesta' });
    const page = await shop.visit(`/drops/${dropId}`, { user: await shop.createUser() });
    await isLive(page);
    // The page fetches the drop again from time to time: it must not find out by that.
    let release: () => void = () => undefined;
    const clicked = new Promise<void>((resolve) => (release = resolve));
    await page.route(`**/api/drops/${dropId}`, async (route) => {
      await clicked;
      await route.continue();
    });
    await shop.database.query('DELETE FROM drops WHERE id = $1', [dropId]);
    await page.getByRole('button', { name: 'Reserve: Celesta' }).click();
    release();
    await expect(page.getByRole('heading', { name: 'This drop was not found' })).toBeVisible();
  });
});

describe('a list that changes', () => {
  test('fetches no more often than its update rate, however fast the state changes', async () => {
    const dropId = await shop.createDrop({ name: 'Bassoon', total_stock: 1 });
    const user = await shop.createUser();
    const page = await shop.visit('/?q=bassoon');
    await isLive(page);
    await page.waitForLoadState('networkidle');
    let fetches = 0;
    page.on('request', (request) => {
      if (new URL(request.url()).pathname === '/api/drops') fetches += 1;
    });
    const began = performance.now();
    for (let round = 0; round < 60 || performance.now() - began < 8_000; round += 1) {
      const { body } = await shop.reserve(user, dropId);
      await shop.release(user, body.data.reservation.id);
    }
    const seconds = (performance.now() - began) / 1_000;
    // At least 1.5 s between two fetches for changes, and at least 2.5 s between two periodic ones.
    expect(fetches).toBeLessThanOrEqual(Math.ceil(seconds / 1.5) + Math.ceil(seconds / 2.5) + 2);
    expect(fetches).toBeGreaterThan(0);
    await expect(card(page, 'Bassoon')).toContainText('1 left of 1');
  });

  test('keeps the focused card until it loses the focus', async () => {
    const ids = [];
    for (const name of ['Tuba A', 'Tuba B', 'Tuba C']) ids.push(await shop.createDrop({ name, total_stock: 1 }));
    const page = await shop.visit('/?status=live&q=tuba');
    await isLive(page);
    const button = page.getByRole('button', { name: /: Tuba B$/ });
    await button.focus();
    for (const id of ids.slice(0, 2)) await shop.reserve(await shop.createUser(), id);

    await expect(found(page, '1 drop')).toBeVisible();
    await expect(card(page, 'Tuba A')).toHaveCount(0);
    await expect(card(page, 'Tuba B')).toContainText('All held');
    await expect(button).toBeFocused();
    await page.getByRole('searchbox').focus();
    await expect(card(page, 'Tuba B')).toHaveCount(0);
  });

  test('does not move under a moving pointer', async () => {
    /** Milliseconds from the moment at which a drop is sold out to that at which its card leaves the list. */
    let stayedMs = 0;
    /** The longest time without a move of the pointer: on a busy machine it rests, and then the card may leave. */
    let restedMs = Infinity;
    for (let attempt = 1; restedMs > 900; attempt += 1) {
      const name = `Gong ${attempt}`;
      const dropId = await shop.createDrop({ name, total_stock: 1 });
      await shop.createDrop({ name: `${name} stand`, total_stock: 1 });
      const page = await shop.visit(`/?status=live&q=gong%20${attempt}`);
      await isLive(page);
      await page.evaluate(() => {
        const list = document.querySelector('ul[aria-label="Drops"]');
        const times = { soldOut: 0, removed: 0, rested: 0 };
        let movedAt = performance.now();
        const move = () => {
          times.rested = Math.max(times.rested, performance.now() - movedAt);
          movedAt = performance.now();
          list?.dispatchEvent(new PointerEvent('pointermove', { bubbles: true }));
        };
        move();
        const moving = setInterval(move, 100);
        Object.assign(window, { times });
        new MutationObserver(() => {
          const now = performance.now();
          const shown = list?.querySelectorAll('article').length;
          if (times.soldOut === 0 && list?.textContent.includes('All held')) times.soldOut = now;
          if (times.removed !== 0 || shown !== 1) return;
          times.removed = now;
          times.rested = Math.max(times.rested, now - movedAt);
          clearInterval(moving);
        }).observe(document, { subtree: true, childList: true, characterData: true });
      });
      await shop.reserve(await shop.createUser(), dropId);
      await expect(card(page, `${name} stand`)).toBeVisible();
      await expect(page.getByRole('article')).toHaveCount(1);
      const times = await page.evaluate(
        () => (window as unknown as { times: { soldOut: number; removed: number; rested: number } }).times,
      );
      [stayedMs, restedMs] = [times.removed - times.soldOut, times.rested];
      await page.close();
    }
    expect(stayedMs, 'ms: longer than a press takes').toBeGreaterThan(1_000);
  });
});
