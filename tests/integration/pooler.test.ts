import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pino } from 'pino';
import { applyMigrations } from '../../src/lib/db/migrations/migrate.js';
import { sessionParameters } from '../../src/lib/db/session-settings.js';
import { LONG_TIME_LIMITS, startTestApp, type TestApp } from '../helpers/app.js';
import { canTest } from '../helpers/can-test.js';
import { createTestDatabase, type TestDatabase } from '../helpers/database.js';
import { until } from '../helpers/locks.js';
import { metricOf } from '../helpers/other-batches.js';
import { hasPgbouncer, openPooler, type TestPooler } from '../helpers/pgbouncer.js';
import { listenTo } from '../helpers/sockets.js';
import { recordedStatements, type Statement } from '../helpers/statements.js';

const withPooler = canTest('a pooler in transaction mode', hasPgbouncer, 'There is no pgbouncer.');

/** Connections from the pooler to the database, fewer than the two services open to the pooler. */
const CONNECTIONS = 6;
const BUYERS = 120;
const UNITS = 80;

describe.runIf(withPooler)('through a pooler in transaction mode', () => {
  let database: TestDatabase;
  let pooler: TestPooler;
  let services: TestApp[] = [];
  const warnings: string[] = [];
  const PgClient = recordedStatements();

  const start = (env: Readonly<Record<string, string>> = {}) =>
    startTestApp({
      database,
      env: {
        DATABASE_URL: pooler.urlOf(database.url),
        DIRECT_DATABASE_URL: database.url,
        ...env,
      },
      pollLedger: true,
      PgClient,
      logger: pino({ level: 'warn' }, { write: (line: string) => void warnings.push(line) }),
    });

  beforeAll(async () => {
    // The database is empty; the service migrates it over the direct URL.
    database = await createTestDatabase({ migrated: false });
    pooler = await openPooler(database.url, CONNECTIONS);
  });

  afterAll(async () => {
    for (const service of services) await service.close();
    await pooler.close();
    await database.drop();
  });

  it('two services migrate concurrently over the direct URL and log the settings that the role lacks', async () => {
    services = await Promise.all([start({ ROLE: 'all' }), start()]);
    expect(await locksHeld(database)).toBe(0);
    expect(warnings.join()).toMatch(/ALTER ROLE \S+ IN DATABASE \S+ SET lock_timeout = '120000';/);
  });

  it('users reserve and purchase at both services, and clients of both receive the events', async () => {
    const [first, second] = services;
    if (!first || !second) throw new Error('two services');
    const [users, dropId] = await Promise.all([first.createUsers(BUYERS), first.createDrop({ total_stock: UNITS })]);
    const listeners = await Promise.all([listenTo(first), listenTo(second)]);
    const holds = await Promise.all(
      users.map(async (user, index) => {
        const app = index % 2 === 0 ? first : second;
        const { status, body } = await app.reserve(user, dropId);
        return { app, user, status, id: body.data?.reservation.id as string };
      }),
    );
    expect(holds.filter(({ status }) => status === 201)).toHaveLength(UNITS);
    expect(holds.filter(({ status }) => status === 409)).toHaveLength(BUYERS - UNITS);
    const granted = holds.filter(({ status }) => status === 201);
    const kept = granted.slice(0, UNITS / 2);
    const bought = await Promise.all(kept.map(({ app, user, id }) => app.purchase(user, id)));
    expect(bought.map(({ status }) => status)).toEqual(kept.map(() => 201));

    await first.expireHolds({ dropId });
    // The other holds expire; each service's ledger poller publishes the changes of the other service.
    await until(
      'the other units to be available again at both services',
      () =>
        listeners.every(({ received }) => received('inventory_update').some(({ availableStock, soldStock }) => availableStock === UNITS / 2 && soldStock === UNITS / 2)), // prettier-ignore
    );
    for (const listener of listeners) listener.close();
    expect(await first.mismatches()).toEqual([]);
  });

  it('all requests share the few connections of the pooler', async () => {
    const { rows } = await database.query<{ used: number }>(
      `SELECT count(*)::int AS used FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'drop-inventory'`,
    );
    expect(rows[0]?.used).toBeGreaterThan(0);
    expect(rows[0]?.used).toBeLessThanOrEqual(CONNECTIONS);
  });

  it('no prepared statement stays in a session after its transaction', () => {
    const sent: (Statement & { readonly name?: string })[] = PgClient.take();
    expect(sent.filter(({ text }) => text.includes('FOR UPDATE')).length).toBeGreaterThan(0);
    expect(sent.filter(({ name, text }) => name !== undefined || text === 'DISCARD PLANS')).toEqual([]);
  });

  it("control: a migration leaves its lock in one of the pooler's sessions", async () => {
    await applyMigrations({ connectionString: pooler.urlOf(database.url), logger: pino({ level: 'silent' }) });
    expect(await locksHeld(database)).toBe(1);
  });
});

describe.runIf(withPooler)('through a pooler without pgbouncer=true in DATABASE_URL', () => {
  it('the start fails at once and names the missing parameter', async () => {
    const database = await createTestDatabase();
    const pooler = await openPooler(database.url, 1);
    const url = new URL(pooler.urlOf(database.url));
    url.searchParams.delete('pgbouncer');
    try {
      await expect(startTestApp({ database, env: { DATABASE_URL: url.toString() } })).rejects.toThrow(
        /unsupported startup parameter.*add \?pgbouncer=true to DATABASE_URL/,
      );
    } finally {
      await pooler.close();
      await database.drop();
    }
  });

  it('the service stops preparing statements if connections share a session, and no request fails', async () => {
    const database = await createTestDatabase();
    // All connections of the service share one session, so that names of prepared statements collide.
    const pooler = await openPooler(
      database.url,
      1,
      Object.keys(sessionParameters(database.url, LONG_TIME_LIMITS.session)),
    );
    const url = new URL(pooler.urlOf(database.url));
    url.searchParams.delete('pgbouncer');
    const env = { DATABASE_URL: url.toString(), DIRECT_DATABASE_URL: database.url };
    const app = await startTestApp({ database, env });
    try {
      const drops = await Promise.all(Array.from({ length: 4 }, () => app.createDrop({ total_stock: BUYERS })));
      const users = await app.createUsers(BUYERS);
      const responses = await Promise.all(drops.flatMap((dropId) => users.map((user) => app.reserve(user, dropId))));
      expect(responses.filter(({ status }) => status !== 201)).toEqual([]);
      const metric = 'transaction_fallbacks_total';
      expect(await metricOf(app.context.metrics, metric, metric, 'retry after conflict')).toBeGreaterThan(0);
      expect(await app.mismatches()).toEqual([]);
    } finally {
      await app.close();
      await pooler.close();
      await database.drop();
    }
  });
});

/** The locks of migrations. */
async function locksHeld(database: TestDatabase): Promise<number> {
  const { rowCount } = await database.query(
    `SELECT FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory' AND objid = 72707369 AND datname = current_database()`,
  );
  return rowCount ?? 0;
}
