import type { Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, test } from 'vitest';
import type { TestUser } from '../helpers/app.js';
import { startShop, type Shop } from '../helpers/shop.js';
import { expect } from '../helpers/windows.js';

let shop: Shop;
let admin: TestUser;

beforeAll(async () => {
  shop = await startShop();
  admin = await shop.createUser('admin');
});
afterEach(() => shop.windows.closeAll());
afterAll(() => shop.close());

const rows = (page: Page) => page.getByRole('row').filter({ has: page.getByRole('rowheader') });
const names = (page: Page) => page.getByRole('rowheader').getByRole('link');

describe('the list of drops for admins', () => {
  test('is searched, filtered and sorted, and its URL keeps that', async () => {
    await shop.createDrop({ name: 'Kite red', total_stock: 5 });
    await shop.createDrop({ name: 'Kite blue', total_stock: 30 });
    await shop.createDrop({ name: 'Kite green', total_stock: 20, published_at: null });
    const page = await shop.visit('/admin', { user: admin });
    await page.getByRole('searchbox', { name: 'Search by name' }).fill('KITE');
    await expect(names(page)).toHaveText(['Kite green', 'Kite blue', 'Kite red']);

    await page.getByRole('combobox', { name: 'Sort by' }).selectOption('Most left');
    await expect(names(page)).toHaveText(['Kite blue', 'Kite green', 'Kite red']);
    await page.getByRole('combobox', { name: 'Sort by' }).selectOption('Name');
    await expect(names(page)).toHaveText(['Kite blue', 'Kite green', 'Kite red']);

    const states = page.getByRole('navigation', { name: 'Filter by state' });
    await states.getByRole('link', { name: 'Live' }).click();
    await expect(names(page)).toHaveText(['Kite blue', 'Kite red']);
    await expect(page.getByRole('status').filter({ hasText: '2 drops' })).toBeVisible();
    await expect(page).toHaveURL(`${shop.url}/admin?status=live&q=KITE&sort=name`);
    await page.reload();
    await expect(names(page)).toHaveText(['Kite blue', 'Kite red']);
    await expect(page.getByRole('combobox', { name: 'Sort by' })).toHaveValue('name');

    await states.getByRole('link', { name: 'Draft' }).click();
    await expect(names(page)).toHaveText(['Kite green']);
    await page.getByRole('searchbox').fill('no such thing');
    await expect(page.getByRole('heading', { name: 'No drops found' })).toBeVisible();
    await page.getByRole('link', { name: 'Show all drops' }).click();
    await expect(page).toHaveURL(`${shop.url}/admin`);
    await expect(names(page).first()).toBeVisible();
  });

  test('follows the stock, and its rows lead to the page of a drop', async () => {
    const id = await shop.createDrop({ name: 'Brass whistle', total_stock: 40 });
    const page = await shop.visit('/admin?q=whistle', { user: admin });
    await expect(rows(page)).toHaveCount(1);
    const { body } = await shop.reserve(await shop.createUser(), id);
    // Left, on hold, sold.
    await expect(rows(page).getByRole('cell')).toContainText(['Live', '39', '1', '0']);
    await shop.expireHolds({ reservationId: body.data.reservation.id });
    await expect(rows(page).getByRole('cell')).toContainText(['Live', '40', '0', '0']);

    // The whole row is the target of its link.
    await rows(page).getByText('Live').click({ force: true });
    await expect(page).toHaveURL(`${shop.url}/admin/drops/${id}`);
    await page.goBack();
    await expect(page).toHaveURL(`${shop.url}/admin?q=whistle`);
  });

  test('shows a drop that was created on another page, and one that was paused in the database', async () => {
    const page = await shop.visit('/admin', { user: admin });
    await expect(page.getByRole('status').filter({ hasText: 'Live updates' })).toHaveText('Live updates: Live');
    const drop = { name: 'Spinning top', price: '3.00', totalStock: 2 };
    await shop.http.post('/api/drops').auth(admin.token, { type: 'bearer' }).send(drop).expect(201);
    const row = page.getByRole('row', { name: /Spinning top/ });
    await expect(row).toContainText('Live');

    await shop.database.query(`UPDATE drops SET paused_at = now() WHERE name = 'Spinning top'`);
    await expect(row).toContainText('Paused');
  });

  test('shows drafts, which others see when they are published', async () => {
    const id = await shop.createDrop({ name: 'Wax seal', published_at: null });
    const buyer = await shop.visit('/?q=Wax+seal');
    await expect(buyer.getByRole('status').filter({ hasText: '0 drops' })).toBeVisible();
    const page = await shop.visit('/admin', { user: admin });
    const row = page.getByRole('row', { name: /Wax seal/ });
    await expect(row).toContainText('Draft');

    await shop.http.post(`/api/drops/${id}/publish`).auth(admin.token, { type: 'bearer' }).expect(200);

    await expect(row).toContainText('Live');
    await expect(buyer.getByRole('button', { name: 'Sign in to reserve: Wax seal' })).toBeVisible();
  });

  test.each(['/admin', '/admin/new'])('%s is only for admins', async (path) => {
    const page = await shop.visit(path, { user: await shop.createUser() });
    await expect(page.getByRole('heading', { name: 'Sign in as an admin' })).toBeVisible();
    await expect(page.getByRole('table')).toBeHidden();
    await expect(page.getByRole('textbox', { name: 'Price' })).toBeHidden();
  });
});
