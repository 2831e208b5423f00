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

/** The brightness of the page's background, from 0 to 255. */
const brightness = (page: Page) =>
  page.evaluate(() => {
    const [red = 0, green = 0, blue = 0] = (getComputedStyle(document.body).backgroundColor.match(/[\d.]+/g) ?? []).map(
      Number,
    );
    return (red + green + blue) / 3;
  });

describe('colours', () => {
  test('follow the system, light or dark', async () => {
    const page = await shop.visit('/', { colorScheme: 'light' });
    expect(await brightness(page)).toBeGreaterThan(200);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await brightness(page)).toBeLessThan(60);
  });

  test('follow the selected theme from the first paint on, also after a reload', async () => {
    const page = await shop.visit('/', { colorScheme: 'light' });
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByRole('radio', { name: 'Dark' }).check();
    expect(await brightness(page)).toBeLessThan(60);

    await page.reload({ waitUntil: 'commit' });
    // The theme is set before the page has a body, so that no light page flashes.
    await page.waitForFunction(() => document.body);
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark');
    await expect(page.getByRole('heading', { name: 'Drops', exact: true })).toBeVisible();
    expect(await brightness(page)).toBeLessThan(60);
  });
});

describe('motion', () => {
  /** The longest visible animation, in ms, while the stock of a drop changes; Infinity for an endless one. */
  async function longestMotionMs(page: Page, dropId: string): Promise<number> {
    await expect(page.getByRole('article')).toContainText('10 left of 10');
    await page.evaluate(() => {
      let longestMs = 0;
      const measure = () => {
        for (const { effect } of document.getAnimations()) {
          if (!(effect instanceof KeyframeEffect)) continue;
          const end = effect.getComputedTiming().endTime;
          const isSeen = effect.target?.checkVisibility({ visibilityProperty: true });
          if (isSeen && typeof end === 'number') longestMs = Math.max(longestMs, end);
        }
        Object.assign(window, { longestMs });
        requestAnimationFrame(measure);
      };
      measure();
    });
    for (const user of await shop.createUsers(3)) await shop.reserve(user, dropId);
    await expect(page.getByRole('article')).toContainText('7 left of 10');
    await page.getByRole('button', { name: /^Reserve/ }).click();
    await expect(page.getByRole('group', { name: /^In your cart/ })).toBeVisible();
    return page.evaluate(() => (window as unknown as { longestMs: number }).longestMs);
  }

  test('is turned off with reduced motion', async () => {
    const moving = await shop.createDrop({ name: 'Mobile' });
    const user = await shop.createUser();
    expect(await longestMotionMs(await shop.visit(`/drops/${moving}`, { user }), moving)).toBeGreaterThan(100);
    const still = await shop.createDrop({ name: 'Stone' });
    const page = await shop.visit(`/drops/${still}`, { user, reducedMotion: 'reduce' });
    expect(await longestMotionMs(page, still)).toBeLessThanOrEqual(10);
  });
});
