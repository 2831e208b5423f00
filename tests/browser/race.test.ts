import { afterAll, afterEach, beforeAll, describe, test } from 'vitest';
import { startShop, type Shop } from '../helpers/shop.js';
import { expect } from '../helpers/windows.js';

let shop: Shop;

beforeAll(async () => {
  shop = await startShop();
});
afterEach(() => shop.windows.closeAll());
afterAll(() => shop.close());

describe('two browsers and the last unit', () => {
  test('one reserves it, the other sees that none is free, and both see that none is left', async () => {
    const dropId = await shop.createDrop({ name: 'The last pair', total_stock: 1 });
    const users = await shop.createUsers(2);
    const windows = await Promise.all(users.map((user) => shop.visit(`/drops/${dropId}`, { user })));
    for (const window of windows) {
      await expect(window.getByRole('article', { name: 'The last pair' })).toContainText('1 left of 1');
    }

    // Neither request is sent before both users have clicked: the button of a drop that is sold out cannot be clicked.
    let sendAll: (() => void) | undefined;
    const haveClicked = new Promise<void>((resolve) => {
      sendAll = resolve;
    });
    let clicks = 0;
    for (const window of windows) {
      await window.route('**/api/reservations', async (route) => {
        if (route.request().method() === 'POST') {
          clicks += 1;
          if (clicks === windows.length) sendAll?.();
          await haveClicked;
        }
        await route.continue();
      });
    }

    // Waiting starts before the clicks: a notice disappears after eight seconds, which a busy machine may need.
    const results = windows.map(async (window) => {
      const notice = window.getByRole('status', { name: 'Notices' }).locator('p').first();
      const cart = window.getByRole('status', { name: 'In your cart' }).getByText('The last pair is in your cart.');
      await notice.or(cart).waitFor({ state: 'attached' });
      return (await cart.count()) > 0 ? 'reserved' : notice.innerText();
    });
    await Promise.all(windows.map((window) => window.getByRole('button', { name: 'Reserve: The last pair' }).click()));

    expect((await Promise.all(results)).sort()).toEqual(['All held', 'reserved']);
    for (const window of windows) {
      await expect(window.getByRole('article', { name: 'The last pair' })).toContainText('0 left of 1');
    }
    expect(await shop.mismatches()).toEqual([]);
  });
});
