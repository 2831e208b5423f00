import type { BrowserContext, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, test } from 'vitest';
import { startShop, type Shop } from '../helpers/shop.js';
import { expect } from '../helpers/windows.js';

let shop: Shop;
let dropId: string;

beforeAll(async () => {
  shop = await startShop();
  dropId = await shop.createDrop({ name: 'Paper crane', total_stock: 5 });
});
afterEach(() => shop.windows.closeAll());
afterAll(() => shop.close());

/** Opens a window whose requests and scripts can be prepared before a page is loaded. */
async function emptyWindow(): Promise<Page> {
  const page = await shop.visit('/livez');
  await page.goto('about:blank');
  return page;
}

/** The chunks of this name are not to be had until the returned function is called. */
async function abortChunk(page: Page, name: string): Promise<() => Promise<void>> {
  const pattern = `**/assets/${name}-*.js`;
  await page.route(pattern, (route) => route.abort());
  return () => page.unroute(pattern);
}

/** How often a document is loaded from now on. */
function countLoads(page: Page): () => number {
  let loads = 0;
  page.on('domcontentloaded', () => (loads += 1));
  return () => loads;
}

/** Follows links of the page, without loading it anew. */
const openInPage = (page: Page, path: string) =>
  page.evaluate((to) => {
    history.pushState(null, '', to);
  }, path);

describe('with site data blocked', () => {
  /** What Chromium does where its setting forbids site data: reading the property throws. */
  const blocked = (context: BrowserContext) =>
    context.addInitScript(() => {
      const refuse = () => {
        throw new DOMException('Access is denied for this document.', 'SecurityError');
      };
      for (const name of ['localStorage', 'sessionStorage', 'indexedDB', 'caches', 'cookieStore']) {
        Object.defineProperty(window, name, { get: refuse });
      }
      Object.defineProperty(Document.prototype, 'cookie', { get: refuse, set: refuse });
      window.BroadcastChannel = class {
        constructor() {
          refuse();
        }
      } as unknown as typeof BroadcastChannel;
    });

  /** A full quota: what is there can be read, and nothing is written. */
  const full = (context: BrowserContext) =>
    context.addInitScript(() => {
      Storage.prototype.setItem = () => {
        throw new DOMException('The quota has been exceeded.', 'QuotaExceededError');
      };
    });

  test.each([
    ['every access throws', 'blocked', blocked],
    ['the quota is used up', 'full', full],
  ])('%s: the page shows, colours change, and signing in lasts until the next load', async (_, username, restrict) => {
    const account = { username, email: `${username}@example.com`, password: 'correct horse' };
    await shop.http.post('/api/users/register').send(account).expect(201);
    const page = await emptyWindow();
    await restrict(page.context());
    await page.goto(shop.url);
    await expect(page.getByRole('article', { name: 'Paper crane' })).toContainText('5 left of 5');

    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByRole('radio', { name: 'Dark' }).check();
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
    await page.keyboard.press('Escape');

    await page.getByRole('banner').getByRole('link', { name: 'Sign in' }).click();
    await page.getByRole('textbox', { name: 'E-mail' }).fill(account.email);
    await page.getByRole('textbox', { name: 'Password' }).fill(account.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByRole('button', { name: `Account of ${username}` })).toBeVisible();
    await page.getByRole('link', { name: 'My purchases' }).click();
    await expect(page.getByRole('heading', { name: 'You have bought nothing yet' })).toBeVisible();

    await page.getByRole('button', { name: `Account of ${username}` }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await expect(page.getByRole('heading', { name: 'Sign in to see this' })).toBeVisible();
  });

  test('a session that another version of the page has kept does not break it', async () => {
    const page = await emptyWindow();
    await page.context().addInitScript(() => {
      localStorage.setItem('drop-inventory.session', '{"token":"x","user":{"id":"1"}}');
    });
    await page.goto(shop.url);
    await expect(page.getByRole('banner').getByRole('link', { name: 'Sign in' })).toBeVisible();
  });
});

describe('a page whose code cannot be loaded', () => {
  test.each(['sign-in-page', 'account-form', 'signed-in-only', 'dashboard-page'])(
    '%s: says so, does not reload, and loads when it is tried again',
    async (chunk) => {
      const page = await emptyWindow();
      const restore = await abortChunk(page, chunk);
      const path = { 'dashboard-page': '/dashboard', 'signed-in-only': '/purchases' }[chunk] ?? '/sign-in';
      const loads = countLoads(page);
      await page.goto(shop.url + path);

      const alert = page.getByRole('alert').filter({ hasText: 'This page could not be loaded' });
      await expect(alert).toBeVisible();
      await expect(page.getByRole('navigation', { name: 'Main' }), 'what stands around it is there').toBeVisible();
      const settled = loads();
      await page.waitForTimeout(3_000);
      expect(loads(), 'it does not reload by itself').toBe(settled);
      expect(settled).toBe(1);

      await restore();
      await alert.getByRole('button', { name: 'Try again' }).click();
      await expect(page.getByRole('heading', { level: 1 })).toHaveText(/Sign in|Dashboard|My purchases/);
      await expect(page.getByRole('heading', { level: 1 })).toBeFocused();
      await expect(alert).toBeHidden();
    },
  );

  test('keeps failing: at most one reload however often it is tried, and the focus stays on the button', async () => {
    const page = await emptyWindow();
    await abortChunk(page, 'dashboard-page');
    await page.goto(`${shop.url}/dashboard`);
    const again = page.getByRole('alert').getByRole('button', { name: 'Try again' });
    await expect(again).toBeVisible();
    const loads = countLoads(page);
    const reloaded = page.waitForEvent('domcontentloaded');
    await again.click();
    await reloaded;
    await expect(again).toBeVisible();
    let imports = 0;
    page.on('request', (request) => (imports += request.url().includes('dashboard-page') ? 1 : 0));
    for (let tries = 0; tries < 3; tries += 1) {
      const failed = page.waitForEvent('requestfailed', (request) => request.url().includes('dashboard-page'));
      await again.click();
      await failed;
      await expect(again).toBeFocused();
    }
    expect(imports, 'one import for each try').toBe(3);
    expect(loads()).toBe(1);
  });

  test('leaves the other pages alone, and is tried again when it is opened again', async () => {
    const page = await emptyWindow();
    const restore = await abortChunk(page, 'dashboard-page');
    await page.goto(shop.url);
    const nav = page.getByRole('navigation', { name: 'Main' });
    await nav.getByRole('link', { name: 'Dashboard' }).click();
    await expect(page.getByRole('alert')).toContainText('This page could not be loaded');
    await nav.getByRole('link', { name: 'Drops' }).click();
    await expect(page.getByRole('article', { name: 'Paper crane' })).toBeVisible();
    await restore();
    await nav.getByRole('link', { name: 'Dashboard' }).click();
    await expect(page.getByRole('region', { name: 'Now, all drops together' })).toBeVisible();
  });

  test('is loaded with the document again, once, if the server has a newer build', async () => {
    const page = await emptyWindow();
    await page.goto(shop.url);
    await expect(page.getByRole('article', { name: 'Paper crane' })).toBeVisible();
    // The server that was updated: its page begins with another script, and the old chunk is gone.
    await abortChunk(page, 'dashboard-page');
    await page.route(`${shop.url}/`, async (route) => {
      const response = await route.fetch();
      const html = (await response.text()).replace(/src="(\/assets\/index-[^"]+)"/, 'src="$1?newer"');
      await route.fulfill({ response, body: html });
    });
    const loads = countLoads(page);
    await page.getByRole('link', { name: 'Dashboard' }).click();
    await expect(page.getByRole('alert')).toContainText('This page could not be loaded');
    await page.waitForTimeout(3_000);
    expect(loads()).toBe(1);
  });
});

