import type { Page } from 'playwright';
import type { Environment } from '../../src/lib/config/index.js';
import { isWebBuilt } from '../../src/pages/web-pages.js';
import { findFreePort } from './free-port.js';
import { startTestApp, type TestApp } from './app.js';
import { expect, openWindows, type WindowOptions, type Windows } from './windows.js';

/** The whole service with its worker, its ledger poller and the built storefront, and a browser. */
export interface Shop extends TestApp {
  readonly windows: Windows;
  /** Opens a path of the storefront in a new browser context. */
  visit(path: string, options?: WindowOptions): Promise<Page>;
}

/** Starts the service and the browser. Call close() in `afterAll`, and `windows.closeAll()` in `afterEach`. */
export async function startShop(env: Environment = {}): Promise<Shop> {
  if (!isWebBuilt()) throw new Error('The storefront is not built: run `npm run build`');
  const port = await findFreePort();
  const app = await startTestApp({ env: { ROLE: 'all', PORT: String(port), ...env }, pollLedger: true });
  const windows = await openWindows().catch(async (error: unknown) => {
    await app.close();
    throw error;
  });
  // The host of image URLs.
  const url = `http://localhost:${port}`;
  return {
    ...app,
    url,
    windows,
    visit: (path, options) => windows.open(url + path, options),
    async close() {
      await windows.close();
      await app.close();
    },
  };
}

/** Expects the success of a purchase, and goes on from there. */
export async function expectBought(page: Page, name: string): Promise<void> {
  const success = page.getByRole('dialog', { name: 'You got it!' });
  await expect(success).toContainText(name);
  await success.getByRole('button', { name: 'Keep browsing' }).click();
  await expect(success).toBeHidden();
}
