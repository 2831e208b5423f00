import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, test } from 'vitest';
import type { TestUser } from '../helpers/app.js';
import { recordAccount } from '../helpers/leaks/answer-rules.js';
import { startShop, type Shop } from '../helpers/shop.js';
import { expect } from '../helpers/windows.js';

const PASSWORD = 'correct horse';
const NEW_PASSWORD = 'battery staple';
const PHONE = { viewport: { width: 390, height: 664 }, isMobile: true, hasTouch: true };

let shop: Shop;

beforeAll(async () => {
  shop = await startShop();
});
afterEach(() => shop.windows.closeAll());
afterAll(() => shop.close());

async function register(username: string): Promise<TestUser> {
  const account = { username, email: `${username}@example.com`, password: PASSWORD };
  const { body } = await shop.http.post('/api/users/register').send(account).expect(201);
  recordAccount(body.data.user);
  return { ...body.data.user, token: body.data.token };
}

const accountOf = (page: Page, user: TestUser) => page.getByRole('button', { name: `Account of ${user.username}` });
const notices = (page: Page) => page.getByRole('status', { name: 'Notices' });
const field = (page: Page, name: string) => page.getByRole('textbox', { name, exact: true });
const storedToken = (page: Page) =>
  page.evaluate(() => {
    const session = localStorage.getItem('drop-inventory.session');
    return session === null ? null : (JSON.parse(session) as { token: string }).token;
  });
const statusWith = async (token: string | null) =>
  (await shop.http.get('/api/users/me').auth(token ?? '', { type: 'bearer' })).status;
const signInStatus = async (email: string, password: string) =>
  (await shop.http.post('/api/users/login').send({ email, password })).status;

/** Opens the page in a second tab of the same browser. */
async function openTab(page: Page, path: string): Promise<Page> {
  const tab = await page.context().newPage();
  await tab.goto(shop.url + path);
  return tab;
}

async function changePassword(page: Page, current: string, next: string, again = next): Promise<void> {
  await field(page, 'Current password').fill(current);
  await field(page, 'New password').fill(next);
  await field(page, 'New password again').fill(again);
  await page.getByRole('button', { name: 'Change password' }).click();
}

async function closeAccount(page: Page, password: string): Promise<void> {
  await field(page, 'Password').fill(password);
  await page.getByRole('checkbox', { name: 'Close my account for good' }).check();
  await page.getByRole('button', { name: 'Close account' }).click();
}

describe('the account page', () => {
  test('is linked from the menu, and shows name, email and the day of registration', async () => {
    const user = await register('ada_l');
    await shop.database.query("UPDATE users SET created_at = '2026-02-03T12:00:00Z' WHERE id = $1", [user.id]);
    const page = await shop.visit('/', { user });
    await accountOf(page, user).click();
    await page.getByRole('link', { name: 'Your account' }).click();
    await expect(page.getByRole('heading', { name: 'Your account', level: 1 })).toBeFocused();
    await expect(page.getByRole('link', { name: 'Your account' }), 'the menu is closed').toBeHidden();
    const details = page.getByRole('region', { name: 'Details' });
    for (const text of ['ada_l', 'ada_l@example.com', '3 February 2026']) await expect(details).toContainText(text);
  });

  test('needs an account', async () => {
    const page = await shop.visit('/account');
    await expect(page.getByRole('heading', { name: 'Sign in to see this' })).toBeVisible();
  });
});

