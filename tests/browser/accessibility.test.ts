import axe, { type AxeResults, type RunOptions } from 'axe-core';
import type { Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, test } from 'vitest';
import { startShop, type Shop } from '../helpers/shop.js';
import type { TestUser } from '../helpers/app.js';
import { expect } from '../helpers/windows.js';
import { openWithin, UNKNOWN_PATH } from './open-within.js';

let shop: Shop;
let admin: TestUser;
let dropId: string;

beforeAll(async () => {
  shop = await startShop();
  admin = await shop.createUser('admin');
  dropId = await shop.createDrop({ name: 'Glass marble', total_stock: 20 });
  const other = await shop.createUser();
  const { body } = await shop.reserve(other, dropId);
  await shop.purchase(other, body.data.reservation.id);
  await shop.createDrop({ name: 'Not yet', drop_starts_at: new Date(Date.now() + 3_600_000) });
  await shop.createDrop({ name: 'No more', total_stock: 1, paused_at: new Date() });
  const soldOut = await shop.createDrop({ name: 'All gone', total_stock: 1 });
  await shop.reserve(other, soldOut);
  const bought = await shop.reserve(admin, dropId);
  await shop.purchase(admin, bought.body.data.reservation.id);
  await shop.reserve(admin, dropId);
});
afterEach(() => shop.windows.closeAll());
afterAll(() => shop.close());

/** Serious and critical findings of axe. `evaluate` runs its script outside of the page's Content-Security-Policy. */
async function findings(page: Page, options: RunOptions = {}): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source);
  const run = (given: RunOptions) => (window as unknown as { axe: typeof axe }).axe.run(given);
  const { violations } = await page.evaluate<AxeResults, RunOptions>(run, options);
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, help, nodes }) => nodes.map(({ html, any }) => `${id}: ${help}: ${html} ${any[0]?.message ?? ''}`));
}

/** @param state for the message. */
async function expectNoFindings(page: Page, state = 'the page'): Promise<void> {
  await expect(page.locator('[aria-busy="true"], [class*="loading"], [class*="skeleton"]')).toHaveCount(0);
  expect(await findings(page), `${state}, light`).toEqual([]);
  await page.emulateMedia({ colorScheme: 'dark' });
  // The theme changes only the colours, after a transition.
  await expect.poll(() => findings(page, { runOnly: ['color-contrast'] }), `${state}, dark`).toEqual([]);
  await page.emulateMedia({ colorScheme: 'light' });
}

/** The pages, each with its heading. */
const pages = (): [state: string, path: string, heading: string | RegExp][] => [
  ['drops', '/', 'Drops'],
  ['an empty list', '/?q=nothing', 'Drops'],
  ['a reserved drop', `/drops/${dropId}`, 'Glass marble'],
  ['the cart', '/holds', 'Cart'],
  ['the order history', '/purchases', 'Order history'],
  ['the account page', '/account', 'Your account'],
  ['the sign-in page', '/sign-in', 'Sign in'],
  ['the registration', '/register', 'Create account'],
  ['the terms', '/terms', 'Terms'],
  ['the dashboard', '/dashboard', /dashboard/i],
  ['the wall display', `/dashboard/${dropId}`, 'Glass marble'],
  ['the admin page', '/admin', /admin/i],
  ['a new drop', '/admin/new', 'New drop'],
  ['the reservations of a drop', `/admin/drops/${dropId}`, 'Glass marble'],
  ['the buyers of a drop', `/admin/drops/${dropId}?list=buyers`, 'Glass marble'],
  ['the history of a drop', `/admin/drops/${dropId}?list=history`, 'Glass marble'],
  ['an unknown address', UNKNOWN_PATH, 'Page not found'],
];

describe('axe finds nothing serious in the light and the dark theme', () => {
  test('on each page', async () => {
    const page = await shop.visit('/', { user: admin, reducedMotion: 'reduce' });
    for (const [state, path, heading] of pages()) {
      await openWithin(page, path);
      await expect(page.getByRole('heading', { level: 1, name: heading })).toBeAttached();
      await expectNoFindings(page, state);
    }
  });

  test('the dialog to sign in', async () => {
    const page = await shop.visit(`/drops/${dropId}`, { reducedMotion: 'reduce' });
    await page
      .getByRole('article')
      .getByRole('button', { name: /reserve/i })
      .click();
    await expect(page.getByRole('dialog')).toBeVisible();
    await expectNoFindings(page);
  });

  test('the account menu and a notice', async () => {
    const page = await shop.visit(`/drops/${dropId}`, { user: admin, reducedMotion: 'reduce' });
    await page.getByRole('button', { name: 'Share' }).click();
    await expect(page.getByRole('button', { name: /^Dismiss/ })).toBeVisible();
    await page.getByRole('button', { name: /^Account of/ }).click();
    await expect(page.getByRole('button', { name: 'Sign out' })).toBeVisible();
    await expectNoFindings(page);
  });
});

describe('the organiser’s page: axe finds nothing serious', () => {
  test.each(['Pause', 'Cancel drop'])('in the dialog: %s', async (name) => {
    const page = await shop.visit(`/admin/drops/${dropId}`, { user: admin, reducedMotion: 'reduce' });
    await page.getByRole('button', { name, exact: true }).click();
    await expect(page.getByRole('dialog')).toBeVisible();
    await expectNoFindings(page);
  });

  test('in the form of the details', async () => {
    const page = await shop.visit(`/admin/drops/${dropId}`, { user: admin, reducedMotion: 'reduce' });
    await page.getByRole('button', { name: 'Edit details' }).click();
    await page.getByRole('textbox', { name: 'Price' }).fill('cheap');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await expect(page.getByRole('textbox', { name: 'Price' })).toHaveAttribute('aria-invalid', 'true');
    await expectNoFindings(page);
  });
});

describe('live regions', () => {
  test('announce reservations and purchases, and no stock changes', async () => {
    const id = await shop.createDrop({ name: 'Chatterbox' });
    const page = await shop.visit(`/drops/${id}`, { user: await shop.createUser() });
    const notices = page.getByRole('status', { name: 'Notices' });
    await expect(notices).toBeAttached();
    await expect(page.getByRole('article')).toContainText('10 left of 10');
    // The connection is announced as well.
    await expect(page.getByRole('status').filter({ hasText: 'Live updates' })).toHaveText('Live updates: Live');
    await page.evaluate(() => {
      const announced: string[] = [];
      Object.assign(window, { announced });
      const regions = document.querySelectorAll('[role=status],[role=alert],[aria-live=polite],[aria-live=assertive]');
      const observer = new MutationObserver((changes) => {
        for (const { target } of changes) announced.push(target.textContent ?? '');
      });
      for (const region of regions) observer.observe(region, { childList: true, characterData: true, subtree: true });
    });
    const announced = () => page.evaluate(() => (window as unknown as { announced: string[] }).announced.join('\n'));

    // Reservations of other users change the numbers and are not announced.
    for (const user of await shop.createUsers(3)) await shop.reserve(user, id);
    await expect(page.getByRole('article')).toContainText('7 left of 10');
    expect(await announced()).toBe('');

    await page.getByRole('button', { name: 'Reserve: Chatterbox' }).click();
    await expect.poll(announced).toContain('Chatterbox is in your cart');
    await page.getByRole('button', { name: /^Buy.*Chatterbox/ }).click();
    await expect(page.getByRole('dialog', { name: 'You got it!' }).getByText('Chatterbox')).toBeFocused();
  });
});
