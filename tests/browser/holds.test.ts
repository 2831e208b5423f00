import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, test } from 'vitest';
import { expectBought, startShop, type Shop } from '../helpers/shop.js';
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
    await expect(page.getByRole('status', { name: 'Notices' })).toContainText(`Your hold expired: ${NAME}`);
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
    await expect(drop).toContainText('Reserve one and you have 15 minutes to buy it.');
    await page.getByRole('button', { name: `Reserve: ${NAME}` }).click();
    await expect(page.getByRole('status', { name: 'In your cart' })).toHaveText(
      /^Paper boat is in your cart. You have 1[45] minutes.* to buy it/,
    );

    await shop.http
      .patch(`/api/drops/${dropId}`)
      .auth((await shop.createUser('admin')).token, { type: 'bearer' })
      .send({ holdSeconds: 90 })
      .expect(200);
    await page.getByRole('button', { name: `Release: ${NAME}` }).click();
    await expect(page.getByRole('status', { name: 'Notices' })).toContainText(`${NAME} released.`);
    await expect(drop).toContainText('Reserve one and you have 90 seconds to buy it.');
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
    await page.getByRole('button', { name: `Release: ${NAME}` }).click();
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
    await expect(theirs.getByRole('button', { name: `All held, some may come back: ${NAME}` })).toHaveAttribute(
      'aria-disabled',
      'true',
    );

    await shop.expireHolds({ dropId });
    await expect(drop).toContainText('1 left of 1');
    await expect(mine.getByRole('status', { name: 'Notices' })).toContainText(`Your hold expired: ${NAME}`);
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

    await expectBought(page, NAME);
    await expect(page.getByRole('navigation', { name: 'In your cart' })).toBeHidden();
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Order history' }).click();
    await expect(page.getByRole('article', { name: NAME })).toContainText('$24.50');
    expect(await shop.mismatches()).toEqual([]);
  });

  test('can be released, and its unit is on sale again in another window', async () => {
    const dropId = await shop.createDrop({ name: NAME, total_stock: 1 });
    const mine = await shop.visit(`/drops/${dropId}`, { user: await shop.createUser() });
    const theirs = await shop.visit(`/drops/${dropId}`);
    await mine.getByRole('button', { name: `Reserve: ${NAME}` }).click();
    await expect(theirs.getByRole('article', { name: NAME })).toContainText('0 left of 1');

    await mine.getByRole('button', { name: `Release: ${NAME}` }).click();

    await expect(theirs.getByRole('article', { name: NAME })).toContainText('1 left of 1');
    await expect(mine.getByRole('button', { name: `Reserve: ${NAME}` })).toBeVisible();
  });

  /** Gives the only hold of the user so many seconds from now, and fetches it. */
  async function setSecondsLeft(page: Page, userId: string, seconds: number): Promise<void> {
    await shop.database.query(
      `UPDATE reservations SET expires_at = clock_timestamp() + $2 * interval '1 second' WHERE user_id = $1 AND status = 'active'`,
      [userId, seconds],
    );
    await page.reload();
  }

  test('escalates in its last seconds: colour, size, title of the window, announcements, and sound if it is on', async () => {
    const dropId = await shop.createDrop({ name: NAME });
    const user = await shop.createUser();
    await shop.reserve(user, dropId).expect(201);
    const page = await shop.visit('/holds', { user });
    await page.addInitScript(() => {
      const start = OscillatorNode.prototype.start;
      Object.assign(window, { tones: 0 });
      OscillatorNode.prototype.start = function (this: OscillatorNode, ...when) {
        Object.assign(window, { tones: (window as unknown as { tones: number }).tones + 1 });
        start.apply(this, when);
      };
    });
    const tones = () => page.evaluate(() => (window as unknown as { tones: number }).tones);
    await setSecondsLeft(page, user.id, 60);
    const panel = page.getByRole('group', { name: `In your cart: ${NAME}` });
    const status = page.getByRole('status', { name: 'In your cart' });
    const look = () =>
      panel.evaluate((element) => {
        const ring = element.querySelector('svg')?.parentElement;
        return [getComputedStyle(element).backgroundColor, ring ? getComputedStyle(ring).scale : ''];
      });
    await expect(panel).toHaveAttribute('data-stage', 'calm');
    await expect(page).toHaveTitle(/^0:[345]\d · Buy Paper boat$/);
    const sound = page.getByRole('switch', { name: 'Sound in the last seconds' });
    await expect(sound).not.toBeChecked();
    await expect(status).toBeEmpty();
    const calm = await look();

    await setSecondsLeft(page, user.id, 29);
    await expect(panel).toHaveAttribute('data-stage', 'soon');
    await expect(status).toHaveText(/^Paper boat: \d+ seconds? left to buy$/);
    await expect.poll(look).not.toEqual(calm);
    const soon = await look();
    expect(await tones(), 'the sound is off').toBe(0);
    await sound.check();
    await expect.poll(tones, 'turning it on plays it').toBe(1);

    await setSecondsLeft(page, user.id, 9);
    await expect(panel).toHaveAttribute('data-stage', 'last');
    await expect
      .poll(async () => (await look()).map((value, index) => value !== calm[index] && value !== soon[index]))
      .toEqual([true, true]);
    await expect(status).toHaveText(/^Paper boat: \d seconds? left to buy$/);
    await expect(sound, 'it is remembered').toBeChecked();
    await expect.poll(tones, 'the last five seconds are heard').toBeGreaterThan(0);
    await expect(page.getByRole('status', { name: 'Notices' })).toContainText(`Your hold expired: ${NAME}`);
    await expect(page).toHaveTitle('Cart · Drop Inventory');
  });

  test('of a drop that is cancelled while its holder is not connected is reported when the page is connected again', async () => {
    const dropId = await shop.createDrop({ name: NAME });
    const otherId = await shop.createDrop({ name: 'Released elsewhere' });
    const user = await shop.createUser();
    const { body } = await shop.reserve(user, otherId).expect(201);
    await shop.reserve(user, dropId).expect(201);
    const page = await shop.visit('/', { user });
    const cart = page.getByRole('navigation', { name: 'In your cart' });
    await expect(cart.getByRole('link')).toHaveText([/^Paper boat/, /^Released elsewhere/]);
    await page.context().setOffline(true);
    await expect(page.getByRole('status').filter({ hasText: 'Live updates' })).not.toHaveText('Live updates: Live');

    const admin = await shop.createUser('admin');
    await shop.http.post(`/api/drops/${dropId}/cancel`).auth(admin.token, { type: 'bearer' }).send({}).expect(200);
    await shop.release(user, body.data.reservation.id).expect(200);
    await page.context().setOffline(false);

    const notices = page.getByRole('status', { name: 'Notices' });
    await expect(notices).toContainText(`The drop was cancelled: ${NAME}`);
    await expect(notices).toContainText('The shop cancelled it, and your hold with it.');
    await expect(cart).toHaveCount(0);
    await expect(notices, 'what the user has done is no news').not.toContainText('Released elsewhere');
  });
});
