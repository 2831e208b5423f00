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

/** More stops than any page has on the way. */
const MOST = 60;

/** Whether one can see where the focus is: on the screen, in front of everything else, with an outline. */
function focusIsVisible(): boolean {
  const focused = document.activeElement;
  if (!focused || focused === document.body) return false;
  const { left, top, width, height } = focused.getBoundingClientRect();
  const front = document.elementFromPoint(left + width / 2, top + height / 2);
  const isInFront = front !== null && (focused.contains(front) || front.contains(focused));
  const { outlineStyle, outlineWidth } = getComputedStyle(focused);
  return isInFront && outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2;
}

/** Presses Tab until the focus is there, and looks at every stop whether it can be seen. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeVisible();
  for (let stops = 0; stops < MOST; stops += 1) {
    await page.keyboard.press('Tab');
    const isThere = await target.evaluate((element) => element === document.activeElement);
    const name = await page.evaluate(() => document.activeElement?.outerHTML.slice(0, 120));
    // Scrolling it into view takes a moment.
    await expect
      .poll(() => page.evaluate(focusIsVisible), { message: `the focus is seen: ${name}`, intervals: [20] })
      .toBe(true);
    if (isThere) return;
  }
  throw new Error(`After ${MOST} stops the focus had not come to ${String(target)}`);
}

describe('without a mouse', () => {
  test('one signs in, reserves and buys, and always sees where one is', async () => {
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
    await tabTo(page, page.getByRole('textbox', { name: 'E-mail' }));
    await page.keyboard.type(account.email);
    await tabTo(page, page.getByRole('textbox', { name: 'Password' }));
    await page.keyboard.type(account.password);
    await page.keyboard.press('Enter');

    await expect(page.getByRole('heading', { name: 'Drops' })).toBeFocused();
    await tabTo(page, page.getByRole('link', { name: 'Abacus' }));
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(`${shop.url}/drops/${dropId}`);
    await tabTo(page, page.getByRole('button', { name: 'Reserve: Abacus' }));
    await page.keyboard.press('Enter');
    // What was pressed is gone: the focus is on what took its place.
    await expect(page.getByRole('button', { name: 'Buy $30: Abacus' })).toBeFocused();
    expect(await page.evaluate(focusIsVisible)).toBe(true);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('status', { name: 'Notices' })).toContainText('Abacus is yours');
    await expect(page.getByRole('button', { name: 'Reserve: Abacus' })).toBeFocused();
    await tabTo(page, page.getByRole('status', { name: 'Notices' }).getByRole('link', { name: 'My purchases' }));
    await page.keyboard.press('Enter');
    await expect(page.getByRole('article', { name: 'Abacus' })).toContainText('$30');
  });

  test('the settings open and close, and the skip link skips', async () => {
    await shop.createDrop();
    const page = await shop.visit('/');
    const settings = page.getByRole('button', { name: 'Settings' });
    await tabTo(page, settings);
    await page.keyboard.press('Enter');
    await tabTo(page, page.getByRole('radio', { name: 'As the system' }));
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await expect(page.getByRole('radio', { name: 'Dark' })).toBeChecked();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('radio', { name: 'Dark' })).toBeHidden();
    await expect(settings).toBeFocused();

    await page.reload();
    await expect(page.getByRole('heading', { name: 'Drops' })).toBeVisible();
    await page.keyboard.press('Tab');
    await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    const first = await page.evaluate(() => document.querySelector('main')?.contains(document.activeElement));
    expect(first, 'the next stop is in the content').toBe(true);
  });
});
