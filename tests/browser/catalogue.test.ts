import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, test } from 'vitest';
import type { Page } from 'playwright';
import { startShop, type Shop } from '../helpers/shop.js';
import { expect } from '../helpers/windows.js';

let shop: Shop;

/** Drops on a page. */
const PAGE = 30;
/** Together with one more, they fill more than a page. A search finds the lamps. */
const KITES = 28;
const LAMPS = 3;

beforeAll(async () => {
  shop = await startShop();
  for (let number = 1; number <= KITES; number += 1) await shop.createDrop({ name: `Kite ${number}` });
  for (let number = 1; number <= LAMPS; number += 1) await shop.createDrop({ name: `Lamp ${number}`, total_stock: 1 });
  await shop.createDrop({ name: 'Tomorrow', drop_starts_at: new Date(Date.now() + 24 * 3_600_000) });
});
afterEach(() => shop.windows.closeAll());
afterAll(() => shop.close());

const cards = (page: Page) => page.getByRole('article');

describe('finding a drop', () => {
  test('by a part of its name, in any case; the URL keeps the search', async () => {
    const page = await shop.visit('/');
    await page.getByRole('searchbox', { name: 'Search by name' }).fill('lAmP');

    await expect(cards(page)).toHaveCount(LAMPS);
    for (const card of await cards(page).all()) await expect(card).toContainText('Lamp');
    await expect(page).toHaveURL(/\?q=lAmP$/);
    await page.reload();
    await expect(cards(page)).toHaveCount(LAMPS);
    await expect(page.getByRole('searchbox', { name: 'Search by name' })).toHaveValue('lAmP');

    await page.getByRole('searchbox').fill('no such thing');
    await expect(page.getByRole('heading', { name: 'No drops found' })).toBeVisible();
    await page.getByRole('link', { name: 'Show all drops' }).click();
    await expect(cards(page)).toHaveCount(PAGE);
  });

  test('by its state, together with a search', async () => {
    const page = await shop.visit('/');
    const filters = page.getByRole('navigation', { name: 'Filter by state' });
    await filters.getByRole('link', { name: 'Upcoming' }).click();
    await expect(cards(page)).toHaveCount(1);
    await expect(cards(page)).toContainText('Tomorrow');
    await expect(page.getByRole('button', { name: /^Opens in .*: Tomorrow$/ })).toBeVisible();
    await expect(filters.getByRole('link', { name: 'Upcoming' })).toHaveAttribute('aria-current', 'true');

    await page.getByRole('searchbox').fill('lamp');
    await expect(page.getByRole('heading', { name: 'No drops found' })).toBeVisible();
    await filters.getByRole('link', { name: 'Live' }).click();
    await expect(cards(page)).toHaveCount(LAMPS);
  });

  test('page by page, and back', async () => {
    const page = await shop.visit('/');
    const pages = page.getByRole('navigation', { name: 'Pages' });
    await expect(cards(page)).toHaveCount(PAGE);
    const first = await page.getByRole('heading', { level: 2 }).allInnerTexts();

    await pages.getByRole('link', { name: 'Next' }).click();
    await expect(pages).toContainText('Page 2 of 2');
    await expect(cards(page)).toHaveCount(KITES + LAMPS + 1 - PAGE);
    const second = await page.getByRole('heading', { level: 2 }).allInnerTexts();
    expect(new Set([...first, ...second]).size, 'each drop is on one page').toBe(KITES + LAMPS + 1);
    await expect(page).toHaveURL(/\?page=2$/);

    await page.goBack();
    await expect(pages).toContainText('Page 1 of 2');
    await expect(page.getByRole('heading', { level: 2 })).toHaveText(first, { ignoreCase: true });
  });
});

describe('the URL of a drop', () => {
  test('opens it with its own title, and can be shared', async () => {
    const dropId = await shop.createDrop({ name: 'Given on', price: '12.00', total_stock: 7 });
    const page = await shop.visit(`/drops/${dropId}`);
    await expect(page).toHaveTitle(/^Given on/);
    await expect(page.getByRole('article', { name: 'Given on' })).toContainText('7 left of 7');
    await expect(page.getByRole('article', { name: 'Given on' })).toContainText('$12');

    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: 'Share' }).click();
    await expect(page.getByRole('status', { name: 'Notices' })).toContainText('Link copied');
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(`${shop.url}/drops/${dropId}`);
  });

  test.each([
    ['an unknown drop', `/drops/${randomUUID()}`, 'This drop was not found'],
    ['an invalid id', '/drops/nonsense', 'This drop was not found'],
    ['an unknown page', '/nowhere', 'No page at this address'],
  ])('of %s shows an error and a link to the drops', async (_, path, title) => {
    const page = await shop.visit(path);
    await expect(page.getByRole('heading', { name: title })).toBeVisible();
    await page.getByRole('link', { name: 'Browse drops' }).last().click();
    await expect(cards(page).first()).toBeVisible();
  });

  test('of a visitor leads through registration to the reservation, without leaving the page', async () => {
    const dropId = await shop.createDrop({ name: 'For members', total_stock: 7 });
    const page = await shop.visit(`/drops/${dropId}`);
    const drop = page.getByRole('article', { name: 'For members' });
    await drop.getByRole('button', { name: /reserve/i }).click();
    const dialog = page.getByRole('dialog');
    await expect(dialog).toHaveAccessibleName('Sign in to reserve For members');
    await dialog.getByRole('button', { name: 'Create account' }).click();
    await expect(dialog).toHaveAccessibleName('Create an account to reserve For members');
    await expect(dialog.getByRole('textbox', { name: 'Name' })).toBeFocused();
    await dialog.getByRole('textbox', { name: 'Name' }).fill('newcomer');
    await dialog.getByRole('textbox', { name: 'Email' }).fill('newcomer@example.com');
    await dialog.getByRole('textbox', { name: 'Password' }).fill('correct horse');
    await dialog.getByRole('button', { name: 'Create account' }).click();
    await expect(drop.getByRole('timer')).toBeAttached();
    await expect(page).toHaveURL(`${shop.url}/drops/${dropId}`);
    await expect(page.getByRole('button', { name: 'Account of newcomer' })).toBeVisible();
  });
});
