import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, test } from 'vitest';
import type { TestUser } from '../helpers/app.js';
import { startShop, type Shop } from '../helpers/shop.js';
import { expect } from '../helpers/windows.js';

const PHONE = { viewport: { width: 390, height: 664 }, isMobile: true, hasTouch: true };

let shop: Shop;
let admin: TestUser;

beforeAll(async () => {
  // Reservations do not expire during a test.
  shop = await startShop({ RESERVATION_TTL_SECONDS: '900' });
  admin = await shop.createUser('admin');
});
afterEach(() => shop.windows.closeAll());
afterAll(() => shop.close());

const notices = (page: Page) => page.getByRole('status', { name: 'Notices' });
const panel = (page: Page, name: string) => page.getByRole('region', { name, exact: true });
const openPage = (id: string, query = '') => shop.visit(`/admin/drops/${id}${query}`, { user: admin });

async function hold(user: TestUser, dropId: string): Promise<string> {
  const { body } = await shop.reserve(user, dropId).expect(201);
  return body.data.reservation.id;
}

async function buy(user: TestUser, dropId: string): Promise<void> {
  await shop.purchase(user, await hold(user, dropId)).expect(201);
}

/** Changes the stock with the form of the page. */
async function changeStock(page: Page, units: string, reason: string, button: string): Promise<void> {
  await page.getByRole('spinbutton', { name: 'Units', exact: true }).fill(units);
  await panel(page, 'Stock').getByRole('textbox', { name: 'Reason' }).fill(reason);
  await page.getByRole('button', { name: button }).click();
}

/** The lines of the file that this button saves, without their ends. */
async function exported(page: Page, button: string): Promise<{ name: string; lines: string[] }> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: button }).click(),
  ]);
  const text = await readFile(await download.path(), 'utf8');
  return { name: download.suggestedFilename(), lines: text.trimEnd().split('\r\n') };
}

describe('the stock', () => {
  test('changes on every page at once, and the history says what, why and by whom', async () => {
    const id = await shop.createDrop({ name: 'Tin drum', total_stock: 10 });
    const buyer = await shop.visit(`/drops/${id}`);
    const page = await openPage(id, '?list=history');
    const history = page.getByRole('list', { name: 'History' }).getByRole('listitem');
    await expect(history).toHaveCount(1);
    await expect(history).toContainText('Created with 10 units');

    await changeStock(page, '5', 'A second delivery', 'Put on sale');

    await expect(notices(page)).toContainText('5 units put on sale: Tin drum');
    await expect(buyer.getByRole('article')).toContainText('15 left of 15');
    await expect(panel(page, 'Stock')).toContainText('15 units in total');
    await expect(history.first()).toContainText('5 put on sale');
    await expect(history.first()).toContainText('“A second delivery”');
    await expect(history.first()).toContainText(admin.username);
    await expect(history.first()).toContainText('15 left, 0 on hold, 0 sold');
    await expect(page.getByRole('spinbutton', { name: 'Units', exact: true }), 'the form is empty again').toHaveValue(
      '',
    );

    await changeStock(page, '1', '', 'Take off sale');
    await expect(buyer.getByRole('article')).toContainText('14 left of 14');
    await expect(history.first()).toContainText('1 taken off sale');
    expect(await shop.mismatches()).toEqual([]);
  });

  test('is not taken below what is held and sold, and the page says what is possible', async () => {
    const id = await shop.createDrop({ name: 'Tin soldier', total_stock: 3 });
    const [holder, customer] = (await shop.createUsers(2)) as [TestUser, TestUser];
    await hold(holder, id);
    await buy(customer, id);
    const page = await openPage(id);
    const alert = panel(page, 'Stock').getByRole('alert');

    await changeStock(page, '2', 'Damaged', 'Take off sale');
    await expect(alert).toContainText('At most 1 can be taken off sale.');
    await expect(page.getByRole('spinbutton', { name: 'Units', exact: true }), 'the form is kept').toHaveValue('2');
    await changeStock(page, '1', 'Damaged', 'Take off sale');
    await expect(panel(page, 'Stock')).toContainText('2 units in total');
    await expect(alert).toBeEmpty();
    await changeStock(page, '1', 'Damaged', 'Take off sale');
    await expect(alert).toContainText('No unit can be taken off sale.');
    await changeStock(page, '', '', 'Put on sale');
    await expect(page.getByRole('spinbutton', { name: 'Units', exact: true })).toHaveAttribute('aria-invalid', 'true');
    expect(await shop.mismatches()).toEqual([]);
  });

  test('is changed without a mouse', async () => {
    const id = await shop.createDrop({ name: 'Tin whistle', total_stock: 10 });
    const page = await openPage(id);
    await page.getByRole('spinbutton', { name: 'Units', exact: true }).focus();
    await page.keyboard.type('7');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Found in the cellar');
    await page.keyboard.press('Enter');
    await expect(panel(page, 'Stock')).toContainText('17 units in total');
  });

  test('of a drop that was cancelled has no form', async () => {
    const id = await shop.createDrop({ name: 'Tin cup' });
    const page = await openPage(id);
    await expect(page.getByRole('button', { name: 'Put on sale' })).toBeVisible();
    await shop.http.post(`/api/drops/${id}/cancel`).auth(admin.token, { type: 'bearer' }).send({}).expect(200);
    await expect(panel(page, 'Stock')).toContainText('The stock of a cancelled drop cannot be changed.');
    await expect(page.getByRole('button', { name: 'Put on sale' })).toHaveCount(0);
  });
});

