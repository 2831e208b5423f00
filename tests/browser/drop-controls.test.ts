import type { Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, test } from 'vitest';
import type { TestUser } from '../helpers/app.js';
import { expectBought, startShop, type Shop } from '../helpers/shop.js';
import { expect } from '../helpers/windows.js';

let shop: Shop;
let admin: TestUser;

beforeAll(async () => {
  shop = await startShop();
  admin = await shop.createUser('admin');
});
afterEach(() => shop.windows.closeAll());
afterAll(() => shop.close());

const state = (page: Page) => page.getByRole('region', { name: 'State' });
const control = (page: Page, name: string) => state(page).getByRole('button', { name, exact: true });
const dialog = (page: Page) => page.getByRole('dialog');
const confirm = (page: Page, name: string) => dialog(page).getByRole('button', { name, exact: true });
const act = (id: string, action: string) =>
  shop.http.post(`/api/drops/${id}/${action}`).auth(admin.token, { type: 'bearer' }).expect(200);

async function reasons(id: string): Promise<unknown[]> {
  const { rows } = await shop.database.query<{ reason: string | null }>(
    'SELECT reason FROM stock_movements WHERE drop_id = $1 AND reason IS NOT NULL ORDER BY version',
    [id],
  );
  return rows.map(({ reason }) => reason);
}