describe('without network', () => {
  test('a small page opens that was not opened before', async () => {
    const page = await shop.visit('/');
    await expect(page.getByRole('article', { name: 'Paper crane' })).toBeVisible();
    await page.waitForFunction(
      () =>
        performance.getEntriesByType('resource').filter(({ name }) => /(sign-in|purchases|holds)-page/.test(name))
          .length >= 3,
    );
    await page.waitForLoadState('networkidle');
    await page.context().setOffline(true);
    await page.getByRole('banner').getByRole('link', { name: 'Sign in' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
  });

  test('a large page says so, and opens by itself when the network is back', async () => {
    const page = await shop.visit('/');
    await expect(page.getByRole('article', { name: 'Paper crane' })).toBeVisible();
    await page.waitForLoadState('networkidle');
    await page.evaluate(() => Object.assign(window, { isTheSameDocument: true }));
    await page.context().setOffline(true);
    await openInPage(page, '/dashboard');
    await expect(page.getByRole('alert')).toContainText('There is no network');
    await page.context().setOffline(false);
    await expect(page.getByRole('region', { name: 'Now, all drops together' })).toBeVisible();
    expect(await page.evaluate(() => 'isTheSameDocument' in window)).toBe(true);
  });
});

describe('an error in the page', () => {
  /** What a defect of the server or of the page leads to: data that cannot be shown. */
  async function breakAnswer(page: Page, pattern: string): Promise<() => Promise<void>> {
    await page.route(pattern, (route) =>
      route.fulfill({ json: { status: 'success', message: '', data: [{ id: dropId }], meta: { totalItems: 1 } } }),
    );
    return () => page.unroute(pattern);
  }

  test('takes away one page, and trying again fetches its data anew', async () => {
    const page = await shop.visit('/livez', { expectsErrors: true });
    const restore = await breakAnswer(page, '**/api/drops?*');
    await page.goto(shop.url);
    const alert = page.getByRole('alert');
    await expect(alert).toContainText('This page cannot be shown');
    await restore();
    await alert.getByRole('button', { name: 'Try again' }).click();
    await expect(page.getByRole('article', { name: 'Paper crane' })).toBeVisible();
  });

  test('outside of the pages is said too', async () => {
    const user = await shop.createUser();
    const page = await shop.visit('/livez', { user, expectsErrors: true });
    await page.route('**/api/reservations', (route) =>
      route.fulfill({ json: { status: 'success', message: '', data: [null] } }),
    );
    await page.goto(shop.url);
    await expect(page.getByRole('alert')).toContainText('The shop cannot be shown');
    await expect(page.getByRole('main').getByRole('button', { name: 'Load the page again' })).toBeVisible();
  });
});

test('when its first scripts cannot be loaded, the page says so', async () => {
  const page = await emptyWindow();
  await page.route('**/assets/*.js', (route) => route.abort());
  await page.goto(shop.url);
  await expect(page.getByRole('alert')).toContainText('The shop could not be loaded');
  await page.unroute('**/assets/*.js');
  await page.getByRole('link', { name: 'Try again' }).click();
  await expect(page.getByRole('article', { name: 'Paper crane' })).toBeVisible();
});