describe('the history', () => {
  test('has pages, with the newest change first, and is exported whole', async () => {
    const id = await shop.createDrop({ name: 'Long story', total_stock: 100 });
    for (let units = 1; units <= 24; units += 1) {
      const body = { delta: units, reason: `Delivery ${units}` };
      await shop.http.post(`/api/drops/${id}/stock`).auth(admin.token, { type: 'bearer' }).send(body).expect(200);
    }
    const page = await openPage(id, '?list=history');
    const history = page.getByRole('list', { name: 'History' }).getByRole('listitem');
    await expect(history).toHaveCount(20);
    await expect(history.first()).toContainText('Delivery 24');
    await page.getByRole('link', { name: 'Next' }).click();
    await expect(history).toHaveCount(5);
    await expect(history.last()).toContainText('Created with 100 units');
    await page.reload();
    await expect(history.last()).toContainText('Created with 100 units');

    const { name, lines } = await exported(page, 'Export CSV: history');
    expect(name).toBe('Long story history.csv');
    expect(lines).toHaveLength(26);
    expect(lines[0]).toContain('reason');
    expect(lines.at(-1)).toContain('"Delivery 24"');
    await expect(notices(page)).toContainText('Exported as CSV');
  });
});

describe('reservations', () => {
  test('are released after a confirmation, as their owner sees at once', async () => {
    const id = await shop.createDrop({ name: 'Music box', total_stock: 1 });
    const [owner, next] = (await shop.createUsers(2)) as [TestUser, TestUser];
    await hold(owner, id);
    const owned = await shop.visit(`/drops/${id}`, { user: owner });
    await expect(owned.getByRole('button', { name: 'Buy now: Music box' })).toBeVisible();
    const page = await openPage(id);
    const row = page.getByRole('list', { name: 'Reservations' }).getByRole('listitem');
    await expect(row).toContainText(owner.username);
    await expect(row).toContainText(owner.email);
    await expect(row.getByRole('timer')).toHaveText(/^1?\d:\d\d$/);

    const release = row.getByRole('button', { name: `Release the reservation of ${owner.username}` });
    await release.click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Go back' }).click();
    await expect(dialog).toHaveCount(0);
    await expect(release, 'nothing was released').toBeFocused();
    await page.keyboard.press('Enter');
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('Asked for by phone');
    await dialog.getByRole('button', { name: 'Release' }).click();

    await expect(notices(page)).toContainText(`Reservation of ${owner.username} released`);
    await expect(notices(owned)).toContainText('Your hold was released: Music box');
    await expect(owned.getByRole('button', { name: 'Reserve: Music box' })).toBeVisible();
    await expect(page.getByText('No active holds')).toBeVisible();
    await hold(next, id);
    await expect(row).toContainText(next.username);

    await page.getByRole('link', { name: 'History', exact: true }).click();
    const change = page.getByRole('listitem').filter({ hasText: '1 released' });
    await expect(change).toContainText('“Asked for by phone”');
    await expect(change).toContainText(admin.username);
    expect(await shop.mismatches()).toEqual([]);
  });

  test('that have ended meanwhile are not released, and the page says so', async () => {
    const id = await shop.createDrop({ name: 'Snow globe', total_stock: 1 });
    const owner = await shop.createUser();
    const reservation = await hold(owner, id);
    const page = await openPage(id);
    await page.getByRole('button', { name: /^Release/ }).click();
    await shop.purchase(owner, reservation).expect(201);
    await page.getByRole('dialog').getByRole('button', { name: 'Release' }).click();
    await expect(page.getByRole('dialog').getByRole('alert')).toContainText('It is over.');
    await page.keyboard.press('Escape');
    await expect(page.getByText('No active holds')).toBeVisible();
  });

  test('are found by name, e-mail and state, and exported', async () => {
    const id = await shop.createDrop({ name: 'Paper crane', total_stock: 30 });
    const [first, second, third] = (await shop.createUsers(3)) as [TestUser, TestUser, TestUser];
    await hold(first, id);
    await hold(second, id);
    await buy(third, id);
    const page = await openPage(id);
    const rows = page.getByRole('list', { name: 'Reservations' }).getByRole('listitem');
    await expect(rows).toHaveCount(2);
    await expect(rows.first(), 'the newest first').toContainText(second.username);

    const search = page.getByRole('searchbox', { name: 'Name or email' });
    await search.fill(first.email.toUpperCase());
    await expect(rows).toHaveCount(1);
    await expect(rows).toContainText(first.username);
    const { name, lines } = await exported(page, 'Export CSV: reservations');
    expect(name).toBe('Paper crane reservations.csv');
    expect(lines).toHaveLength(2);
    expect(lines[1]).toContain(first.email);

    await search.fill('no-customer-has-this-name');
    await expect(page.getByText('No customers found. Try another name or state.')).toBeVisible();
    await search.fill('');
    await page.getByRole('link', { name: 'Bought' }).click();
    await expect(rows).toHaveCount(1);
    await expect(rows).toContainText(third.username);
    await page.reload();
    await expect(rows, 'the URL contains the filter').toContainText(third.username);
    await page.getByRole('navigation', { name: 'Filter by state' }).getByRole('link', { name: 'All' }).click();
    await expect(rows).toHaveCount(3);
  });
});

