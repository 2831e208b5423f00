import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, test } from 'vitest';
import { startShop, type Shop } from '../helpers/shop.js';
import { expect } from '../helpers/windows.js';

const NAME = 'Paper boat';

function secondsIn(text: string): number {
  const [, minutes, seconds] = /for (\d+):(\d\d)/.exec(text) ?? [];
  return Number(minutes) * 60 + Number(seconds);
}

/** Seconds left, as screen readers read them. */
async function secondsLeft(page: Page): Promise<number> {
  return secondsIn(
    await page
      .getByRole('group', { name: `In your cart: ${NAME}` })
      .getByRole('timer')
      .innerText(),
  );
}

describe('a reservation that expires', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await startShop({ RESERVATION_TTL_SECONDS: '4' });
  });
  afterEach(() => shop.windows.closeAll());
  afterAll(() => shop.close());

  test('is announced to its owner at its deadline', async () => {
    const dropId = await shop.createDrop({ name: NAME, total_stock: 1 });
    const page = await shop.visit(`/drops/${dropId}`, { user: await shop.createUser() });
    await page.getByRole('button', { name: `Reserve: ${NAME}` }).click();
    await expect(page.getByRole('status', { name: 'Notices' })).toContainText(`Your reservation expired: ${NAME}`);
    await expect(page.getByRole('group', { name: `In your cart: ${NAME}` })).toBeHidden();
    await expect(page.getByRole('article', { name: NAME })).toContainText('1 left of 1');
  });
});

describe('a drop with its own time in the cart', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await startShop();
  });
  afterEach(() => shop.windows.closeAll());
  afterAll(() => shop.close());

  test('shows it before and after reserving, and a change of it at once', async () => {
    const dropId = await shop.createDrop({ name: NAME, hold_seconds: 900 });
    const page = await shop.visit(`/drops/${dropId}`, { user: await shop.createUser() });
    const drop = page.getByRole('article', { name: NAME });
    await expect(drop).toContainText('15 minutes to buy');
    await page.getByRole('button', { name: `Reserve: ${NAME}` }).click();
    await expect(page.getByRole('status', { name: 'Notices' })).toContainText(/You have 1[45] minutes.* to buy it/);

    await shop.http
      .patch(`/api/drops/${dropId}`)
      .auth((await shop.createUser('admin')).token, { type: 'bearer' })
      .send({ holdSeconds: 90 })
      .expect(200);
    await expect(drop).toContainText('1 minute 30 seconds to buy');
  });
});

describe('after too many reservations that were not bought', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await startShop({ HOLD_COOL_DOWN_AFTER: '1', HOLD_COOL_DOWN_SECONDS: '30' });
  });
  afterEach(() => shop.windows.closeAll());
  afterAll(() => shop.close());

  test('the page shows when the drop can be reserved again, and then reserves it', async () => {
    const dropId = await shop.createDrop({ name: NAME, total_stock: 1 });
    const page = await shop.visit(`/drops/${dropId}`, { user: await shop.createUser() });
    await page.getByRole('button', { name: `Reserve: ${NAME}` }).click();
    await page.getByRole('button', { name: `Cancel reservation: ${NAME}` }).click();
    await page.getByRole('button', { name: `Reserve: ${NAME}` }).click();

    await expect(page.getByRole('status', { name: 'Notices' })).toContainText(
      /Reserved too often.*again in \d+ seconds/s,
    );
    const waiting = page.getByRole('button', { name: `: ${NAME}` });
    await expect(waiting).toHaveText(/^Again in 0:\d\d$/);
    await expect(waiting).toHaveAttribute('aria-disabled', 'true');

    await page.getByRole('button', { name: `Reserve: ${NAME}` }).click({ timeout: 60_000 });
    await expect(page.getByRole('group', { name: `In your cart: ${NAME}` })).toBeVisible();
  });
});