describe('the controls of a drop', () => {
  test('pause and resume it on every open page, with a reason for the history', async () => {
    const id = await shop.createDrop({ name: 'Spinning top' });
    const buyer = await shop.visit(`/drops/${id}`);
    const other = await shop.visit('/admin?q=spinning', { user: admin });
    const page = await shop.visit(`/admin/drops/${id}`, { user: admin });
    await control(page, 'Pause').click();
    await expect(dialog(page)).toContainText('No unit can be reserved until you resume the sale.');
    await dialog(page).getByRole('textbox', { name: 'Reason' }).fill('A truck is late');
    await confirm(page, 'Pause').click();

    await expect(dialog(page)).toBeHidden();
    await expect(buyer.getByRole('button', { name: 'Paused: Spinning top' })).toBeVisible();
    await expect(other.getByRole('row', { name: /Spinning top/ })).toContainText('Paused');
    await expect(state(page)).toContainText('No unit can be reserved.');
    await expect(control(page, 'Pause')).toBeHidden();
    // The pressed button has become the next action, and has kept the focus.
    await expect(control(page, 'Resume')).toBeFocused();
    expect(await reasons(id)).toEqual(['A truck is late']);

    await control(page, 'Resume').click();
    await confirm(page, 'Resume').click();
    await expect(buyer.getByRole('button', { name: 'Sign in to reserve: Spinning top' })).toBeVisible();
  });

  test('end it, and what is on hold can still be bought', async () => {
    const id = await shop.createDrop({ name: 'Last call' });
    const user = await shop.createUser();
    const buyer = await shop.visit(`/drops/${id}`, { user });
    await buyer.getByRole('button', { name: 'Reserve: Last call' }).click();
    const page = await shop.visit(`/admin/drops/${id}`, { user: admin });
    await control(page, 'End').click();
    await confirm(page, 'End').click();
    await expect(state(page)).toContainText('The sale is over.');
    await expect(control(page, 'Pause')).toBeHidden();
    await expect(control(page, 'Cancel drop')).toBeFocused();
    await buyer.getByRole('button', { name: 'Buy now: Last call' }).click();
    await expectBought(buyer, 'Last call');
  });

  test('cancel it when its name is typed, and the owners of reservations are notified', async () => {
    const id = await shop.createDrop({ name: 'Glass Harp' });
    const buyer = await shop.visit(`/drops/${id}`, { user: await shop.createUser() });
    await buyer.getByRole('button', { name: 'Reserve: Glass Harp' }).click();
    const page = await shop.visit(`/admin/drops/${id}`, { user: admin });
    await expect(state(page)).toContainText('Buyers can reserve it.');
    await control(page, 'Cancel drop').click();
    const name = dialog(page).getByRole('textbox', { name: 'Name of the drop' });
    await expect(name).toBeFocused();
    await expect(dialog(page)).toContainText('This cannot be undone.');
    await expect(confirm(page, 'Cancel drop')).toBeDisabled();
    await name.fill('Glass harmonica');
    await expect(confirm(page, 'Cancel drop')).toBeDisabled();
    await name.fill(' glass harp');
    await confirm(page, 'Cancel drop').click();

    await expect(state(page)).toContainText('It is cancelled for good.');
    await expect(state(page).getByRole('button')).toHaveCount(0);
    await expect(buyer.getByRole('status', { name: 'Notices' })).toContainText('The drop was cancelled');
    await expect(buyer.getByRole('button', { name: 'Cancelled: Glass Harp', exact: true })).toBeVisible();
  });

  test('show a refusal in plain words, and what the state allows now', async () => {
    const id = await shop.createDrop({ name: 'Two hands' });
    const page = await shop.visit(`/admin/drops/${id}`, { user: admin });
    await control(page, 'Pause').click();
    await act(id, 'cancel');
    await expect(state(page)).toContainText('It is cancelled for good.');
    await confirm(page, 'Pause').click();
    await expect(dialog(page).getByRole('alert')).toContainText(
      'Not possible in this state. This drop cannot be paused: it was cancelled.',
    );
    await confirm(page, 'Go back').click();
    await expect(dialog(page)).toBeHidden();
    await expect(state(page).getByRole('button')).toHaveCount(0);
  });

  test.each([
    ['a draft', { published_at: null }, ['Publish']],
    ['upcoming', { drop_starts_at: '2031-01-01T00:00:00Z' }, ['Pause', 'Cancel drop']],
    ['live', {}, ['Pause', 'End', 'Cancel drop']],
    [
      'paused before its start',
      { drop_starts_at: '2031-01-01T00:00:00Z', paused_at: new Date() },
      ['Resume', 'Cancel drop'],
    ],
    ['paused', { paused_at: new Date() }, ['Resume', 'End', 'Cancel drop']],
    ['cancelled', { cancelled_at: new Date() }, []],
  ])('offer what is possible with a drop that is %s', async (_, columns, labels) => {
    const id = await shop.createDrop({ name: 'Any', ...columns });
    const page = await shop.visit(`/admin/drops/${id}`, { user: admin });
    await expect(state(page)).toBeVisible();
    await expect(state(page).getByRole('button')).toHaveText(labels);
  });

  test('are used with the keyboard only', async () => {
    const id = await shop.createDrop({ name: 'Typewriter' });
    const page = await shop.visit(`/admin/drops/${id}`, { user: admin });
    await control(page, 'Pause').focus();
    await page.keyboard.press('Enter');
    await expect(confirm(page, 'Pause')).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(dialog(page)).toBeHidden();
    await expect(control(page, 'Pause')).toBeFocused();

    await page.keyboard.press('Enter');
    await expect(confirm(page, 'Pause')).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(control(page, 'Resume')).toBeFocused();

    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await expect(control(page, 'Cancel drop')).toBeFocused();
    await page.keyboard.press('Enter');
    await page.keyboard.type('Typewriter');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Not needed');
    await page.keyboard.press('Enter');
    await expect(state(page)).toContainText('It is cancelled for good.');
    expect(await reasons(id)).toEqual(['Not needed']);
  });

  test('fit on a phone, where the dialog is within reach of the thumb', async () => {
    const id = await shop.createDrop({ name: 'Pocket organ' });
    const options = { viewport: { width: 390, height: 664 }, isMobile: true, hasTouch: true };
    const page = await shop.visit(`/admin/drops/${id}`, { ...options, user: admin });
    await control(page, 'Cancel drop').tap();
    const box = await dialog(page).boundingBox();
    expect(box?.width).toBeLessThanOrEqual(390);
    for (const name of ['Go back', 'Cancel drop']) await expect(confirm(page, name)).toBeInViewport({ ratio: 1 });
    await dialog(page).getByRole('textbox', { name: 'Name of the drop' }).fill('Pocket organ');
    await confirm(page, 'Cancel drop').tap();
    await expect(state(page)).toContainText('It is cancelled for good.');
  });
});
