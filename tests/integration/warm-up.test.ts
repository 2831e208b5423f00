import { Writable } from 'node:stream';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createLogger } from '../../src/lib/logger.js';
import { startTestApp, type TestApp } from '../helpers/app.js';
import { createTestDatabase, type TestDatabase } from '../helpers/database.js';
import { findFreePort } from '../helpers/free-port.js';
import { until, untilWaiting, whileLocked } from '../helpers/locks.js';
import { scrape, sumOf } from '../helpers/scrape.js';
import { withoutProtection } from '../helpers/without-protection.js';

/** Long enough for any machine. */
const NO_LIMIT_MS = 240_000;
const FAILED = 'The warm-up failed: the first requests are slower than later ones';

interface Line {
  readonly level: number;
  readonly msg: string;
  readonly reason?: string;
  readonly [count: number]: number;
}

let database: TestDatabase;
let lines: Line[];
let apps: TestApp[];

beforeEach(async () => {
  database = await createTestDatabase();
  lines = [];
  apps = [];
});

afterEach(async () => {
  for (const app of apps) await app.close();
  await database.drop();
});

async function start(options: Parameters<typeof startTestApp>[0]): Promise<TestApp> {
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(JSON.parse(String(chunk)) as Line);
      done();
    },
  });
  const logger = createLogger({ logLevel: 'debug' }, { destination });
  const app = await startTestApp({ database, logger, warmUp: true, maxWarmUpMs: NO_LIMIT_MS, ...options });
  apps.push(app);
  return app;
}

/** The rows of all tables, as text. */
async function rows(): Promise<string[]> {
  const { rows: tables } = await database.query<{ name: string }>(
    `SELECT oid::regclass::text AS name FROM pg_class
     WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1`,
  );
  const found = await Promise.all(
    tables.map(({ name }) =>
      database.query<{ row: string }>(`SELECT '${name} ' || t AS row FROM ${name} t ORDER BY 1`),
    ),
  );
  return found.flatMap(({ rows: ofTable }) => ofTable.map(({ row }) => row));
}

/** The metrics of a new service, but for durations, and those of Node and the operating system. */
async function metricsAfterStart(warmUp: boolean) {
  const port = await findFreePort();
  await start({ warmUp, env: { METRICS_PORT: String(port) } });
  const samples = await scrape(port);
  return {
    idleConnections: sumOf(samples, 'database_pool_connections', { state: 'idle' }),
    others: samples.filter(
      ({ name }) => !/^(nodejs_|process_|database_pool_connections)|_seconds_(sum|bucket)$/.test(name),
    ),
  };
}

async function insertStock(): Promise<void> {
  await database.query(
    `WITH buyer AS (INSERT INTO users (username, email, password_hash) VALUES ('ada', 'ada@example.com', '-') RETURNING id),
          drop AS (INSERT INTO drops (name, price, total_stock, available_stock, reserved_stock)
                   VALUES ('A drop', 1, 3, 2, 1) RETURNING id)
     INSERT INTO reservations (user_id, drop_id) SELECT buyer.id, drop.id FROM buyer, drop`,
  );
}

it('a warm-up serves requests, and changes neither rows nor metrics', async () => {
  await insertStock();
  const before = await rows();
  const cold = await metricsAfterStart(false);
  const warm = await metricsAfterStart(true);

  const [served] = lines.filter(({ msg }) => msg === 'Warmed up');
  expect(Object.keys(served ?? {}).filter((key) => /^\d+$/.test(key))).toEqual(['200', '201', '401', '404']);
  expect(served?.[201]).toBeGreaterThan(0);
  expect(warm.others).toEqual(cold.others);
  expect(warm.idleConnections, 'connections that the first requests find open').toBeGreaterThan(cold.idleConnections);
  expect(await rows()).toEqual(before);
  expect(lines.filter(({ level }) => level > 30)).toEqual([]);
});

it('without the rollback, the rows of a warm-up would stay', async () => {
  const PgClient = withoutProtection(/^ROLLBACK$/, 'COMMIT');
  await start({ PgClient });
  PgClient.assertUsed();
  expect((await rows()).filter((row) => row.startsWith('reservations')).length).toBeGreaterThan(0);
});

it('the API does not listen before the warm-up has ended', async () => {
  const port = await findFreePort();
  const ready = () => fetch(`http://127.0.0.1:${port}/readyz`).then(({ status }) => status);
  await whileLocked(database, { sql: 'LOCK TABLE users IN SHARE MODE', params: [] }, async ({ unlock }) => {
    const starting = start({ env: { PORT: String(port) } });
    await untilWaiting(database);
    await expect(ready()).rejects.toThrow();
    expect(lines.map(({ msg }) => msg)).not.toContain('Warmed up');
    await unlock();
    await starting;
  });
  expect(await ready()).toBe(200);
  expect(lines.map(({ msg }) => msg)).toContain('Warmed up');
});

it('a database that does not answer delays the start for a limited time, and is logged once', async () => {
  await whileLocked(database, { sql: 'LOCK TABLE users IN SHARE MODE', params: [] }, async () => {
    const app = await start({ maxWarmUpMs: 100 });
    await app.http.get('/readyz').expect(200);
    expect(lines.filter(({ level }) => level > 30)).toEqual([
      expect.objectContaining({ level: 40, msg: FAILED, reason: 'it took longer than 100 ms' }),
    ]);
  });
  // What still waited for the lock is rolled back.
  await until('the warm-up to end', async () => {
    const { rowCount } = await database.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'`,
    );
    return rowCount === 0;
  });
  expect((await rows()).filter((row) => /^(users|drops|reservations) /.test(row))).toEqual([]);
  expect(lines.filter(({ level }) => level > 30)).toHaveLength(1);
});

it('a statement that fails ends the warm-up and not the start, and is logged once', async () => {
  const PgClient = withoutProtection('INSERT INTO reservations', 'INSERT INTO reservation');
  const app = await start({ PgClient, expectsServerErrors: true });
  PgClient.assertUsed();
  await app.http.get('/readyz').expect(200);
  expect(lines.filter(({ level }) => level > 30)).toEqual([
    expect.objectContaining({ level: 40, msg: FAILED, reason: 'POST /api/reservations was answered 500' }),
  ]);
});

it('a process that only works in the background does not warm up', async () => {
  await start({ env: { ROLE: 'worker' } });
  expect(lines.map(({ msg }) => msg)).not.toContain('Warmed up');
});
