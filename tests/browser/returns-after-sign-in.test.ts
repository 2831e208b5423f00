import type { Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, test } from 'vitest';
import { startShop, type Shop } from '../helpers/shop.js';
import { expect } from '../helpers/windows.js';

const ACCOUNT = { username: 'runner', email: 'runner@example.com', password: 'correct horse' };
/** A path with query and fragment. */
const FILTERED = '/?status=live&q=run#main';

let shop: Shop;

beforeAll(async () => {
  shop = await startShop();
  await shop.createDrop({ name: 'Running shoe' });
  await shop.http.post('/api/users/register').send(ACCOUNT).expect(201);
});
afterEach(() => shop.windows.closeAll());
afterAll(() => shop.close());

async function signIn(page: Page): Promise<void> {
  await page.getByRole('textbox', { name: 'Email' }).fill(ACCOUNT.email);
  await page.getByRole('textbox', { name: 'Password' }).fill(ACCOUNT.password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page.getByRole('button', { name: `Account of ${ACCOUNT.username}` })).toBeVisible();
}

describe('signing in returns to the previous URL, with query and fragment', () => {
  test('from the link in the header, also through the other form', async () => {
    const page = await shop.visit(FILTERED);
    await page.getByRole('banner').getByRole('link', { name: 'Sign in' }).click();
    await page.getByRole('link', { name: 'Create account' }).click();
    await page.getByRole('banner').getByRole('link', { name: 'Sign in' }).click();
    await signIn(page);
    await expect(page).toHaveURL(shop.url + FILTERED);
    await expect(page.getByRole('searchbox')).toHaveValue('run');
  });

  test('after the server has ended the session, from the notice and from the page', async () => {
    const user = await shop.createUser();
    const page = await shop.visit(FILTERED, { user: { ...user, token: 'ended' } });
    await page.getByRole('status', { name: 'Notices' }).getByRole('link', { name: 'Sign in' }).click();
    await signIn(page);
    await expect(page).toHaveURL(shop.url + FILTERED);

    const own = await shop.visit('/purchases?page=1#main', { user: { ...user, token: 'ended' } });
    await own.getByRole('main').getByRole('link', { name: 'Sign in' }).click();
    await signIn(own);
    await expect(own).toHaveURL(`${shop.url}/purchases?page=1#main`);
  });
});

describe('reserving while signed out asks for an account in place', () => {
  /** Opens a page and presses the button of a drop. Returns the dialog. */
  async function pressReserve(path: string, name: string) {
    const page = await shop.visit(path);
    const drop = page.getByRole('article', { name });
    await drop.getByRole('button', { name: /reserve/i }).click();
    return { page, drop, dialog: page.getByRole('dialog', { name: `Sign in to reserve ${name}` }) };
  }
  const notices = (page: Page) => page.getByRole('status', { name: 'Notices' });
  const holdsOf = async (dropId: string) =>
    (await shop.database.query("SELECT id FROM reservations WHERE drop_id = $1 AND status = 'active'", [dropId]))
      .rowCount;

  test('and reserves afterwards, on the same page and without another click', async () => {
    const { page, drop, dialog } = await pressReserve(FILTERED, 'Running shoe');
    await expect(dialog.getByRole('textbox', { name: 'Email' })).toBeFocused();
    await dialog.getByRole('textbox', { name: 'Email' }).fill(ACCOUNT.email);
    await dialog.getByRole('textbox', { name: 'Password' }).fill('wrong');
    await dialog.getByRole('button', { name: 'Sign in' }).click();
    await expect(dialog.getByRole('alert')).toContainText('Wrong email or password.');
    await dialog.getByRole('textbox', { name: 'Password' }).fill(ACCOUNT.password);
    await dialog.getByRole('button', { name: 'Sign in' }).click();
    await expect(drop.getByRole('timer')).toBeAttached();
    await expect(dialog).toHaveCount(0);
    await expect(page).toHaveURL(shop.url + FILTERED);
  });

  test.each([
    ['sold out', 'Sold shoe', 'Too late. Sold shoe sold out while you signed in.'],
    ['is all held', 'Held shoe', 'Too late. Every unit of Held shoe is on hold.'],
    ['ended', 'Ended shoe', 'Too late. Ended shoe ended while you signed in.'],
  ])('and says that it was too late if the drop %s meanwhile', async (_, name, text) => {
    const dropId = await shop.createDrop({ name, total_stock: 1 });
    const { page, dialog } = await pressReserve(`/drops/${dropId}`, name);
    await expect(dialog).toBeVisible();
    if (name === 'Ended shoe') {
      await shop.database.query('UPDATE drops SET drop_ends_at = clock_timestamp() WHERE id = $1', [dropId]);
    } else {
      const other = await shop.createUser();
      const { body } = await shop.reserve(other, dropId);
      if (name === 'Sold shoe') await shop.purchase(other, body.data.reservation.id);
    }
    await signIn(page);
    await expect(notices(page)).toContainText(text);
  });

  test('unless the visitor goes back', async () => {
    const dropId = await shop.createDrop({ name: 'Dancing shoe' });
    const { page, drop, dialog } = await pressReserve(`/drops/${dropId}`, 'Dancing shoe');
    await expect(dialog).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(dialog).toHaveCount(0);
    await expect(drop.getByRole('button', { name: /reserve/i })).toBeFocused();
    await page.getByRole('banner').getByRole('link', { name: 'Sign in' }).click();
    await signIn(page);
    await expect(page).toHaveURL(`${shop.url}/drops/${dropId}`);
    await expect(drop.getByRole('button', { name: /reserve/i })).toBeVisible();
    expect(await holdsOf(dropId)).toBe(0);
  });

  test('also when the session has ended without the page having noticed it', async () => {
    const dropId = await shop.createDrop({ name: 'Climbing shoe' });
    const user = await shop.createUser();
    const page = await shop.visit(`/drops/${dropId}`, { user });
    const drop = page.getByRole('article', { name: 'Climbing shoe' });
    await expect(drop.getByRole('button', { name: /reserve/i })).toBeEnabled();
    await page.route('**/api/reservations', (route) =>
      route.request().method() === 'POST'
        ? route.continue({ headers: { ...route.request().headers(), authorization: 'Bearer ended' } })
        : route.continue(),
    );
    await drop.getByRole('button', { name: /reserve/i }).click();
    const dialog = page.getByRole('dialog', { name: 'Sign in to reserve Climbing shoe' });
    await expect(dialog).toBeVisible();
    await page.unroute('**/api/reservations');
    await signIn(page);
    await expect(drop.getByRole('timer')).toBeAttached();
  });
});

test.each([
  ['a tab', '/%09/evil.example', '/'],
  ['a line break', '/%0A/evil.example', '/'],
  ['a tab within a path', '/hol%09ds', '/holds'],
  ['a backslash', '/%5Cevil.example', '/'],
  ['another host', '//evil.example/', '/'],
  ['a script', 'javascript:alert(1)', '/'],
])('%s in `next` leads to a page of the shop', async (_, next, path) => {
  const page = await shop.visit(`/sign-in?next=${next}`);
  await signIn(page);
  await expect(page).toHaveURL(shop.url + path);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
});
