import { afterAll, afterEach, beforeAll, describe, test } from 'vitest';
import { findFreePort } from '../helpers/free-port.js';
import { startTestApp, type TestApp } from '../helpers/app.js';
import { openHttpProxy, type HttpProxy, type UpgradeTreatment } from '../helpers/http-proxy.js';
import { expect, openWindows, type Windows } from '../helpers/windows.js';

// The storefront behind a proxy that rewrites Host, as nginx does by default.

let app: TestApp;
let proxy: HttpProxy;
let windows: Windows;

beforeAll(async () => {
  const port = await findFreePort();
  proxy = await openHttpProxy({ target: `http://127.0.0.1:${port}` });
  app = await startTestApp({ env: { PORT: String(port), PUBLIC_URL: proxy.url } });
  windows = await openWindows();
});
afterEach(() => windows.closeAll());
afterAll(async () => {
  await windows.close();
  await app.close();
  await proxy.close();
});

const TREATMENTS: [string, UpgradeTreatment][] = [
  ['passes websockets on', 'pass'],
  ['rejects their upgrades with 400', 'refuse'],
  ['closes the connection of their upgrades', 'close'],
  ['ignores their upgrades', 'ignore'],
];

describe.each(TREATMENTS)('behind a proxy that %s', (_, treatment) => {
  test('the page is live and shows changes', async () => {
    proxy.upgrades = treatment;
    const before = proxy.upgradeCount;
    const dropId = await app.createDrop({ name: `Proxied ${treatment}` });
    const page = await windows.open(proxy.url);
    const connection = page.getByRole('status').filter({ hasText: 'Live updates' });
    await expect(connection).toHaveText('Live updates: Live');
    const card = page.getByRole('article', { name: `Proxied ${treatment}` });
    await expect(card).toContainText('10 left of 10');
    await app.reserve(await app.createUser(), dropId).expect(201);
    await expect(card).toContainText('9 left of 10');
    expect(proxy.upgradeCount, 'a websocket was tried').toBeGreaterThan(before);
  });
});
