import type { Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, test } from 'vitest';
import type { TestUser } from '../helpers/app.js';
import { startShop, type Shop } from '../helpers/shop.js';
import { expect } from '../helpers/windows.js';

const HOUR_MS = 3_600_000;
const inHours = (hours: number) => new Date(Date.now() + hours * HOUR_MS);

let shop: Shop;
let users: TestUser[];

beforeAll(async () => {
  shop = await startShop({ RESERVATION_TTL_SECONDS: '900' });
  users = await shop.createUsers(4);
});
afterEach(() => shop.windows.closeAll());
afterAll(() => shop.close());

/** The figure with this name. */
const figure = (page: Page, name: string) =>
  page.getByRole('term').filter({ hasText: name }).locator('xpath=following-sibling::dd');

/** Records the texts that a figure shows from now on, also those that are soon replaced. */
async function recordTexts(page: Page, name: string): Promise<() => Promise<string[]>> {
  await figure(page, name).evaluate((element) => {
    const texts: string[] = [];
    new MutationObserver(() => texts.push(element.textContent)).observe(element, {
      characterData: true,
      childList: true,
      subtree: true,
    });
    Object.assign(window, { texts });
  });
  return () => page.evaluate(() => (window as unknown as { texts: string[] }).texts);
}

async function buy(user: TestUser | undefined, dropId: string): Promise<void> {
  if (!user) throw new Error('There are too few users');
  const { body } = await shop.reserve(user, dropId);
  await shop.purchase(user, body.data.reservation.id);
}

