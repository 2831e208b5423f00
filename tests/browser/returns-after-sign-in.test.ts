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
  await page.getByRole('button', { name: 'Sign in' }).click();
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

  test('from reserving in a filtered list', async () => {
    const page = await shop.visit(FILTERED);
    await page.getByRole('button', { name: 'Reserve: Running shoe' }).click();
    await signIn(page);
    await expect(page).toHaveURL(shop.url + FILTERED);
    await expect(page.getByRole('button', { name: 'Reserve: Running shoe' })).toBeVisible();
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
