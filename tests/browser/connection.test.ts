import { afterAll, afterEach, beforeAll, describe, test } from 'vitest';
import { findFreePort } from '../helpers/free-port.js';
import { createTestDatabase, type TestDatabase } from '../helpers/database.js';
import { startProgram, type RunningProgram } from '../helpers/processes.js';
import { expect, openWindows, type Windows } from '../helpers/windows.js';

let database: TestDatabase;
let port: number;
let service: RunningProgram;
let windows: Windows;

/** Starts the service as a separate process, always on the same port. */
async function start(): Promise<void> {
  service = startProgram('main', {
    NODE_ENV: 'test',
    PORT: String(port),
    HOST: '127.0.0.1',
    DATABASE_URL: database.url,
    JWT_SECRET: 'a secret that is long enough for a test',
  });
  await service.printed('Ctrl-C stops it.');
}

beforeAll(async () => {
  database = await createTestDatabase();
  port = await findFreePort();
  await start();
  windows = await openWindows();
});
afterEach(() => windows.closeAll());
afterAll(async () => {
  await windows.close();
  service.signal('SIGTERM');
  await service.ended();
  await database.drop();
});

describe('a service that is killed and started again', () => {
  test('the page shows the lost connection, marks old numbers, and recovers without a reload', async () => {
    await database.query(`INSERT INTO drops (name, price, total_stock) VALUES ('Tin robot', 40, 5)`);
    const page = await windows.open(`http://localhost:${port}/`);
    const card = page.getByRole('article', { name: 'Tin robot' });
    const connection = page.getByRole('status').filter({ hasText: 'Live updates' });
    await expect(connection).toHaveText('Live updates: Live');
    await expect(card).toContainText('5 left of 5');
    await expect(card.locator('[data-freshness]')).toHaveAttribute('data-freshness', 'live');
    await page.evaluate(() => Object.assign(window, { isTheSamePage: true }));

    service.signal('SIGKILL');
    await service.ended();

    await expect(connection).toHaveText('Live updates: Reconnecting');
    await expect(card).toContainText('Connection lost · of 5 (last known)');
    await expect(page.locator('[data-freshness="live"]')).toHaveCount(0);

    // No event reports this change to the page.
    await database.query(`UPDATE drops SET total_stock = 9`);
    await start();

    await expect(connection).toHaveText('Live updates: Live');
    await expect(card).toContainText('9 left of 9');
    await expect(card.locator('[data-freshness]')).toHaveAttribute('data-freshness', 'live');
    expect(await page.evaluate(() => 'isTheSamePage' in window), 'the page was not reloaded').toBe(true);
  });
});
