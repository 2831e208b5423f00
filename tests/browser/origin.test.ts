import { afterAll, afterEach, beforeAll, describe, test } from 'vitest';
import { NETWORK_ADDRESS } from '../helpers/chromium.js';
import { expectBought, startShop, type Shop } from '../helpers/shop.js';
import { expect } from '../helpers/windows.js';

let shop: Shop;

beforeAll(async () => {
  shop = await startShop();
});
afterEach(() => shop.windows.closeAll());
afterAll(() => shop.close());

// In every test, `closeAll()` checks that no page sends a request to another origin or violates its policy.

describe('the page at the machine’s network address, over plain HTTP', () => {
  test('has its styles, pictures and live updates, and sells', async () => {
    const dropId = await shop.createDrop({ name: 'Postcard', image_url: '/images/poster.svg', total_stock: 4 });
    const user = await shop.createUser();
    const url = shop.url.replace('localhost', NETWORK_ADDRESS);
    const page = await shop.windows.open(`${url}/drops/${dropId}`, { user });

    expect(await page.evaluate(() => window.isSecureContext), 'as on a phone in the same network').toBe(false);
    await expect(page.getByRole('status').filter({ hasText: 'Live updates' })).toHaveText('Live updates: Live');
    await expect(page.getByRole('article', { name: 'Postcard' })).toContainText('4 left of 4');
    await expect(page.locator('body')).toHaveCSS('font-family', /Archivo/);
    expect(await page.evaluate(() => document.fonts.check('16px "Archivo Variable"'))).toBe(true);
    const picture = page.getByRole('article').locator('img');
    await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);

    await page.getByRole('button', { name: 'Reserve: Postcard' }).click();
    await page.getByRole('button', { name: /^Buy.*Postcard/ }).click();
    await expectBought(page, 'Postcard');
    await page.getByRole('button', { name: 'Share' }).click();
    await expect(page.getByRole('textbox', { name: 'Link to this drop' })).toHaveValue(`${url}/drops/${dropId}`);
  });
});

describe('the first load', () => {
  test('has at most 150 kB of compressed scripts, without the charts', async () => {
    await shop.createDrop();
    const page = await shop.visit('/errors');
    const scripts: Promise<{ size: number; text: string }>[] = [];
    page.on('requestfinished', (request) => {
      if (request.resourceType() !== 'script') return;
      const load = async () => {
        const response = await request.response();
        // A script of the first page as well has not changed, and has no body.
        const text = response?.ok() ? await response.text() : '';
        return { size: (await request.sizes()).responseBodySize, text };
      };
      scripts.push(load());
    });
    const hasCharts = async () => (await Promise.all(scripts)).some(({ text }) => text.includes('uplot'));
    await page.goto(shop.url);
    await expect(page.getByRole('article').first()).toBeVisible();
    await page.waitForLoadState('networkidle');

    const sizes = (await Promise.all(scripts)).map(({ size }) => size);
    expect(sizes.length).toBeGreaterThan(1);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(150_000);
    expect(await hasCharts()).toBe(false);
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Dashboard' }).click();
    await expect.poll(hasCharts, { message: 'they are loaded with the dashboard' }).toBe(true);
  });

  test('has a policy that blocks foreign and inline scripts', async () => {
    const page = await shop.visit('/');
    const policy = (await page.request.get(shop.url)).headers()['content-security-policy'] ?? '';
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toContain('unsafe-');
    expect(policy, 'it would break the page over plain HTTP').not.toContain('upgrade-insecure-requests');
    const ran = await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'window.hasRun = true';
      document.body.append(script);
      return 'hasRun' in window;
    });
    expect(ran).toBe(false);
    await expect(shop.windows.closeAll(), 'a violation is reported').rejects.toThrow('Content Security Policy');
  });
});
