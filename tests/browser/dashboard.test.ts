import type { Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, test } from 'vitest';
import type { TestUser } from '../helpers/app.js';
import { startShop, type Shop } from '../helpers/shop.js';
import { expect } from '../helpers/windows.js';

let shop: Shop;
let users: TestUser[];
let few: string;

/** Reserves one unit for each user, and purchases those of the buyers. */
async function trade(dropId: string, buyers: readonly TestUser[], others: readonly TestUser[]): Promise<void> {
  for (const user of [...buyers, ...others]) {
    const { body } = await shop.reserve(user, dropId);
    if (buyers.includes(user)) await shop.purchase(user, body.data.reservation.id);
  }
}

beforeAll(async () => {
  shop = await startShop();
  users = await shop.createUsers(8);
  few = await shop.createDrop({ name: 'Few', total_stock: 3 });
  const many = await shop.createDrop({ name: 'Many', total_stock: 2000 });
  await trade(few, users.slice(0, 2), users.slice(2, 3));
  await trade(many, users.slice(0, 4), users.slice(4, 6));
});
afterEach(() => shop.windows.closeAll());
afterAll(() => shop.close());

/** The figure with this name. */
const figure = (page: Page, name: string) =>
  page.getByRole('term').filter({ hasText: name }).locator('xpath=following-sibling::dd');

describe('the dashboard', () => {
  test('shows the numbers of the database', async () => {
    const page = await shop.visit('/dashboard', { user: await shop.createUser('admin') });
    await shop.visit('/');
    const { rows } = await shop.database.query<{ free: string; held: string; sold: string }>(
      `SELECT sum(available_stock)::text AS free, sum(reserved_stock)::text AS held, sum(sold_stock)::text AS sold FROM drops`,
    );
    expect(rows).toEqual([{ free: '1994', held: '3', sold: '6' }]);
    const all = page.getByRole('region', { name: 'All drops' });
    await expect(all).toBeVisible();
    await expect(figure(page, 'Units left').first()).toHaveText('1,994');
    await expect(figure(page, 'Units on hold').first()).toHaveText('3');
    await expect(figure(page, 'Units sold').first()).toHaveText('6');
    await expect(figure(page, 'Conversion').first()).toHaveText('100 %');
    await expect(figure(page, 'Conversion').last()).toHaveText('6 of 6 holds');
    await expect(figure(page, 'People connected').first()).toHaveText('2');
    const panel = page.getByRole('article', { name: 'Few' });
    await expect(panel.getByRole('definition')).toHaveText(['0', '1', /^2\s*of 3$/]);
    expect(await shop.mismatches()).toEqual([]);
  });

  test('shows reservations, purchases, refusals by reason, and charts as they change', async () => {
    const page = await shop.visit('/dashboard', { user: await shop.createUser('admin') });
    await expect(page.getByText('No refusals in the last minute')).toBeVisible();
    const chart = page.getByRole('article', { name: 'Lively' }).locator('canvas');
    const lively = await shop.createDrop({ name: 'Lively', total_stock: 10 });
    await expect(chart).toBeVisible();
    await trade(lively, users.slice(0, 1), users.slice(1, 4));
    for (const user of users.slice(6, 8)) await shop.reserve(user, few);

    const activityFeed = page.getByRole('list', { name: 'Activity' });
    await expect(activityFeed).toContainText('Lively · new drop');
    await expect(activityFeed).toContainText(`Lively · bought by ${users[0]?.username}`);
    await expect(page.getByRole('term').filter({ hasText: /^sold.out$/i })).toBeVisible();
    await expect(page.getByRole('article', { name: 'Lively' }).getByRole('definition')).toHaveText([
      '6',
      '3',
      /^1\s*of 10$/,
    ]);
    const isDrawn = () =>
      chart.evaluate((canvas: HTMLCanvasElement) => {
        const pixels = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
        return pixels.some((value) => value > 0);
      });
    await expect.poll(isDrawn).toBe(true);
  });

  test('shows the stock to all users, and rates to admins only', async () => {
    const page = await shop.visit('/dashboard');
    await expect(page.getByRole('article', { name: 'Many' })).toBeVisible();
    await expect(figure(page, 'Units sold').first()).toHaveText(/\d/);
    await expect(page.getByText('People connected', { exact: true })).toBeHidden();
    await expect(page.getByRole('link', { name: 'Sign in as an admin' })).toBeVisible();
  });

  test('marks its numbers as old when the connection is lost', async () => {
    const page = await shop.visit('/dashboard', { user: await shop.createUser('admin') });
    await expect(page.getByRole('article', { name: 'Many' })).toBeVisible();
    await expect(page.getByRole('status').filter({ hasText: 'Live updates' })).toHaveText('Live updates: Live');
    await page.context().setOffline(true);
    await expect(page.getByRole('region', { name: 'All drops' })).toContainText('Connection lost');
    await page.context().setOffline(false);
    await expect(page.getByRole('region', { name: 'All drops' })).not.toContainText('Connection lost');
  });
});
