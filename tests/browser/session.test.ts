import jwt from 'jsonwebtoken';
import type { Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, test } from 'vitest';
import { TEST_SECRET, type TestUser } from '../helpers/app.js';
import { startShop, type Shop } from '../helpers/shop.js';
import { expect } from '../helpers/windows.js';

let shop: Shop;

beforeAll(async () => {
  shop = await startShop();
});
afterEach(() => shop.windows.closeAll());
afterAll(() => shop.close());

/** Opens a page with a session that ends while the page is open: a busy machine takes longer to open it. */
async function visitUntilExpiry(path: string, user: TestUser): Promise<Page> {
  for (let expiresIn = 8; ; expiresIn *= 2) {
    const token = jwt.sign({ role: user.role }, TEST_SECRET, { subject: user.id, expiresIn });
    const page = await shop.visit(path, { user: { ...user, token } });
    const account = page.getByRole('button', { name: `Account of ${user.username}` });
    await expect(account.or(page.getByText('Your session has ended')).first()).toBeVisible();
    if (await account.isVisible()) return page;
  }
}

describe('a session that ends', () => {
  test('shows a notice on any page, signs out, and signing in leads back', async () => {
    const dropId = await shop.createDrop({ name: 'Slow reader' });
    const account = { username: 'reader', email: 'reader@example.com', password: 'correct horse' };
    const { body } = await shop.http.post('/api/users/register').send(account);
    const page = await visitUntilExpiry(`/drops/${dropId}`, body.data.user);

    const notices = page.getByRole('status', { name: 'Notices' });
    await expect(notices).toContainText('Your session has ended');

    await expect(page.getByRole('button', { name: 'Account of reader' })).toBeHidden();
    await expect(page.getByRole('link', { name: 'Cart' })).toBeHidden();
    await expect(page.getByRole('status').filter({ hasText: 'Live updates' }), 'the page stays live').toHaveText(
      'Live updates: Live',
    );
    await notices.getByRole('link', { name: 'Sign in' }).click();
    await page.getByRole('textbox', { name: 'Email' }).fill(account.email);
    await page.getByRole('textbox', { name: 'Password' }).fill(account.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page).toHaveURL(`${shop.url}/drops/${dropId}`);
    await page.getByRole('button', { name: 'Reserve: Slow reader' }).click();
    await expect(page.getByRole('group', { name: 'In your cart: Slow reader' })).toBeVisible();
  });

  test('a page that needs an account shows that the session has ended', async () => {
    const page = await shop.visit('/purchases', { user: { ...(await shop.createUser()), token: 'long over' } });
    await expect(page.getByRole('heading', { name: 'Your session has ended' })).toBeVisible();
  });

  test.each([
    ['Your account is disabled', 'UPDATE users SET disabled_at = now() WHERE id = $1'],
    ['This account no longer exists', 'DELETE FROM users WHERE id = $1'],
    ['Your session has ended', 'UPDATE users SET token_version = token_version + 1 WHERE id = $1'],
  ])('says why: %s, in every tab, and the public pages stay usable', async (title, statement) => {
    const dropId = await shop.createDrop({ name: 'For all eyes' });
    const user = await shop.createUser();
    const page = await shop.visit(`/drops/${dropId}`, { user });
    const other = await page.context().newPage();
    await other.goto(`${shop.url}/purchases`);
    await expect(other.getByRole('heading', { name: 'No orders yet' })).toBeVisible();

    await shop.database.query(statement, [user.id]);
    // "Sign in to reserve" if an event has ended the session before the click.
    await page.getByRole('button', { name: /reserve: For all eyes$/i }).click();

    await expect(page.getByRole('status', { name: 'Notices' })).toContainText(title);
    await expect(page.getByRole('button', { name: `Account of ${user.username}` })).toBeHidden();
    await expect(other.getByRole('heading', { name: title })).toBeVisible();
    for (const each of [page, other]) {
      await each.goto(shop.url);
      await expect(each.getByRole('article', { name: 'For all eyes' }).first()).toBeVisible();
      await expect(each.getByRole('status').filter({ hasText: 'Live updates' })).toHaveText('Live updates: Live');
    }
  });

  test('ends in every tab of the browser by signing out', async () => {
    const user = await shop.createUser();
    const page = await shop.visit('/', { user });
    const other = await page.context().newPage();
    await other.goto(`${shop.url}/holds`);
    await expect(other.getByRole('button', { name: `Account of ${user.username}` })).toBeVisible();

    await page.getByRole('button', { name: `Account of ${user.username}` }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();

    await expect(page.getByRole('status', { name: 'Notices' })).toContainText('You are signed out');
    await expect(page.getByRole('link', { name: 'Sign in' })).toBeVisible();
    await expect(other.getByRole('heading', { name: 'Sign in to see this' })).toBeVisible();
  });

  test('a wrong password is reported, and validation errors are shown at their fields', async () => {
    const page = await shop.visit('/sign-in');
    await page.getByRole('textbox', { name: 'Email' }).fill('nobody@example.com');
    const password = page.getByRole('textbox', { name: 'Password' });
    await expect(password).toHaveAttribute('type', 'password');
    await expect(password).toHaveAttribute('autocomplete', 'current-password');
    await password.fill('wrong password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByRole('alert')).toContainText('Wrong email or password.');

    await page.getByRole('link', { name: 'Create account' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('a b c');
    await page.getByRole('textbox', { name: 'Email' }).fill('abc@example.com');
    await page.getByRole('textbox', { name: 'Password' }).fill('correct horse');
    await page.getByRole('button', { name: 'Create account' }).click();
    await expect(page.getByRole('textbox', { name: 'Name' })).toHaveAttribute('aria-invalid', 'true');
    await expect(page.getByRole('textbox', { name: 'Name' })).toBeFocused();
  });
});