test('buyers are listed while they buy, found, and exported', async () => {
  const id = await shop.createDrop({ name: 'Kite', price: '12.50', total_stock: 30 });
  const users = await shop.createUsers(22);
  const page = await openPage(id, '?list=buyers');
  await expect(page.getByText('Nothing sold yet')).toBeVisible();
  for (const user of users) await buy(user, id);
  const rows = page.getByRole('list', { name: 'Buyers' }).getByRole('listitem');
  const newest = users.at(-1) as TestUser;
  const oldest = users[0] as TestUser;
  await expect(rows.first()).toContainText(newest.username);
  await expect(rows).toHaveCount(20);
  await expect(rows.first()).toContainText('$12.50');
  await page.getByRole('link', { name: 'Next' }).click();
  await expect(rows).toHaveCount(2);
  await expect(rows.last()).toContainText(oldest.username);
  await page.getByRole('searchbox', { name: 'Name or email' }).fill(newest.username);
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText(newest.email);
  await page.getByRole('searchbox', { name: 'Name or email' }).fill('');
  await expect(rows).toHaveCount(20);
  const { lines } = await exported(page, 'Export CSV: buyers');
  expect(lines).toHaveLength(23);
  for (const { email } of users) expect(lines.filter((line) => line.includes(email))).toHaveLength(1);
});

