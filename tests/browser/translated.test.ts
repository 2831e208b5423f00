import type { Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, test } from 'vitest';
import { startShop, type Shop } from '../helpers/shop.js';
import { expect } from '../helpers/windows.js';

let shop: Shop;

beforeAll(async () => {
  shop = await startShop();
});
afterEach(() => shop.windows.closeAll());
afterAll(() => shop.close());

/**
 * Changes the page like a translator in the browser: replaces each text node, also later ones, by a copy in two `font`
 * elements.
 */
async function translate(page: Page): Promise<void> {
  await page.evaluate(() => {
    const translateBelow = (root: Node) => {
      const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
      const texts: Text[] = root instanceof Text ? [root] : [];
      while (walker.nextNode()) texts.push(walker.currentNode as Text);
      for (const text of texts) {
        const parent = text.parentElement;
        if (!parent || text.data.trim() === '' || parent.closest('[translate="no"], script, style, font')) continue;
        const outer = document.createElement('font');
        const inner = outer.appendChild(document.createElement('font'));
        inner.textContent = text.data;
        text.replaceWith(outer);
      }
    };
    translateBelow(document.body);
    new MutationObserver((changes) => {
      for (const { addedNodes } of changes) for (const node of addedNodes) if (node.isConnected) translateBelow(node);
    }).observe(document.body, { subtree: true, childList: true });
    document.documentElement.classList.add('translated-ltr');
  });
}

const isLive = (page: Page) =>
  expect(page.getByRole('status').filter({ hasText: 'Live updates' })).toHaveText('Live updates: Live');

describe('a page translated by the browser', () => {
  test.each([
    ['a list', () => '/?q=cymbal'],
    ['a drop', (id: string) => `/drops/${id}`],
  ])('%s: every number follows the stock, and a reservation comes and goes', async (_, path) => {
    const name = `Cymbal ${path('')}`.replace(/\W+/g, ' ').trim();
    const dropId = await shop.createDrop({ name, total_stock: 5 });
    const page = await shop.visit(path(dropId), { user: await shop.createUser() });
    await isLive(page);
    const drop = page.getByRole('article', { name });
    await expect(drop).toContainText('5 left of 5');
    await translate(page);

    const [buyer, holder] = await shop.createUsers(2);
    if (!buyer || !holder) throw new Error('no users');
    const { body } = await shop.reserve(buyer, dropId);
    await expect(drop).toContainText('4 left of 5');
    await expect(drop).toContainText('1 on hold');
    await shop.reserve(holder, dropId);
    await expect(drop).toContainText('3 left of 5');
    await expect(drop).toContainText('2 on hold');
    await shop.purchase(buyer, body.data.reservation.id);
    await expect(drop).toContainText(buyer.username);
    await expect(drop).toContainText('1 on hold');
    await expect(drop.locator('p > span[aria-hidden="true"]'), 'the large number').toHaveText('3');

    await drop.getByRole('button', { name: /^Reserve/ }).click();
    const hold = page.getByRole('group', { name: `In your cart: ${name}` });
    await expect(hold).toBeVisible();
    const timer = hold.getByRole('timer');
    const before = await timer.innerText();
    await expect(timer, 'the countdown runs').not.toHaveText(before);
    await hold.getByRole('button', { name: /^Release/ }).click();
    await expect(drop.getByRole('button', { name: /^Reserve/ })).toBeVisible();
    await expect(drop).toContainText('3 left of 5');
    await expect(page.getByRole('status', { name: 'Notices' })).toContainText('released.');

    await shop.database.query('UPDATE drops SET paused_at = now(), price = 12.5 WHERE id = $1', [dropId]);
    await expect(drop).toContainText('Paused');
    await expect(drop).toContainText('$12.50');
  });

  test('the dashboard and the admin page keep updating, and navigation works', async () => {
    const dropId = await shop.createDrop({ name: 'Maraca', total_stock: 1_000 });
    const admin = await shop.createUser('admin');
    const page = await shop.visit('/dashboard', { user: admin });
    await isLive(page);
    const panel = page.getByRole('article', { name: 'Maraca' });
    await expect(panel).toBeVisible();
    await translate(page);
    for (const user of await shop.createUsers(3)) await shop.reserve(user, dropId);
    await expect(panel.getByRole('definition')).toHaveText(['997', '3', /^0\s*of 1,000$/]);
    await expect(page.getByRole('list', { name: 'Activity' })).toContainText('Maraca · 3 reserved');

    const main = page.getByRole('navigation', { name: 'Main' });
    await main.getByRole('link', { name: 'Admin' }).click();
    const row = page.getByRole('row', { name: /Maraca/ });
    await expect(row).toContainText('997');
    for (const user of await shop.createUsers(4)) await shop.reserve(user, dropId);
    await expect(row).toContainText('993');
    for (const name of ['Cart', 'Order history', 'Dashboard', 'Drops']) {
      await main.getByRole('link', { name }).click();
      await expect(page.getByRole('heading', { level: 1, name })).toBeAttached();
    }
    await page.context().setOffline(true);
    await expect(page.getByRole('article', { name: 'Maraca' })).toContainText(
      'Connection lost · of 1,000 (last known)',
    );
    await page.context().setOffline(false);
    await expect(page.getByRole('article', { name: 'Maraca' })).toContainText('993 left of 1,000');
    await page.getByRole('button', { name: /^Account of/ }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await expect(page.getByRole('link', { name: 'Sign in' })).toBeVisible();
  });
});

test('numbers, prices and times are those of the reader’s locale and time zone', async () => {
  const startsAt = new Date('2031-07-01T10:05:00Z');
  const fields = { price: '1234.50', total_stock: 1_250, drop_starts_at: startsAt };
  const dropId = await shop.createDrop({ name: 'Glockenspiel', ...fields });
  const page = await shop.visit(`/drops/${dropId}`, { locale: 'de-DE', timezoneId: 'Europe/Berlin' });
  const drop = page.getByRole('article', { name: 'Glockenspiel' });
  await expect(drop).toContainText(/1\.234,50\s\$/);
  await expect(drop).toContainText('1.250');
  await expect(drop).toContainText('1. Juli, 12:05 MESZ');

  const free = await shop.createDrop({ name: 'Triangle', price: '0.00' });
  await page.goto(`${shop.url}/drops/${free}`);
  await expect(page.getByRole('article', { name: 'Triangle' }).getByText('Free', { exact: true })).toBeVisible();
});
