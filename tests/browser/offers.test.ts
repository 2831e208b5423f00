import type { Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, test } from 'vitest';
import type { TestUser } from '../helpers/app.js';
import { startShop, type Shop } from '../helpers/shop.js';
import { expect } from '../helpers/windows.js';

let shop: Shop;
let user: TestUser;

beforeAll(async () => {
  shop = await startShop();
  user = await shop.createUser();
});
afterEach(() => shop.windows.closeAll());
afterAll(() => shop.close());

async function buy(buyer: TestUser, dropId: string): Promise<void> {
  const { body } = await shop.reserve(buyer, dropId).expect(201);
  await shop.purchase(buyer, body.data.reservation.id).expect(201);
}

const inOneHour = () => new Date(Date.now() + 3_600_000);

/** The button, or the link in its place, of a drop. */
const actionOf = (page: Page, name: string) =>
  page.getByRole('article', { name }).locator('[data-action] :is(button, a)');

/** Each makes the drop that its offer needs, and says what the page then shows. */
const OFFERS: Record<
  string,
  { make: (name: string) => Promise<string>; shown: RegExp; isSignedOut?: boolean; note?: RegExp }
> = {
  reserve: {
    make: (name) => shop.createDrop({ name, limit_per_user: 2 }),
    shown: /^Reserve$/,
    note: /^Limit: 2 per person$/,
  },
  'sign in': { make: (name) => shop.createDrop({ name }), shown: /^Sign in to reserve$/, isSignedOut: true },
  'limit reached': {
    async make(name) {
      const id = await shop.createDrop({ name, limit_per_user: 1 });
      await buy(user, id);
      return id;
    },
    shown: /^You own 1$/,
    note: /^Limit reached\. One per person\.$/,
  },
  'limit of two reached': {
    async make(name) {
      const id = await shop.createDrop({ name, limit_per_user: 2, total_stock: 2 });
      for (let bought = 0; bought < 2; bought += 1) await buy(user, id);
      return id;
    },
    shown: /^You own 2$/,
    note: /^Limit reached\. 2 per person\.$/,
  },
  'one more': {
    async make(name) {
      const id = await shop.createDrop({ name, limit_per_user: 2 });
      await buy(user, id);
      return id;
    },
    shown: /^Reserve$/,
    note: /^You own 1$/,
  },
  'all held': {
    async make(name) {
      const id = await shop.createDrop({ name, total_stock: 1 });
      await shop.reserve(await shop.createUser(), id).expect(201);
      return id;
    },
    shown: /^All held, some may come back$/,
    note: /^Stay on this page; the count updates live\.$/,
  },
  'sold out': {
    async make(name) {
      const id = await shop.createDrop({ name, total_stock: 1 });
      await buy(await shop.createUser(), id);
      return id;
    },
    shown: /^Sold out$/,
  },
  opens: {
    make: (name) => shop.createDrop({ name, drop_starts_at: inOneHour() }),
    shown: /^Opens in (1:00:00|59:\d\d)$/,
  },
  paused: { make: (name) => shop.createDrop({ name, paused_at: new Date() }), shown: /^Paused$/ },
  ended: {
    make: (name) => shop.createDrop({ name, drop_starts_at: '2020-01-01', drop_ends_at: '2020-01-02' }),
    shown: /^Ended$/,
  },
  cancelled: { make: (name) => shop.createDrop({ name, cancelled_at: new Date() }), shown: /^Cancelled$/ },
};