describe('an active reservation', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await startShop();
  });
  afterEach(() => shop.windows.closeAll());
  afterAll(() => shop.close());

  test('is announced to its owner when it expires, and another browser sees the unit return and reserves it', async () => {
    const dropId = await shop.createDrop({ name: NAME, total_stock: 1 });
    const [owner, other] = await shop.createUsers(2);
    const mine = await shop.visit(`/drops/${dropId}`, { user: owner });
    const theirs = await shop.visit(`/drops/${dropId}`, { user: other });
    const drop = theirs.getByRole('article', { name: NAME });
    await expect(drop).toContainText('1 left of 1');

    await mine.getByRole('button', { name: `Reserve: ${NAME}` }).click();
    await expect(mine.getByRole('group', { name: `In your cart: ${NAME}` })).toBeVisible();
    await expect(drop).toContainText('0 left of 1');
    await expect(drop).toContainText('1 on hold');
    await expect(theirs.getByRole('button', { name: `Sold out: ${NAME}` })).toHaveAttribute('aria-disabled', 'true');

    await shop.expireHolds({ dropId });
    await expect(drop).toContainText('1 left of 1');
    await expect(mine.getByRole('status', { name: 'Notices' })).toContainText(`Your reservation expired: ${NAME}`);
    await expect(mine.getByRole('group', { name: `In your cart: ${NAME}` })).toBeHidden();

    await theirs.getByRole('button', { name: `Reserve: ${NAME}` }).click();
    await expect(theirs.getByRole('group', { name: `In your cart: ${NAME}` })).toBeVisible();
    await expect(mine.getByRole('article', { name: NAME })).toContainText('0 left of 1');
    expect(await shop.mismatches()).toEqual([]);
  });

  test('survives a reload, and counts down by the server’s clock when the computer’s clock is wrong', async () => {
    const dropId = await shop.createDrop({ name: NAME, total_stock: 3 });
    const user = await shop.createUser();
    const page = await shop.visit('/', { user });
    // Ten minutes fast: by this clock every reservation has expired.
    await page.addInitScript(() => {
      const now = Date.now.bind(Date);
      Date.now = () => now() + 600_000;
    });
    await page.goto(`${shop.url}/drops/${dropId}`);
    await page.getByRole('button', { name: `Reserve: ${NAME}` }).click();
    const first = await secondsLeft(page);
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThanOrEqual(60);
    await sleep(2_000);

    await page.reload();

    const { rows } = await shop.database.query<{ ends: Date }>(
      'SELECT expires_at AS ends FROM reservations WHERE user_id = $1',
      [user.id],
    );
    const isRight = async () => Math.abs((await secondsLeft(page)) - (Number(rows[0]?.ends) - Date.now()) / 1_000) < 2;
    await expect.poll(isRight).toBe(true);
    const second = await secondsLeft(page);
    expect(second).toBeLessThan(first);
    await expect(page.getByRole('status', { name: 'Notices' }), 'it has not expired on the page').toBeEmpty();
    // The ring shows the same time as the text.
    const shown = await page.getByRole('group', { name: `In your cart: ${NAME}` }).evaluate((group) => {
      const circle = group.querySelector('circle[pathLength="1"]');
      return {
        elapsed: circle ? parseFloat(getComputedStyle(circle).strokeDashoffset) : NaN,
        text: group.querySelector<HTMLElement>('[role=timer]')?.innerText ?? '',
      };
    });
    expect(Math.abs(shown.elapsed - (1 - secondsIn(shown.text) / 60))).toBeLessThan(0.05);
  });

  test('is shown on every page, and can be purchased', async () => {
    const dropId = await shop.createDrop({ name: NAME, price: '24.50', total_stock: 3 });
    const page = await shop.visit(`/drops/${dropId}`, { user: await shop.createUser() });
    await page.getByRole('button', { name: `Reserve: ${NAME}` }).click();
    await expect(page.getByRole('group', { name: `In your cart: ${NAME}` })).toBeVisible();

    await page.getByRole('link', { name: 'Order history' }).click();
    await expect(page.getByRole('heading', { name: 'No orders yet' })).toBeVisible();
    await page.getByRole('navigation', { name: 'In your cart' }).getByRole('link', { name: NAME }).click();
    await page.getByRole('button', { name: `Buy now: ${NAME}` }).click();

    await expect(page.getByRole('status', { name: 'Notices' })).toContainText(`You bought ${NAME}`);
    await expect(page.getByRole('navigation', { name: 'In your cart' })).toBeHidden();
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Order history' }).click();
    await expect(page.getByRole('article', { name: NAME })).toContainText('$24.50');
    expect(await shop.mismatches()).toEqual([]);
  });

  test('can be cancelled, and its unit is on sale again in another window', async () => {
    const dropId = await shop.createDrop({ name: NAME, total_stock: 1 });
    const mine = await shop.visit(`/drops/${dropId}`, { user: await shop.createUser() });
    const theirs = await shop.visit(`/drops/${dropId}`);
    await mine.getByRole('button', { name: `Reserve: ${NAME}` }).click();
    await expect(theirs.getByRole('article', { name: NAME })).toContainText('0 left of 1');

    await mine.getByRole('button', { name: `Cancel reservation: ${NAME}` }).click();

    await expect(theirs.getByRole('article', { name: NAME })).toContainText('1 left of 1');
    await expect(mine.getByRole('button', { name: `Reserve: ${NAME}` })).toBeVisible();
  });
});
