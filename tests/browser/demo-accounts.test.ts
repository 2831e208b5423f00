import { afterAll, afterEach, beforeAll, describe, test } from 'vitest';
import { startShop, type Shop } from '../helpers/shop.js';
import { expect } from '../helpers/windows.js';

let shop: Shop;

beforeAll(async () => {
  // In development the empty database is filled with the demo data.
  shop = await startShop({ NODE_ENV: 'development' });
});
afterEach(() => shop.windows.closeAll());
afterAll(() => shop.close());

const DEMO = ['admin', 'johndoe', 'sarah_k', 'mike92', 'emma_w'];

describe('in development', () => {
  test('the sign-in page offers the demo accounts, one click each', async () => {
    const page = await shop.visit('/');
    await page.getByRole('banner').getByRole('link', { name: 'Sign in' }).click();
    const accounts = page.getByRole('region', { name: 'Demo accounts' }).getByRole('button');
    await expect(accounts).toHaveText(DEMO);
    await accounts.filter({ hasText: 'sarah_k' }).click();
    await expect(page.getByRole('button', { name: 'Account of sarah_k' })).toBeVisible();
    await expect(page).toHaveURL(`${shop.url}/`);
  });

  test('reserving while signed out offers them as well', async () => {
    const page = await shop.visit('/?status=live');
    const drop = page.getByRole('article').first();
    await drop.getByRole('button', { name: /reserve/i }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Use the demo account emma_w' }).click();
    await expect(page.getByRole('button', { name: 'Account of emma_w' })).toBeVisible();
    await expect(page.getByRole('timer').first()).toBeAttached();
  });

  test('a second tab uses another one, and the admin comes to the admin page', async () => {
    const page = await shop.visit('/sign-in');
    await page.getByRole('button', { name: 'Use the demo account johndoe' }).click();
    await expect(page.getByRole('button', { name: 'Account of johndoe' })).toBeVisible();

    const other = await page.context().newPage();
    await other.goto(`${shop.url}/admin`);
    await expect(other.getByRole('heading', { name: 'Sign in as an admin' })).toBeVisible();
    await other.getByRole('link', { name: 'Use another account' }).click();
    await other.getByRole('checkbox', { name: 'This tab only (use another account in another tab)' }).check();
    await other.getByRole('button', { name: 'Use the demo account admin' }).click();
    await expect(other.getByRole('button', { name: 'Account of admin' })).toBeVisible();
    await expect(other.getByRole('link', { name: 'New drop' })).toBeVisible();
    await expect(page.getByRole('button', { name: 'Account of johndoe' })).toBeVisible();
  });
});

test('without demo data the sign-in page offers no accounts', async () => {
  const plain = await startShop();
  try {
    const page = await plain.visit('/sign-in');
    await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
    await expect(page.getByText('Demo accounts')).toHaveCount(0);
    expect(await (await fetch(`${plain.url}/sign-in`, { headers: { Accept: 'text/html' } })).text()).not.toContain(
      '123456',
    );
    await plain.windows.closeAll();
  } finally {
    await plain.close();
  }
});