describe('the wall display', () => {
  test('shows one drop alone: stock, carts, rate and the time to its end, as they change', async () => {
    const dropId = await shop.createDrop({ name: 'Big one', total_stock: 500, drop_ends_at: inHours(2) });
    const page = await shop.visit(`/dashboard/${dropId}`);
    await expect(page.getByRole('heading', { name: 'Big one' })).toBeAttached();
    await expect(page.getByRole('navigation')).toHaveCount(0);
    await expect(page.getByText('left of 500')).toBeVisible();
    await expect(page.getByRole('timer')).toHaveText(/^1:59:\d\d$/);
    await expect(figure(page, 'Reservations/s')).toHaveText('0');
    const rates = await recordTexts(page, 'Reservations/s');

    await buy(users[0], dropId);
    if (users[1]) await shop.reserve(users[1], dropId);
    await expect(page.getByText('498', { exact: true }).last()).toBeAttached();
    await expect(figure(page, 'On hold')).toHaveText('1');
    await expect(figure(page, 'Sold')).toHaveText('1');
    // Two units within five seconds, or one and one.
    await expect.poll(rates).toContainEqual(expect.stringMatching(/^0\.[24]$/));
  });

  test('shows how many are connected to admins', async () => {
    const dropId = await shop.createDrop({ name: 'Watched', total_stock: 5 });
    const page = await shop.visit(`/dashboard/${dropId}`, { user: await shop.createUser('admin') });
    await expect(figure(page, 'People connected')).toHaveText('1');
    const other = await shop.visit(`/dashboard/${dropId}`);
    await expect(figure(page, 'People connected')).toHaveText('2');
    await expect(other.getByRole('link', { name: 'Sign in as an admin' })).toBeVisible();
    await expect(figure(other, 'Sold')).toHaveText('0');
    await expect(figure(other, 'People connected')).toHaveCount(0);
  });

  test('counts down to the start, and shows the stock from then on', async () => {
    const dropId = await shop.createDrop({ name: 'Soon', total_stock: 5, drop_starts_at: inHours(1) });
    const page = await shop.visit(`/dashboard/${dropId}`);
    await expect(page.getByRole('timer')).toHaveText(/^59:\d\d$/);
    await shop.database.query("UPDATE drops SET drop_starts_at = clock_timestamp() + interval '2 s' WHERE id = $1", [
      dropId,
    ]);
    await expect(page.getByText('left of 5')).toBeVisible();
  });

  test('does not move on while units are on hold, and then moves on to the drop that opens next', async () => {
    const next = await shop.createDrop({ name: 'The next one', drop_starts_at: inHours(1) });
    await shop.createDrop({ name: 'A later one', drop_starts_at: inHours(3) });
    const dropId = await shop.createDrop({ name: 'Short', total_stock: 1 });
    const page = await shop.visit(`/dashboard/${dropId}`);
    const [user] = users;
    if (!user) throw new Error('There are too few users');
    const { body } = await shop.reserve(user, dropId);
    await expect(page.getByText('left of 1 · some may come back')).toBeVisible();
    await shop.purchase(user, body.data.reservation.id);
    await expect(page.getByText('Every unit is sold.')).toBeVisible();
    await expect(page.getByRole('link', { name: 'The next one' })).toBeVisible();
    await expect(page.getByText(/^Opens .+, in (59:\d\d|1:00:00)$/)).toBeVisible();
    await expect(page.getByText(/^On this screen in 0:\d\d$/)).toBeVisible();

    await expect(page.getByRole('heading', { name: 'The next one' })).toBeAttached();
    expect(new URL(page.url()).pathname).toBe(`/dashboard/${next}`);
    await shop.database.query('DELETE FROM drops WHERE drop_starts_at > clock_timestamp()');
  });

  test('stays if no other drop is planned, and moves on to one that is created later', async () => {
    const dropId = await shop.createDrop({ name: 'The last one', total_stock: 3 });
    const page = await shop.visit(`/dashboard/${dropId}`);
    await shop.database.query('UPDATE drops SET cancelled_at = clock_timestamp() WHERE id = $1', [dropId]);
    await expect(page.getByText('This drop will not take place.')).toBeVisible();
    await expect(page.getByText('No drop is planned yet.')).toBeVisible();
    await shop.createDrop({ name: 'Made later', total_stock: 7, drop_starts_at: inHours(1) });
    await expect(page.getByRole('heading', { name: 'Made later' })).toBeAttached();
  });

  test('marks its numbers as old when the connection is lost, and does not move on meanwhile', async () => {
    const dropId = await shop.createDrop({ name: 'Lost', total_stock: 3 });
    const page = await shop.visit(`/dashboard/${dropId}`);
    await expect(page.getByRole('status').filter({ hasText: 'Live updates' })).toHaveText('Live updates: Live');
    await page.context().setOffline(true);
    await expect(page.getByText('Was live')).toBeVisible();
    await expect(page.getByText('Connection lost · of 3 (last known)')).toBeVisible();
    await page.context().setOffline(false);
    await expect(page.getByText('Connection lost')).toHaveCount(0);
    await expect(page.getByText('left of 3')).toBeVisible();
  });

  test('says so if the drop does not exist', async () => {
    const page = await shop.visit('/dashboard/00000000-0000-4000-8000-000000000000');
    await expect(page.getByRole('heading', { name: 'This drop was not found' })).toBeVisible();
    await page.getByRole('link', { name: 'Dashboard' }).click();
    await expect(page.getByRole('heading', { name: 'Dashboard' })).toBeVisible();
  });
});

test.each([
  ['a large screen', 1920, 1080],
  ['a small one', 1280, 720],
  ['an upright one', 1080, 1920],
])('everything fits without scrolling on %s', async (_name, width, height) => {
  const admin = await shop.createUser('admin');
  const name = 'W'.repeat(200);
  for (const total_stock of [99, 1_000_000]) {
    const dropId = await shop.createDrop({ name, total_stock, drop_ends_at: inHours(999) });
    const page = await shop.visit(`/dashboard/${dropId}`, { user: admin, viewport: { width, height } });
    await expect(figure(page, 'People connected')).toBeVisible();
    const excess = await page.evaluate(() => {
      const { scrollHeight, scrollWidth, clientHeight, clientWidth } = document.documentElement;
      return [scrollWidth - clientWidth, scrollHeight - clientHeight];
    });
    expect(excess, `with ${total_stock} units`).toEqual([0, 0]);
  }
});
