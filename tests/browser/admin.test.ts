import { afterAll, afterEach, beforeAll, describe, test } from 'vitest';
import { startShop, type Shop } from '../helpers/shop.js';
import { expect } from '../helpers/windows.js';

let shop: Shop;

beforeAll(async () => {
  shop = await startShop();
});
afterEach(() => shop.windows.closeAll());
afterAll(() => shop.close());

describe('an admin', () => {
  test('creates a drop that appears in another window and can be reserved there', async () => {
    const buyer = await shop.visit('/', { user: await shop.createUser() });
    await expect(buyer.getByRole('heading', { name: 'No drops yet' })).toBeVisible();
    const page = await shop.visit('/admin', { user: await shop.createUser('admin') });

    await page.getByRole('textbox', { name: 'Name' }).fill('Brass whistle');
    await page.getByRole('textbox', { name: 'Price' }).fill('12.50');
    await page.getByRole('spinbutton', { name: 'Units', exact: true }).fill('40');
    await page.getByRole('spinbutton', { name: 'Limit per customer' }).fill('2');
    await page.getByRole('button', { name: 'sneaker' }).click();
    await page.getByRole('button', { name: 'Create the drop' }).click();

    await expect(page.getByRole('status', { name: 'Notices' })).toContainText('Brass whistle');
    const row = page.getByRole('row', { name: /Brass whistle/ });
    await expect(row).toContainText('of 40');
    const card = buyer.getByRole('article', { name: 'Brass whistle' });
    await expect(card).toContainText('40 left of 40');
    await expect(card).toContainText('$12.50');
    await expect(card.locator('img')).toHaveAttribute('src', /sneaker\.svg$/);

    await card.getByRole('button', { name: 'Reserve: Brass whistle' }).click();
    // Left, on hold, sold.
    await expect(row.getByRole('cell')).toContainText(['Live', '39', '1', '0']);
    await buyer.getByRole('button', { name: 'Buy now: Brass whistle' }).click();
    await expect(row.getByRole('cell')).toContainText(['Live', '39', '0', '1']);
  });

  test('sets the opening of a drop in the browser’s time zone', async () => {
    const buyer = await shop.visit('/?status=scheduled');
    const page = await shop.visit('/admin', { user: await shop.createUser('admin'), timezoneId: 'Asia/Kolkata' });
    await page.getByRole('textbox', { name: 'Name' }).fill('Evening star');
    await page.getByRole('textbox', { name: 'Price' }).fill('99');
    await page.getByRole('spinbutton', { name: 'Units', exact: true }).fill('5');
    await page.getByLabel('Opens').fill('2031-05-06T19:30');
    await page.getByRole('button', { name: 'Create the drop' }).click();

    const card = buyer.getByRole('article', { name: 'Evening star' });
    await expect(card.getByRole('timer')).toHaveText(/^\d+ d \d\d:\d\d:\d\d$/);
    await expect(card.getByRole('button', { name: 'Not open yet: Evening star' })).toHaveAttribute(
      'aria-disabled',
      'true',
    );
    const { rows } = await shop.database.query(`SELECT drop_starts_at FROM drops WHERE name = 'Evening star'`);
    expect(rows).toEqual([{ drop_starts_at: new Date('2031-05-06T14:00:00Z') }]);
  });

  test('sees validation errors at their fields', async () => {
    const page = await shop.visit('/admin', { user: await shop.createUser('admin') });
    await page.getByRole('textbox', { name: 'Name' }).fill('Bargain');
    await page.getByRole('textbox', { name: 'Price' }).fill('cheap');
    await page.getByRole('spinbutton', { name: 'Units', exact: true }).fill('5');
    await page.getByRole('button', { name: 'Create the drop' }).click();
    await expect(page.getByRole('textbox', { name: 'Price' })).toHaveAttribute('aria-invalid', 'true');
    await expect(page.getByRole('textbox', { name: 'Price' })).toBeFocused();
    await expect(page.getByRole('textbox', { name: 'Name' }), 'the other fields keep their values').toHaveValue(
      'Bargain',
    );
  });

  test('pauses a drop in the database, and every page shows it', async () => {
    const id = await shop.createDrop({ name: 'Spinning top' });
    const buyer = await shop.visit(`/drops/${id}`);
    const page = await shop.visit('/admin', { user: await shop.createUser('admin') });
    await expect(buyer.getByRole('button', { name: 'Reserve: Spinning top' })).toBeVisible();
    await expect(page.getByRole('row', { name: /Spinning top/ })).toContainText('Live');

    await shop.database.query('UPDATE drops SET paused_at = now() WHERE id = $1', [id]);

    await expect(buyer.getByRole('button', { name: 'Paused: Spinning top' })).toBeVisible();
    await expect(page.getByRole('row', { name: /Spinning top/ })).toContainText('Paused');
  });

  test('sees drafts, which others see when they are published', async () => {
    const admin = await shop.createUser('admin');
    const id = await shop.createDrop({ name: 'Wax seal', published_at: null });
    const buyer = await shop.visit('/?q=Wax+seal');
    await expect(buyer.getByRole('status').filter({ hasText: '0 drops' })).toBeVisible();
    const page = await shop.visit('/admin', { user: admin });
    const row = page.getByRole('row', { name: /Wax seal/ });
    await expect(row).toContainText('Draft');

    await shop.http.post(`/api/drops/${id}/publish`).auth(admin.token, { type: 'bearer' }).expect(200);

    await expect(row).toContainText('Live');
    await expect(buyer.getByRole('button', { name: 'Reserve: Wax seal' })).toBeVisible();
  });

  test('is the only role that sees the page', async () => {
    const page = await shop.visit('/admin', { user: await shop.createUser() });
    await expect(page.getByRole('heading', { name: 'Sign in as an admin' })).toBeVisible();
    await expect(page.getByRole('button', { name: 'Create the drop' })).toBeHidden();
  });
});