describe('changing the password', () => {
  test('shows the errors at their fields, in plain words, and keeps the user signed in', async () => {
    const user = await register('wrong_pw');
    const page = await shop.visit('/account', { user });

    await changePassword(page, 'not my password', NEW_PASSWORD);
    await expect(page.getByText('This is not your current password.')).toBeVisible();
    await expect(field(page, 'Current password')).toBeFocused();

    await changePassword(page, PASSWORD, NEW_PASSWORD, 'another');
    await expect(page.getByText('The two new passwords are different.')).toBeVisible();
    await expect(field(page, 'New password again')).toBeFocused();

    // 40 characters, but over 72 bytes.
    await changePassword(page, PASSWORD, 'ü'.repeat(40));
    await expect(field(page, 'New password')).toHaveAttribute('aria-invalid', 'true');
    await expect(page.getByText('New password must be at most 72 bytes')).toBeVisible();
    await expect(accountOf(page, user)).toBeVisible();
    expect(await signInStatus(user.email, PASSWORD)).toBe(200);
  });

  test('replaces the token in every tab without signing out, and signs out other devices', async () => {
    const user = await register('new_pw');
    const { body } = await shop.http.post('/api/users/login').send({ email: user.email, password: PASSWORD });
    const phone = await shop.visit('/holds', { user: { ...user, token: body.data.token } });
    const page = await shop.visit('/account', { user });
    const tab = await openTab(page, '/purchases');
    for (const each of [phone, page, tab]) {
      await expect(accountOf(each, user)).toBeVisible();
      await expect(each.getByRole('status').filter({ hasText: 'Live updates' })).toHaveText('Live updates: Live');
    }

    await changePassword(page, PASSWORD, NEW_PASSWORD);

    await expect(notices(page)).toContainText('Your password is changed');
    await expect(notices(phone)).toContainText('Your session has ended');
    await expect(accountOf(phone, user)).toBeHidden();
    const token = await storedToken(page);
    expect(token).not.toBe(user.token);
    expect(await Promise.all([token, user.token, body.data.token].map(statusWith))).toEqual([200, 401, 401]);
    for (const each of [page, tab]) {
      await expect(accountOf(each, user)).toBeVisible();
      await expect(each.getByRole('status').filter({ hasText: 'Live updates' })).toHaveText('Live updates: Live');
    }
    await tab.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Cart' }).click();
    await expect(tab.getByRole('heading', { name: 'No active holds' })).toBeVisible();
    expect(await signInStatus(user.email, NEW_PASSWORD)).toBe(200);
  });

  test('keeps every tab signed in when the response arrives long after the old token ended', async () => {
    const user = await register('slow_pw');
    const page = await shop.visit('/account', { user });
    const tab = await openTab(page, '/purchases');
    await expect(tab.getByRole('heading', { name: 'No orders yet' })).toBeVisible();
    await page.route('**/api/users/me/password', async (route) => {
      const response = await route.fetch();
      // Sockets of the old token are closed within a second, and a request of the other tab is refused.
      await tab.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Cart' }).click();
      await page.waitForTimeout(3_000);
      await route.fulfill({ response });
    });

    await changePassword(page, PASSWORD, NEW_PASSWORD);

    await expect(notices(page)).toContainText('Your password is changed');
    for (const each of [page, tab]) await expect(accountOf(each, user)).toBeVisible();
    await expect(tab.getByRole('heading', { name: 'No active holds' })).toBeVisible();
    expect(await storedToken(tab)).toBe(await storedToken(page));
    expect(await statusWith(await storedToken(tab))).toBe(200);
  });
});

describe('signing out', () => {
  test('ends the token on the server', async () => {
    const user = await register('leaves');
    const page = await shop.visit('/', { user });
    await accountOf(page, user).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await expect(notices(page)).toContainText('You are signed out');
    await expect.poll(() => statusWith(user.token)).toBe(401);
  });

  test('works although the request fails', async () => {
    const user = await register('leaves_offline');
    const page = await shop.visit('/purchases', { user });
    await expect(page.getByRole('heading', { name: 'No orders yet' })).toBeVisible();
    let requests = 0;
    await page.route('**/api/users/logout', async (route) => {
      requests += 1;
      await route.abort();
    });
    await accountOf(page, user).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await expect(page.getByRole('heading', { name: 'Sign in to see this' })).toBeVisible();
    await expect.poll(() => requests).toBe(1);
    expect(await storedToken(page)).toBeNull();
  });

  test('everywhere ends all sessions, with an explanation on each', async () => {
    const user = await register('leaves_all');
    const { body } = await shop.http.post('/api/users/login').send({ email: user.email, password: PASSWORD });
    const phone = await shop.visit('/purchases', { user: { ...user, token: body.data.token } });
    await expect(phone.getByRole('heading', { name: 'No orders yet' })).toBeVisible();
    const page = await shop.visit('/account', { user });
    const tab = await openTab(page, '/purchases');
    await expect(tab.getByRole('heading', { name: 'No orders yet' })).toBeVisible();

    await page.getByRole('button', { name: 'Sign out everywhere' }).click();

    for (const each of [page, tab]) {
      await expect(each.getByRole('heading', { name: 'You are signed out everywhere' })).toBeVisible();
    }
    await expect(phone.getByRole('heading', { name: 'Your session has ended' })).toBeVisible();
    expect(await Promise.all([user.token, body.data.token].map(statusWith))).toEqual([401, 401]);
  });

  test('everywhere reports that it failed, and the user stays signed in', async () => {
    const user = await register('cannot_leave');
    const page = await shop.visit('/account', { user });
    await page.route('**/api/users/logout-all', (route) => route.abort());
    await page.getByRole('button', { name: 'Sign out everywhere' }).click();
    await expect(page.getByRole('region', { name: 'Signed in on another device?' }).getByRole('alert')).toContainText(
      'No answer from the shop',
    );
    await expect(accountOf(page, user)).toBeVisible();
  });
});

test('my data is downloaded as a JSON file', async () => {
  const user = await register('exports');
  const { body } = await shop.reserve(user, await shop.createDrop({ name: 'In my data' }));
  await shop.purchase(user, body.data.reservation.id).expect(201);
  const page = await shop.visit('/account', { user });
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download my data' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('drop-inventory-exports.json');
  const text = await readFile(await download.path(), 'utf8');
  const data: unknown = JSON.parse(text);
  expect(data).not.toBeNull();
  for (const part of [user.id, user.email, body.data.reservation.id]) expect(text).toContain(part);
  expect(text).not.toContain('$2');
  await expect(notices(page)).toContainText('Your data is downloaded');
});