describe('the list and the page of a drop show what is possible now', () => {
  test.each(Object.entries(OFFERS))('%s', async (offer, { make, shown, isSignedOut = false, note }) => {
    const name = `Offer ${offer}`;
    const id = await make(name);
    const page = await shop.visit(
      `/?q=${encodeURIComponent(name)}${offer === 'cancelled' ? '&status=cancelled' : ''}`,
      {
        ...(!isSignedOut && { user }),
      },
    );
    const canPress = /reserve|own/i.test(shown.source);
    for (const path of [null, `/drops/${id}`]) {
      if (path) await page.goto(shop.url + path);
      const action = actionOf(page, name);
      await expect(action).toHaveText(shown);
      await expect(action).toHaveAccessibleName(new RegExp(`: ${name}$`));
      if (canPress) await expect(action).not.toHaveAttribute('aria-disabled');
      else await expect(action).toHaveAttribute('aria-disabled', 'true');
      if (note) await expect(page.getByRole('article', { name }).getByText(note).last()).toBeVisible();
    }
  });

  test('a purchase changes them without a reload, in every window of the user', async () => {
    const id = await shop.createDrop({ name: 'Only one each', limit_per_user: 1 });
    const page = await shop.visit(`/drops/${id}`, { user });
    const other = await page.context().newPage();
    await other.goto(`${shop.url}/?q=only+one+each`);
    await page.getByRole('button', { name: 'Reserve: Only one each' }).click();
    await other.bringToFront();
    await other.reload();
    await expect(other.getByRole('button', { name: 'Buy now: Only one each' })).toBeVisible();
    await page.getByRole('button', { name: 'Buy now: Only one each' }).click();

    await expect(other.getByRole('link', { name: 'You own 1: Only one each' })).toBeVisible();
    await page.keyboard.press('Escape');
    const link = page.getByRole('link', { name: 'You own 1: Only one each' });
    await expect(link).toBeFocused();
    await link.click();
    await expect(page.getByRole('article', { name: 'Only one each' })).toBeVisible();
    await expect(page).toHaveURL(`${shop.url}/purchases`);
  });

  test('a limit that was reached in another window is learnt from the refusal', async () => {
    const id = await shop.createDrop({ name: 'Behind your back', limit_per_user: 1 });
    const buyer = await shop.createUser();
    const page = await shop.visit('/holds', { user: buyer });
    await expect(page.getByRole('heading', { name: 'No active holds' })).toBeVisible();
    await page.goto(`${shop.url}/drops/${id}`);
    await expect(actionOf(page, 'Behind your back')).toHaveText('Reserve');
    await buy(buyer, id);
    await page.getByRole('button', { name: 'Reserve: Behind your back' }).click();
    await expect(actionOf(page, 'Behind your back')).toHaveText('You own 1');
  });

  test('the limit holds as well for a user with more purchases than the page fetches at once', async () => {
    const collector = await shop.createUser();
    const limited = await shop.createDrop({ name: 'Bought long ago', limit_per_user: 1 });
    await buy(collector, limited);
    const free = await shop.createDrop({ name: 'Collected', total_stock: 200 });
    for (let bought = 0; bought < 100; bought += 1) await buy(collector, free);
    const page = await shop.visit(`/drops/${limited}`, { user: collector });
    await expect(actionOf(page, 'Bought long ago')).toHaveText('You own 1');
  });
});

describe('the success of a purchase', () => {
  test('shows what was bought, at what price and when, has the focus, and leads to the purchase', async () => {
    const id = await shop.createDrop({ name: 'Golden ticket', price: '24.50' });
    const held = await shop.createDrop({ name: 'Still running' });
    const buyer = await shop.createUser();
    await shop.reserve(buyer, held).expect(201);
    const page = await shop.visit(`/drops/${id}`, { user: buyer });
    await page.getByRole('button', { name: 'Reserve: Golden ticket' }).click();
    await page.getByRole('button', { name: 'Buy now: Golden ticket' }).click();

    const success = page.getByRole('dialog', { name: 'You got it!' });
    await expect(success).toContainText('Golden ticket');
    await expect(success).toContainText('$24.50');
    const { rows } = await shop.database.query<{ at: Date }>(
      'SELECT created_at AS at FROM purchases WHERE drop_id = $1',
      [id],
    );
    await expect(success.locator('time')).toHaveAttribute('datetime', rows[0]?.at.toISOString() ?? '');
    await expect(success.getByText('Golden ticket')).toBeFocused();
    await expect(success.getByRole('link', { name: '1 more in your cart' })).toBeVisible();
    await page.keyboard.press('Tab');
    await expect(success.getByRole('link', { name: 'View your purchase' })).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(`${shop.url}/purchases`);
    await expect(success).toBeHidden();
    await expect(page.getByRole('article', { name: 'Golden ticket' })).toContainText('$24.50');
    await page.goBack();
    await expect(page.getByRole('button', { name: 'Reserve: Golden ticket' })).toBeVisible();
    await expect(success, 'it is shown once').toBeHidden();
  });
});
