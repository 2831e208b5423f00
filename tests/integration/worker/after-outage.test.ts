import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ping } from '../../../src/lib/db/database.js';
import { POOL_TIME_LIMITS } from '../../../src/lib/db/pool-settings.js';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { until } from '../../helpers/locks.js';
import { openTcpProxy, type TcpProxy } from '../../helpers/tcp-proxy.js';
import { smallest } from '../../helpers/timing.js';
import { dropWithOverdueHolds, holdsOf } from './support.js';

// Measures on the database's clock how soon overdue holds expire after an outage of the worker's connection.

/** All are longer than the backoff delays; some are shorter, some longer than the connect and read timeouts. */
const OUTAGES_MS = [1_900, 3_900, 4_500, 5_600];
/** The service's target is less than half of this; the rest is a margin for a busy machine. */
const MAX_LATENESS_MS = 1_500;

let database: TestDatabase;
let proxy: TcpProxy;
let app: TestApp;
let isStalling = false;

beforeEach(async () => {
  isStalling = false;
  database = await createTestDatabase();
  const target = new URL(database.url);
  proxy = await openTcpProxy(() => Number(target.port || 5432), {
    host: target.hostname,
    intercept(connection) {
      if (isStalling) connection.stall();
      return undefined;
    },
  });
  const url = new URL(database.url);
  url.hostname = '127.0.0.1';
  url.port = String(proxy.port);
  app = await startTestApp({
    database,
    env: { DATABASE_URL: url.toString(), ROLE: 'all', RESERVATION_TTL_SECONDS: '3600' },
    pollLedger: true,
    poolTimeLimits: POOL_TIME_LIMITS,
    expectsServerErrors: true,
  });
  // A hold that stays active: an idle worker would poll too rarely to notice a silent outage.
  const [dropId, user] = await Promise.all([app.createDrop(), app.createUser()]);
  await app.reserve(user, dropId).expect(201);
});

afterEach(async () => {
  for (const each of proxy.open) each.resume();
  await app.close();
  await proxy.close();
  await database.drop();
});

/** Holds back all data on open and new connections. */
function stall(): void {
  isStalling = true;
  for (const each of proxy.open) each.stall();
}

interface Outage {
  readonly what: string;
  readonly begin: () => Promise<void> | void;
  readonly end: () => Promise<void> | void;
}

it.for<Outage>([
  { what: 'connections are cut and refused', begin: () => proxy.disconnect(), end: () => proxy.restore() },
  {
    what: 'packets are delayed and then delivered',
    begin: stall,
    end() {
      isStalling = false;
      for (const each of proxy.open) each.resume();
    },
  },
  {
    what: 'packets are lost and old connections stay dead',
    begin: stall,
    end() {
      isStalling = false;
    },
  },
])('after an outage overdue holds expire within a second: $what', async ({ begin, end }) => {
  const expiryAfter = async (outageMs: number) => {
    // Open several connections, so that the outage breaks more than one.
    await Promise.all(Array.from({ length: 8 }, () => ping(app.context.db)));
    await begin();
    const dropId = await dropWithOverdueHolds(app, 1);
    await sleep(outageMs);
    const { rows: before } = await database.query<{ now: Date }>('SELECT clock_timestamp() AS now');
    await end();
    await until('the hold to expire', async () => (await holdsOf(app, dropId)).expired === 1);
    const { rows } = await database.query<{ ms: number }>(
      `SELECT extract(epoch FROM max(created_at) - $2::timestamptz)::float8 * 1000 AS ms FROM stock_movements WHERE drop_id = $1`,
      [dropId, before[0]?.now],
    );
    await until('readiness', async () => (await app.http.get('/readyz')).status === 200);
    return rows[0]?.ms ?? Infinity;
  };
  const medianLatenessMs = async () => {
    const latenessesMs: number[] = [];
    for (const outageMs of OUTAGES_MS) latenessesMs.push(await expiryAfter(outageMs));
    return latenessesMs.toSorted((a, b) => a - b)[Math.floor(latenessesMs.length / 2)] ?? Infinity;
  };
  expect(await smallest(MAX_LATENESS_MS, medianLatenessMs)).toBeLessThan(MAX_LATENESS_MS);
  expect(await app.mismatches()).toEqual([]);
});