describe('closing the account', () => {
  test('explains what stays, and needs the password and a confirmation', async () => {
    const user = await register('hesitates');
    const page = await shop.visit('/account', { user });
    const form = page.getByRole('form', { name: 'Close account' });
    await expect(form).toContainText('Purchases stay in the records of the shop, without your name.');
    await expect(form).toContainText('This cannot be undone.');

    await field(page, 'Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Close account' }).click();
    await expect(page.getByRole('checkbox', { name: 'Close my account for good' })).toBeFocused();

    await closeAccount(page, 'not my password');
    await expect(page.getByText('This is not your password.')).toBeVisible();
    await expect(accountOf(page, user)).toBeVisible();
    expect(await statusWith(user.token)).toBe(200);
  });

  test('signs out in every tab with a plain message, and the public pages stay usable', async () => {
    const user = await register('closes');
    const dropId = await shop.createDrop({ name: 'Comes back' });
    await shop.reserve(user, dropId).expect(201);
    const page = await shop.visit('/account', { user });
    const tab = await openTab(page, '/holds');
    await expect(tab.getByRole('article', { name: 'Comes back' })).toBeVisible();

    await closeAccount(page, PASSWORD);

    for (const each of [page, tab]) {
      await expect(each.getByRole('heading', { name: 'Your account is closed' })).toBeVisible();
      await expect(each.getByText('Comes back')).toHaveCount(0);
      expect(await storedToken(each)).toBeNull();
    }
    expect(await statusWith(user.token)).toBe(401);
    expect(await signInStatus(user.email, PASSWORD)).toBe(401);
    await page.getByRole('main').getByRole('link', { name: 'Browse drops' }).click();
    await expect(page.getByRole('article', { name: 'Comes back' })).toContainText('10 left of 10');
  });

  test('is refused for the last admin, in plain words', async () => {
    const admin = await register('last_admin');
    await shop.database.query("UPDATE users SET role = 'admin' WHERE id = $1", [admin.id]);
    const page = await shop.visit('/account', { user: admin });
    await closeAccount(page, PASSWORD);
    await expect(page.getByRole('form', { name: 'Close account' }).getByRole('alert')).toContainText(
      'You are the only admin',
    );
    await expect(accountOf(page, admin)).toBeVisible();
  });
});

test('an account that an admin disables is signed out in every tab, by the event', async () => {
  const admin = await shop.createUser('admin');
  const user = await register('disabled_user');
  const page = await shop.visit('/', { user });
  const tab = await openTab(page, '/purchases');
  await expect(tab.getByRole('heading', { name: 'No orders yet' })).toBeVisible();
  await expect(accountOf(page, user)).toBeVisible();
  for (const each of [page, tab]) {
    await expect(each.getByRole('status').filter({ hasText: 'Live updates' })).toHaveText('Live updates: Live');
  }

  await shop.http.post(`/api/users/${user.id}/disable`).auth(admin.token, { type: 'bearer' }).send({}).expect(200);

  await expect(notices(page)).toContainText('Your account is disabled');
  await expect(tab.getByRole('heading', { name: 'Your account is disabled' })).toBeVisible();
  await expect(accountOf(page, user)).toBeHidden();

  // Signing in says so as well.
  await page.goto(`${shop.url}/sign-in`);
  await field(page, 'Email').fill(user.email);
  await field(page, 'Password').fill(PASSWORD);
  await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toContainText('This account is disabled');
});

describe('on a phone', () => {
  test('everything is reachable by touch, and fits', async () => {
    const user = await register('on_phone');
    const page = await shop.visit('/account', { ...PHONE, user });
    await expect(page.getByText('on_phone@example.com').first()).toBeAttached();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    for (const name of ['Change password', 'Sign out everywhere', 'Download my data', 'Close account']) {
      await page.getByRole('button', { name }).tap({ trial: true });
    }
    await accountOf(page, user).tap();
    await page.getByRole('link', { name: 'Your account' }).tap();
    await expect(page).toHaveURL(`${shop.url}/account`);
  });
});

test('without a mouse the password is changed and the account is closed', async () => {
  const user = await register('typist_2');
  const page = await shop.visit('/account', { user });
  await expect(page.getByRole('heading', { name: 'Change password' })).toBeVisible();
  const tabTo = async (target: ReturnType<typeof field>) => {
    for (let stops = 0; stops < 40; stops += 1) {
      await page.keyboard.press('Tab');
      if (await target.evaluate((element) => element === document.activeElement)) return;
    }
    throw new Error(`The focus has not reached ${String(target)}`);
  };
  await tabTo(field(page, 'Current password'));
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press('Tab');
  await page.keyboard.type(NEW_PASSWORD);
  await page.keyboard.press('Tab');
  await page.keyboard.type(NEW_PASSWORD);
  await page.keyboard.press('Enter');
  await expect(notices(page)).toContainText('Your password is changed');
  await tabTo(field(page, 'Password'));
  await page.keyboard.type(NEW_PASSWORD);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Space');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Close account' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Your account is closed' })).toBeVisible();
});
