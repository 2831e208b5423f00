import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { openDatabaseProxy, type DatabaseProxy } from '../../helpers/database-proxy.js';
import { recordedStatements } from '../../helpers/statements.js';
import { expectProblem } from './support.js';

const MAX_AGE_MS = 250;
const CHECKS = 20;

const statements = recordedStatements();
let database: TestDatabase;
let proxy: DatabaseProxy;
let app: TestApp;

beforeAll(async () => {
  database = await createTestDatabase();
  proxy = await openDatabaseProxy(database.url);
  app = await startTestApp({
    database,
    env: { DATABASE_URL: proxy.url },
    PgClient: statements,
    expectsServerErrors: true,
  });
  // The age of a result is measured by a clock that stands still until a test moves it. It is the same one in all tests.
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterAll(async () => {
  vi.useRealTimers();
  await app.close();
  await proxy.close();
  await database.drop();
});

const outdate = () => vi.advanceTimersByTime(MAX_AGE_MS + 1);

const check = async () => (await app.http.get('/readyz')).status;
const checkAtOnce = () => Promise.all(Array.from({ length: CHECKS }, check));
const allReady = Array<number>(CHECKS).fill(200);

async function pingsDuring(work: () => Promise<unknown>): Promise<number> {
  return (await statements.during(work)).filter((sql) => sql === 'SELECT 1').length;
}

it('checks of /readyz within a quarter of a second share one query', async () => {
  const pings = await pingsDuring(async () => {
    expect(await checkAtOnce()).toEqual(allReady);
    vi.advanceTimersByTime(MAX_AGE_MS);
    expect(await checkAtOnce()).toEqual(allReady);
  });
  expect(pings).toBe(1);
});

it('control: each check of another quarter of a second sends a query', async () => {
  const pings = await pingsDuring(async () => {
    for (let count = 0; count < CHECKS; count += 1) {
      outdate();
      expect(await check()).toBe(200);
    }
  });
  expect(pings).toBe(CHECKS);
});

it('/readyz fails when the last success is older than that, and succeeds as soon as the database is back', async () => {
  outdate();
  expect(await check()).toBe(200);
  await proxy.cut();
  expect(await check()).toBe(200);
  outdate();
  expectProblem(await app.http.get('/readyz'), 'unavailable');
  await proxy.restore();
  // No time has passed: a failure is not kept.
  expect(await check()).toBe(200);
});

it('/readyz fails at once when a shutdown begins, however young the last success is', async () => {
  expect(await check()).toBe(200);
  app.context.readiness.closing = true;
  try {
    expectProblem(await app.http.get('/readyz'), 'unavailable');
  } finally {
    app.context.readiness.closing = false;
  }
});