test('the figures follow what happened', async () => {
  const id = await shop.createDrop({ name: 'Yo-yo', price: '12.50', total_stock: 3 });
  const users = (await shop.createUsers(4)) as [TestUser, TestUser, TestUser, TestUser];
  const page = await openPage(id);
  const figures = panel(page, 'Figures');
  await expect(figures).toContainText('No reservation was refused.');
  const [first, second, third, fourth] = users;
  await buy(first, id);
  await buy(second, id);
  const reservation = await hold(third, id);
  for (let attempt = 0; attempt < 3; attempt += 1) await shop.reserve(fourth, id).expect(409);
  await shop.reserve(third, id).expect(409);
  await shop.release(third, reservation).expect(200);

  const figure = (name: string) => figures.locator('dl > div').filter({ has: page.getByText(name, { exact: true }) });
  await expect(figure('Revenue')).toContainText('$25');
  await expect(figure('Revenue')).toContainText('2 sold');
  await expect(figure('Conversion')).toContainText('67 %');
  await expect(figure('Conversion')).toContainText('2 of 3 holds');
  await expect(figure('Attempts')).toContainText('7');
  await expect(figure('Sold out')).toContainText('3');
  await expect(figure('Already in their cart')).toContainText('1');
});

describe('access', () => {
  test('is for admins, also to a drop that does not exist', async () => {
    const id = await shop.createDrop({ name: 'Private matter' });
    const page = await shop.visit(`/admin/drops/${id}`, { user: await shop.createUser() });
    await expect(page.getByRole('heading', { name: 'Sign in as an admin' })).toBeVisible();
    await expect(page.getByText('Private matter')).toHaveCount(0);
    const unknown = await openPage('00000000-0000-4000-8000-000000000000');
    await expect(unknown.getByRole('heading', { name: 'This drop was not found' })).toBeVisible();
  });

  test('draws no numbers as current without a connection', async () => {
    const id = await shop.createDrop({ name: 'Cut off', total_stock: 10 });
    const page = await openPage(id);
    await expect(panel(page, 'Stock')).toContainText('10 units in total');
    await page.context().setOffline(true);
    await expect(panel(page, 'Stock')).toContainText('Connection lost · of 10 (last known)');
    await expect(page.getByText('Was live').first()).toBeVisible();
    await changeStock(page, '5', '', 'Put on sale');
    await expect(panel(page, 'Stock').getByRole('alert')).toContainText(
      'It is not certain whether the stock was changed',
    );
    await page.context().setOffline(false);
    await page.getByRole('button', { name: 'Put on sale' }).click();
    await expect(panel(page, 'Stock')).toContainText('15 units in total');
  });
});

test('everything is reachable with a thumb', async () => {
  const id = await shop.createDrop({ name: 'Pocket watch', total_stock: 10 });
  const page = await shop.visit(`/admin/drops/${id}`, { ...PHONE, user: admin });
  const sections = page.getByRole('navigation', { name: 'Sections of this page' });
  for (const [link, name] of [
    ['Figures', 'Figures'],
    ['Lists', 'Reservations'],
    ['State', 'State'],
    ['Stock', 'Stock'],
  ] as const) {
    await sections.getByRole('link', { name: link }).tap();
    await expect(panel(page, name)).toBeInViewport();
  }
  const unitsField = page.getByRole('spinbutton', { name: 'Units', exact: true });
  const addButton = page.getByRole('button', { name: 'Put on sale' });
  for (const control of [unitsField, addButton]) await expect(control).toBeInViewport({ ratio: 1 });
  await unitsField.fill('3');
  await addButton.tap();
  await expect(panel(page, 'Stock')).toContainText('13 units in total');
  await page.getByRole('contentinfo').getByRole('link').last().tap({ trial: true });
});
