import { afterAll, afterEach, beforeAll, describe, test } from 'vitest';
import { startShop, type Shop } from '../helpers/shop.js';
import { expect } from '../helpers/windows.js';

let shop: Shop;

beforeAll(async () => {
  shop = await startShop();
});
afterEach(() => shop.windows.closeAll());
afterAll(() => shop.close());

describe('two browsers and the last pair', () => {
  test('one gets it, the other is told, and both see that none is left', async () => {
    const dropId = await shop.createDrop({ name: 'The last pair', total_stock: 1 });
    const users = await shop.createUsers(2);
    const windows = await Promise.all(users.map((user) => shop.visit(`/drops/${dropId}`, { user })));
    for (const window of windows) {
      await expect(window.getByRole('article', { name: 'The last pair' })).toContainText('1 left of 1');
    }

    await Promise.all(windows.map((window) => window.getByRole('button', { name: 'Reserve: The last pair' }).click()));

    const outcomes = windows.map((window) => window.getByRole('status', { name: 'Notices' }));
    const told = async () => (await Promise.all(outcomes.map((notices) => notices.innerText()))).sort();
    await expect
      .poll(told, { timeout: 15_000 })
      .toEqual([
        expect.stringContaining('Somebody else got the last one'),
        expect.stringContaining('The last pair is held for you'),
      ]);
    for (const window of windows) {
      await expect(window.getByRole('article', { name: 'The last pair' })).toContainText('0 left of 1');
    }
    expect(await shop.mismatches()).toEqual([]);
  });
});
