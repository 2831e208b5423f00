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

/** Opens an empty window, in which requests and scripts can be prepared before a page is loaded. */
async function emptyWindow(): Promise<Page> {
  const page = await shop.visit('/livez');
  await page.goto('about:blank');
  return page;
}

/** Requests of the chunks with this name fail until the returned function is called. */
async function abortChunk(page: Page, name: string): Promise<() => Promise<void>> {
  const pattern = `**/assets/${name}-*.js`;
  await page.route(pattern, (route) => route.abort());
  return () => page.unroute(pattern);
}

/** Counts the loads of documents from now on. */
function countLoads(page: Page): () => number {
  let loads = 0;
  page.on('domcontentloaded', () => (loads += 1));
  return () => loads;
}

/** Navigates within the page, without loading it again. */
const openInPage = (page: Page, path: string) =>
  page.evaluate((to) => {
    history.pushState(null, '', to);
  }, path);

describe('with site data blocked', () => {
  /** Like Chromium with site data blocked: reading the properties throws. */
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

  /** Like a full quota: reading works and writing throws. */
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
    await page.getByRole('textbox', { name: 'Email' }).fill(account.email);
    await page.getByRole('textbox', { name: 'Password' }).fill(account.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByRole('button', { name: `Account of ${username}` })).toBeVisible();
    await page.getByRole('link', { name: 'Order history' }).click();
    await expect(page.getByRole('heading', { name: 'No orders yet' })).toBeVisible();

    await page.getByRole('button', { name: `Account of ${username}` }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await expect(page.getByRole('heading', { name: 'Sign in to see this' })).toBeVisible();
  });

  test('an invalid stored session does not break the page', async () => {
    const page = await emptyWindow();
    await page.context().addInitScript(() => {
      localStorage.setItem('drop-inventory.session', '{"token":"x","user":{"id":"1"}}');
    });
    await page.goto(shop.url);
    await expect(page.getByRole('banner').getByRole('link', { name: 'Sign in' })).toBeVisible();
  });
});

describe('a page whose code cannot be loaded', () => {
  test.each(['account-pages', 'sign-in-form', 'signed-in-only', 'dashboard-page'])(
    '%s: shows an error, does not reload, and loads after a retry',
    async (chunk) => {
      const page = await emptyWindow();
      const restore = await abortChunk(page, chunk);
      const path = { 'dashboard-page': '/dashboard', 'signed-in-only': '/purchases' }[chunk] ?? '/sign-in';
      const loads = countLoads(page);
      await page.goto(shop.url + path);

      const alert = page.getByRole('alert').filter({ hasText: 'This page could not be loaded' });
      await expect(alert).toBeVisible();
      await expect(page.getByRole('navigation', { name: 'Main' }), 'the frame of the page works').toBeVisible();
      const settled = loads();
      await page.waitForTimeout(3_000);
      expect(loads(), 'no automatic reload').toBe(settled);
      expect(settled).toBe(1);

      await restore();
      await alert.getByRole('button', { name: 'Try again' }).click();
      await expect(page.getByRole('heading', { level: 1 })).toHaveText(/Sign in|Dashboard|Order history/);
      await expect(page.getByRole('heading', { level: 1 })).toBeFocused();
      await expect(alert).toBeHidden();
    },
  );

  test('and keeps failing is reloaded at most once, and the focus stays on the button', async () => {
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
    expect(imports, 'one import for each retry').toBe(3);
    expect(loads()).toBe(1);
  });

  test('does not affect other pages, and is loaded when it is opened again', async () => {
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
    await expect(page.getByRole('region', { name: 'All drops' })).toBeVisible();
  });

  test('is reloaded with the document, once, if the server has a newer build', async () => {
    const page = await emptyWindow();
    await page.goto(shop.url);
    await expect(page.getByRole('article', { name: 'Paper crane' })).toBeVisible();
    // An updated server: its page has another entry script, and the old chunk no longer exists.
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
  test('a small page opens for the first time', async () => {
    const page = await shop.visit('/');
    await expect(page.getByRole('article', { name: 'Paper crane' })).toBeVisible();
    await page.waitForFunction(
      () =>
        performance.getEntriesByType('resource').filter(({ name }) => /(account|purchases|holds)-page/.test(name))
          .length >= 3,
    );
    await page.waitForLoadState('networkidle');
    await page.context().setOffline(true);
    await page.getByRole('banner').getByRole('link', { name: 'Sign in' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
  });

  test('a large page shows an error, and opens when the network is back', async () => {
    const page = await shop.visit('/');
    await expect(page.getByRole('article', { name: 'Paper crane' })).toBeVisible();
    await page.waitForLoadState('networkidle');
    await page.evaluate(() => Object.assign(window, { isTheSameDocument: true }));
    await page.context().setOffline(true);
    await openInPage(page, '/dashboard');
    await expect(page.getByRole('alert')).toContainText('There is no network');
    await page.context().setOffline(false);
    await expect(page.getByRole('region', { name: 'All drops' })).toBeVisible();
    expect(await page.evaluate(() => 'isTheSameDocument' in window)).toBe(true);
  });
});

describe('an error in the page', () => {
  /** Responds with data that the page cannot render. */
  async function breakResponse(page: Page, pattern: string): Promise<() => Promise<void>> {
    await page.route(pattern, (route) =>
      route.fulfill({ json: { status: 'success', message: '', data: [{ id: dropId }], meta: { totalItems: 1 } } }),
    );
    return () => page.unroute(pattern);
  }

  test('affects one page, and a retry fetches its data again', async () => {
    const page = await shop.visit('/livez', { expectsErrors: true });
    const restore = await breakResponse(page, '**/api/drops?*');
    await page.goto(shop.url);
    const alert = page.getByRole('alert');
    await expect(alert).toContainText('This page cannot be shown');
    await restore();
    await alert.getByRole('button', { name: 'Try again' }).click();
    await expect(page.getByRole('article', { name: 'Paper crane' })).toBeVisible();
  });

  test('outside of the pages shows an error', async () => {
    const user = await shop.createUser();
    const page = await shop.visit('/livez', { user, expectsErrors: true });
    await page.route('**/api/reservations', (route) =>
      route.fulfill({ json: { status: 'success', message: '', data: [null] } }),
    );
    await page.goto(shop.url);
    await expect(page.getByRole('alert')).toContainText('The shop cannot be shown');
    await expect(page.getByRole('main').getByRole('button', { name: 'Reload the page' })).toBeVisible();
  });
});

test('the page shows an error when its first scripts cannot be loaded', async () => {
  const page = await emptyWindow();
  await page.route('**/assets/*.js', (route) => route.abort());
  await page.goto(shop.url);
  await expect(page.getByRole('alert')).toContainText('The shop could not be loaded');
  await page.unroute('**/assets/*.js');
  await page.getByRole('link', { name: 'Try again' }).click();
  await expect(page.getByRole('article', { name: 'Paper crane' })).toBeVisible();
});
