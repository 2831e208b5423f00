import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, inject, test } from 'vitest';
import { startTestApp, type TestApp } from '../helpers/app.js';
import { createTestDatabase, type TestDatabase } from '../helpers/database.js';
import { withClient } from '../helpers/test-server.js';
import { expect, openWindows, type Windows } from '../helpers/windows.js';

const { url: serverUrl, template } = inject('testServer');

let database: TestDatabase;
let app: TestApp;
let windows: Windows;

beforeAll(async () => {
  database = await createTestDatabase();
  app = await startTestApp({ database, pollLedger: true });
  windows = await openWindows();
});
afterEach(() => windows.closeAll());
afterAll(async () => {
  await windows.close();
  await app.close();
  await database.drop();
});

test('an open page shows the numbers of a recreated database, although its versions are lower', async () => {
  const dropId = randomUUID();
  const insert = (name: string, stock: number) =>
    database.query('INSERT INTO drops (id, name, price, total_stock) VALUES ($1, $2, 1, $3)', [dropId, name, stock]);
  await insert('Of before', 5);
  for (let time = 0; time < 9; time += 1) await database.query('UPDATE drops SET total_stock = total_stock + 1');
  const page = await windows.open(`${app.url}/`);
  const card = page.getByRole('article');
  await expect(card).toContainText('14 left of 14');
  await expect(card.locator('[data-freshness]')).toHaveAttribute('data-freshness', 'live');
  await page.evaluate(() => Object.assign(window, { isTheSamePage: true }));

  const name = pg.escapeIdentifier(new URL(database.url).pathname.slice(1));
  await withClient(serverUrl, async (client) => {
    await client.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  });
  await insert('Of now', 3);

  await expect(card).toContainText('3 left of 3');
  await expect(card).toContainText('Of now');
  await expect(card.locator('[data-freshness]')).toHaveAttribute('data-freshness', 'live');
  await expect(page.getByRole('status').filter({ hasText: 'Live updates' })).toHaveText('Live updates: Live');
  expect(await page.evaluate(() => 'isTheSamePage' in window), 'the page was not reloaded').toBe(true);
});
