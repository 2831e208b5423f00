import type { Locator, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, test } from 'vitest';
import { startShop, type Shop } from '../helpers/shop.js';
import { expect } from '../helpers/windows.js';

let shop: Shop;

beforeAll(async () => {
  shop = await startShop();
});
afterEach(() => shop.windows.closeAll());
afterAll(() => shop.close());

/** More focusable elements than any page has. */
const MAX_TAB_STOPS = 60;

/** Whether the focus is visible: on the screen, not covered, with an outline. */
function focusIsVisible(): boolean {
  const focused = document.activeElement;
  if (!focused || focused === document.body) return false;
  const { left, top, width, height } = focused.getBoundingClientRect();
  const front = document.elementFromPoint(left + width / 2, top + height / 2);
  const isInFront = front !== null && (focused.contains(front) || front.contains(focused));
  const { outlineStyle, outlineWidth } = getComputedStyle(focused);
  return isInFront && outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2;
}

/** Presses Tab until the target has the focus, and checks at every stop that the focus is visible. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeVisible();
  for (let stops = 0; stops < MAX_TAB_STOPS; stops += 1) {
    await page.keyboard.press('Tab');
    const isFocused = await target.evaluate((element) => element === document.activeElement);
    const name = await page.evaluate(() => document.activeElement?.outerHTML.slice(0, 120));
    // Scrolling into view takes a moment.
    await expect
      .poll(() => page.evaluate(focusIsVisible), { message: `the focus is visible: ${name}`, intervals: [20] })
      .toBe(true);
    if (isFocused) return;
  }
  throw new Error(`After ${MAX_TAB_STOPS} stops the focus has not reached ${String(target)}`);
}

describe('without a mouse', () => {
  test('a user signs in, reserves and buys, and the focus is always visible', async () => {
    const dropId = await shop.createDrop({ name: 'Abacus', price: '30.00', total_stock: 2 });
    const account = { username: 'typist', email: 'typist@example.com', password: 'correct horse' };
    await shop.http.post('/api/users/register').send(account);
    const page = await shop.visit('/');
    await expect(page.getByRole('article', { name: 'Abacus' })).toContainText('2 left of 2');

    await page.keyboard.press('Tab');
    await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused();
    await tabTo(page, page.getByRole('banner').getByRole('link', { name: 'Sign in' }));
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: 'Sign in', level: 1 })).toBeFocused();
    await tabTo(page, page.getByRole('textbox', { name: 'Email' }));
    await page.keyboard.type(account.email);
    await tabTo(page, page.getByRole('textbox', { name: 'Password' }));
    await page.keyboard.type(account.password);
    await page.keyboard.press('Enter');

    await expect(page.getByRole('heading', { name: 'Drops', exact: true })).toBeFocused();
    await tabTo(page, page.getByRole('link', { name: 'Abacus' }));
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(`${shop.url}/drops/${dropId}`);
    await tabTo(page, page.getByRole('button', { name: 'Reserve: Abacus' }));
    await page.keyboard.press('Enter');
    // The focus moves to the button that replaces the pressed one.
    await expect(page.getByRole('button', { name: 'Buy now: Abacus' })).toBeFocused();
    expect(await page.evaluate(focusIsVisible)).toBe(true);
    await page.keyboard.press('Enter');
    const success = page.getByRole('dialog', { name: 'You got it!' });
    await expect(success).toContainText('Abacus');
    await page.keyboard.press('Escape');
    await expect(success).toBeHidden();
    await expect(page.getByRole('button', { name: 'Reserve: Abacus' })).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('button', { name: 'Buy now: Abacus' })).toBeFocused();
    await page.keyboard.press('Enter');
    await tabTo(page, success.getByRole('link', { name: 'View your purchase' }));
    await page.keyboard.press('Enter');
    await expect(page.getByRole('article', { name: 'Abacus' }).first()).toContainText('$30');
  });

  test('an admin creates a drop and pauses it, and the focus is always visible', async () => {
    const page = await shop.visit('/admin', { user: await shop.createUser('admin') });
    await tabTo(page, page.getByRole('main').getByRole('link', { name: 'New drop' }).first());
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: 'New drop', level: 1 })).toBeFocused();
    await tabTo(page, page.getByRole('textbox', { name: 'Name' }));
    await page.keyboard.type('Slide rule');
    await tabTo(page, page.getByRole('textbox', { name: 'Price' }));
    await page.keyboard.type('12.50');
    await tabTo(page, page.getByRole('spinbutton', { name: 'Units' }));
    await page.keyboard.type('40');
    await tabTo(page, page.getByRole('button', { name: 'Publish the drop' }));
    await page.keyboard.press('Enter');

    await expect(page.getByRole('heading', { name: 'Slide rule', level: 1 })).toBeFocused();
    const state = page.getByRole('region', { name: 'State' });
    await tabTo(page, state.getByRole('button', { name: 'Pause' }));
    await page.keyboard.press('Enter');
    await expect(page.getByRole('dialog').getByRole('button', { name: 'Pause' })).toBeFocused();
    expect(await page.evaluate(focusIsVisible)).toBe(true);
    await page.keyboard.press('Enter');
    await expect(state.getByRole('button', { name: 'Resume' })).toBeFocused();
  });

  test('the settings open and close, and the skip link works', async () => {
    await shop.createDrop();
    const page = await shop.visit('/');
    const settings = page.getByRole('button', { name: 'Settings' });
    await tabTo(page, settings);
    await page.keyboard.press('Enter');
    await tabTo(page, page.getByRole('radio', { name: 'System' }));
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await expect(page.getByRole('radio', { name: 'Dark' })).toBeChecked();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('radio', { name: 'Dark' })).toBeHidden();
    await expect(settings).toBeFocused();

    await page.reload();
    await expect(page.getByRole('heading', { name: 'Drops', exact: true })).toBeVisible();
    await page.keyboard.press('Tab');
    await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    const first = await page.evaluate(() => document.querySelector('main')?.contains(document.activeElement));
    expect(first, 'the next stop is in the content').toBe(true);
  });
});
