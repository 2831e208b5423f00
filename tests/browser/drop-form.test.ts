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

const text = (page: Page, name: string) => page.getByRole('textbox', { name, exact: true });
const number = (page: Page, name: string) => page.getByRole('spinbutton', { name, exact: true });
const notices = (page: Page) => page.getByRole('status', { name: 'Notices' });

async function fillIn(page: Page, { name, price, units }: { name: string; price: string; units: string }) {
  await text(page, 'Name').fill(name);
  await text(page, 'Price').fill(price);
  await number(page, 'Units').fill(units);
}

describe('a new drop', () => {
  test('appears in another window when it is published, and can be reserved there', async () => {
    const buyer = await shop.visit('/', { user: await shop.createUser() });
    await expect(buyer.getByRole('heading', { name: 'No drops yet' })).toBeVisible();
    const page = await shop.visit('/admin', { user: admin });
    await page.getByRole('link', { name: 'New drop' }).first().click();

    await fillIn(page, { name: 'Brass whistle', price: '12.50', units: '40' });
    await number(page, 'Limit per person').fill('2');
    await page.getByRole('combobox', { name: 'Currency' }).selectOption('EUR');
    await text(page, 'Description').fill('Solid brass.\n\nLoud <b>enough</b>.');
    await page.getByRole('button', { name: 'sneaker' }).click();
    await page.getByRole('button', { name: 'Publish the drop' }).click();

    await expect(notices(page)).toContainText('Drop created.');
    await expect(page).toHaveURL(/\/admin\/drops\/[^/]+$/);
    await expect(page.getByRole('heading', { level: 1, name: 'Brass whistle' })).toBeFocused();
    const card = buyer.getByRole('article', { name: 'Brass whistle' });
    await expect(card).toContainText('40 left of 40');
    await expect(card).toContainText('12.50');
    await expect(card.locator('img')).toHaveAttribute('src', /sneaker\.svg$/);
    await card.getByRole('button', { name: 'Reserve: Brass whistle' }).click();
    await expect(buyer.getByRole('button', { name: 'Buy now: Brass whistle' })).toBeVisible();
    await notices(page).getByRole('link', { name: 'View it' }).click();
    await expect(page.getByRole('heading', { name: 'About this drop' })).toBeVisible();
    await expect(page.getByText('Solid brass.', { exact: true })).toBeVisible();
    await expect(page.getByText('Loud <b>enough</b>.', { exact: true })).toBeVisible();
    const { rows } = await shop.database.query(`SELECT currency, description FROM drops WHERE name = 'Brass whistle'`);
    expect(rows).toEqual([{ currency: 'EUR', description: 'Solid brass.\n\nLoud <b>enough</b>.' }]);
  });

  test('is previewed as buyers will see it', async () => {
    const page = await shop.visit('/admin/new', { user: admin });
    await fillIn(page, { name: 'Looking glass', price: '31.50', units: '1200' });
    await text(page, 'Description').fill('Silver-backed.');
    await page.getByRole('button', { name: 'lamp' }).click();
    // Inert: it has no controls, and assistive technologies leave it out, because the form has the same content.
    const preview = page.locator('[inert] article');
    await expect(preview).toContainText('Looking glass');
    await expect(preview).toContainText('$31.50');
    await expect(preview).toContainText('left of 1,200');
    await expect(preview).toContainText('Reserve');
    await expect(preview.locator('img')).toHaveAttribute('src', '/images/lamp.svg');
    await expect(page.locator('[inert]')).toContainText('Silver-backed.');
    await text(page, 'Start').fill('2031-05-06T19:30');
    await expect(preview).toContainText('Upcoming');
    await expect(preview.getByText(/^Opens in \d+ d /)).toHaveCount(2);
  });

  test('opens at a time of the browser’s time zone', async () => {
    const buyer = await shop.visit('/?status=scheduled');
    const page = await shop.visit('/admin/new', { user: admin, timezoneId: 'Asia/Kolkata' });
    await fillIn(page, { name: 'Evening star', price: '99', units: '5' });
    await text(page, 'Start').fill('2031-05-06T19:30');
    await page.getByRole('button', { name: 'Publish the drop' }).click();

    const card = buyer.getByRole('article', { name: 'Evening star' });
    await expect(card.getByRole('timer')).toHaveText(/^Opens in \d+ d \d\d:\d\d:\d\d$/);
    await expect(card.getByRole('button', { name: /^Opens in .*: Evening star$/ })).toHaveAttribute(
      'aria-disabled',
      'true',
    );
    const { rows } = await shop.database.query(`SELECT drop_starts_at FROM drops WHERE name = 'Evening star'`);
    expect(rows).toEqual([{ drop_starts_at: new Date('2031-05-06T14:00:00Z') }]);
  });

  test('is refused at the fields that are wrong, and keeps the others', async () => {
    const page = await shop.visit('/admin/new', { user: admin });
    await fillIn(page, { name: 'Bargain', price: 'cheap', units: '5' });
    await page.getByRole('button', { name: 'Publish the drop' }).click();
    await expect(text(page, 'Price')).toHaveAttribute('aria-invalid', 'true');
    await expect(text(page, 'Price')).toBeFocused();
    await expect(text(page, 'Price')).toHaveAccessibleDescription(/^Price must be an amount from 0 to 1000000/);
    await expect(text(page, 'Name'), 'the other fields keep their values').toHaveValue('Bargain');
  });

  test('is a draft that only admins see, until one of them publishes it', async () => {
    const buyer = await shop.visit('/?q=Sealed', { user: await shop.createUser() });
    const page = await shop.visit('/admin/new', { user: admin });
    await fillIn(page, { name: 'Sealed letter', price: '8', units: '3' });
    await page.getByRole('radio', { name: /^Keep it as a draft/ }).check();
    await page.getByRole('button', { name: 'Save the draft' }).click();
    await expect(notices(page)).toContainText('Drop saved as a draft.');
    const state = page.getByRole('region', { name: 'State' });
    await expect(state).toContainText('Only admins see it.');
    await expect(buyer.getByRole('heading', { name: 'No drops found' })).toBeVisible();

    await state.getByRole('button', { name: 'Publish' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Publish' }).click();
    await expect(state).toContainText('Buyers can reserve it.');
    await expect(buyer.getByRole('button', { name: 'Reserve: Sealed letter' })).toBeVisible();
  });

  test('that is not saved survives a reload and another page, until it is discarded', async () => {
    const page = await shop.visit('/admin/new', { user: admin });
    await text(page, 'Name').fill('Half a thought');
    await page.getByRole('radio', { name: /^Keep it as a draft/ }).check();
    await page.reload();
    await expect(text(page, 'Name')).toHaveValue('Half a thought');
    await page.getByRole('link', { name: 'Drops', exact: true }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Drops' })).toBeVisible();
    await page.goBack();
    await expect(text(page, 'Name')).toHaveValue('Half a thought');
    await expect(page.getByRole('radio', { name: /^Keep it as a draft/ })).toBeChecked();
    await page.getByRole('button', { name: 'Start again' }).click();
    await expect(text(page, 'Name')).toHaveValue('');
    await page.reload();
    await expect(text(page, 'Name')).toHaveValue('');
  });

  test('is a copy of another drop, without its times', async () => {
    const id = await shop.createDrop({
      name: 'Original',
      price: '45.00',
      currency: 'GBP',
      description: 'The first',
      total_stock: 7,
      limit_per_user: 2,
      hold_seconds: 120,
      image_url: '/images/watch.svg',
      drop_ends_at: '2031-01-01T00:00:00Z',
    });
    const page = await shop.visit(`/admin/drops/${id}`, { user: admin });
    await page.getByRole('link', { name: 'Duplicate' }).click();
    await expect(text(page, 'Name')).toHaveValue('Copy of Original');
    await expect(number(page, 'Units')).toHaveValue('7');
    await expect(text(page, 'Start')).toHaveValue('');
    await expect(text(page, 'End')).toHaveValue('');
    await page.getByRole('button', { name: 'Publish the drop' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Copy of Original' })).toBeVisible();
    const { rows } = await shop.database.query(
      `SELECT price::text, currency, description, total_stock, limit_per_user, hold_seconds, image_url, drop_ends_at FROM drops WHERE name = 'Copy of Original'`,
    );
    expect(rows).toEqual([
      {
        price: '45.00',
        currency: 'GBP',
        description: 'The first',
        total_stock: 7,
        limit_per_user: 2,
        hold_seconds: 120,
        image_url: '/images/watch.svg',
        drop_ends_at: null,
      },
    ]);
  });
});

describe('the details of a drop', () => {
  const change = (id: string, body: object) =>
    shop.http.patch(`/api/drops/${id}`).auth(admin.token, { type: 'bearer' }).send(body).expect(200);

  test('are edited in place; a refusal is shown at its field, and what another admin changes meanwhile stays', async () => {
    const id = await shop.createDrop({ name: 'Music box', price: '20.00', total_stock: 9 });
    const buyer = await shop.visit(`/drops/${id}`);
    const page = await shop.visit(`/admin/drops/${id}`, { user: admin });
    const details = page.getByRole('region', { name: 'Details' });
    await details.getByRole('button', { name: 'Edit details' }).click();
    await expect(text(page, 'Name')).toBeFocused();
    await text(page, 'Name').fill('Music box, gilded');
    await text(page, 'End').fill('2020-01-01T10:00');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await expect(text(page, 'End')).toHaveAccessibleDescription('End must be after the start');
    await expect(text(page, 'End')).toBeFocused();

    await change(id, { price: '25.00', limitPerUser: 3 });
    await expect(text(page, 'Price'), 'a field without unsaved changes follows').toHaveValue('25.00');
    await expect(text(page, 'Name'), 'unsaved changes stay').toHaveValue('Music box, gilded');
    await expect(text(page, 'End')).toHaveValue('2020-01-01T10:00');

    await text(page, 'End').fill('2031-01-01T10:00');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await expect(notices(page)).toContainText('Your changes are saved');
    await expect(page.getByRole('heading', { level: 1, name: 'Music box, gilded' })).toBeVisible();
    await expect(details.getByRole('button', { name: 'Edit details' })).toBeFocused();
    await expect(details).toContainText('$25');
    await expect(details).toContainText('1 Jan 2031');
    await expect(buyer.getByRole('heading', { level: 1, name: 'Music box, gilded' })).toBeVisible();
    await expect(buyer.getByRole('article')).toContainText('$25');
  });

  test('say at a field that it was changed meanwhile, and survive a reload until they are discarded', async () => {
    const id = await shop.createDrop({ name: 'Tin drum', price: '20.00' });
    const page = await shop.visit(`/admin/drops/${id}`, { user: admin });
    await page.getByRole('button', { name: 'Edit details' }).click();
    await text(page, 'Price').fill('22.00');
    await page.reload();
    await expect(text(page, 'Price')).toHaveValue('22.00');
    await change(id, { price: '30.00' });
    await expect(text(page, 'Price')).toHaveAccessibleDescription('Changed meanwhile to “30.00”. Saving replaces it.');
    await expect(text(page, 'Price')).toHaveValue('22.00');
    await page.getByRole('button', { name: 'Discard changes' }).click();
    await expect(page.getByRole('region', { name: 'Details' })).toContainText('$30');
    await page.reload();
    await expect(page.getByRole('button', { name: 'Edit details' })).toBeVisible();
  });

  test('lose a value whose field is emptied', async () => {
    const id = await shop.createDrop({ name: 'Paper kite', limit_per_user: 2, drop_ends_at: '2031-01-01T00:00:00Z' });
    const page = await shop.visit(`/admin/drops/${id}`, { user: admin });
    const details = page.getByRole('region', { name: 'Details' });
    await expect(details).toContainText('1 Jan 2031');
    await details.getByRole('button', { name: 'Edit details' }).click();
    await number(page, 'Limit per person').fill('');
    await text(page, 'End').fill('');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await expect(details).toContainText('no limit');
    await expect(details).toContainText('never');
  });

  test('refuse another currency once a unit was reserved', async () => {
    const id = await shop.createDrop({ name: 'Gold coin' });
    await shop.reserve(await shop.createUser(), id);
    const page = await shop.visit(`/admin/drops/${id}`, { user: admin });
    await page.getByRole('button', { name: 'Edit details' }).click();
    await page.getByRole('combobox', { name: 'Currency' }).selectOption('EUR');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await expect(page.getByRole('form', { name: 'Details' }).getByRole('alert')).toContainText(
      'a unit of this drop was reserved or sold already',
    );
  });

  test('of a cancelled drop cannot be edited', async () => {
    const id = await shop.createDrop({ name: 'Lost cause', cancelled_at: new Date() });
    const page = await shop.visit(`/admin/drops/${id}`, { user: admin });
    await expect(page.getByRole('link', { name: 'Duplicate' })).toBeVisible();
    await expect(page.getByRole('button', { name: 'Edit details' })).toBeHidden();
  });
});
