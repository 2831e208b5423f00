import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import { Prisma } from '../../../src/generated/prisma/client.js';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { createTestDatabase } from '../../helpers/database.js';
import { rowsRead, stepsIn, type Explained } from '../../helpers/explain.js';
import { metricOf } from '../../helpers/other-batches.js';
import { interceptStatements, type Statement } from '../../helpers/statements.js';
import { withoutProtection, type RewritingClient } from '../../helpers/without-protection.js';
import { outcomesOf, servicesOf } from './support.js';

/** More than five: PostgreSQL makes a new plan for each of the first five executions of a prepared statement. */
const BATCHES = 8;
const BATCH_SIZE = 20;
/** Longer than the service keeps plans. */
const PAUSE_MS = 300;

interface OneSession extends TestApp {
  /** Returns the statements sent since the last call. Prepared statements have names. */
  take(): (Statement & { readonly name?: string })[];
  /** Sends `count` batches one after the other, each with the reservations of BATCH_SIZE new users. */
  batches(dropId: string, count: number): Promise<void>;
  fallbacks(): Promise<number>;
}

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** Starts the service with one connection, so that all its statements run in one session. */
async function startWithOneSession(Base?: RewritingClient): Promise<OneSession> {
  const sent: Statement[] = [];
  const PgClient = interceptStatements({ onSent: (statement) => sent.push(statement) }, Base);
  const database = await createTestDatabase();
  open.push(() => database.drop());
  const url = new URL(database.url);
  url.searchParams.set('connection_limit', '1');
  const app = await startTestApp({ database, env: { DATABASE_URL: url.toString() }, PgClient });
  open.push(() => app.close());
  const { reserve } = servicesOf(app);
  return {
    ...app,
    take: () => sent.splice(0),
    async batches(dropId, count) {
      for (let batch = 0; batch < count; batch += 1) {
        const users = await app.createUsers(BATCH_SIZE);
        await outcomesOf(users.map((user) => reserve(user, dropId)));
      }
    },
    fallbacks: () =>
      metricOf(app.context.metrics, 'transaction_fallbacks_total', 'transaction_fallbacks_total', 'retry after conflict'), // prettier-ignore
  };
}

const namesIn = (statements: readonly { readonly name?: string }[]) =>
  statements.flatMap(({ name }) => (name === undefined ? [] : [name]));

it('the statements under the lock are prepared and use a generic plan after the first batches', async () => {
  const app = await startWithOneSession();
  await app.batches(await app.createDrop({ total_stock: 1_000 }), BATCHES);
  const { db } = app.context;
  const prepared = await db.$queryRaw<{ name: string; generic: bigint; custom: bigint }[]>`
    SELECT name, generic_plans AS generic, custom_plans AS custom FROM pg_prepared_statements`;
  const names = [...new Set(namesIn(app.take()))];
  expect(names).toHaveLength(3);
  expect(prepared.map(({ name }) => name).sort()).toEqual(names.sort());
  for (const { generic, custom } of prepared) {
    expect(Number(generic)).toBeGreaterThan(0);
    expect(Number(generic) + Number(custom)).toBe(BATCHES);
  }
});

describe.each([
  ['keeps no plan that was made for an empty table', undefined],
  ['would keep it, were the plans not thrown away', withoutProtection('DISCARD PLANS', 'SELECT')],
] as const)('a session in use again after a pause', (name, Base) => {
  it(name, async () => {
    const HOLDS = 5_000;
    const app = await startWithOneSession(Base);
    const { database } = app;
    const [soldOut, dropId] = [await app.createDrop({ total_stock: 1 }), await app.createDrop({ total_stock: 1e6 })];
    await app.batches(soldOut, 1);
    await database.query('ALTER TABLE reservations SET (autovacuum_enabled = false)');
    await database.query('DELETE FROM reservations');
    await database.query('UPDATE drops SET available_stock = 0, reserved_stock = 0, total_stock = 0, sold_stock = 0 WHERE id = $1', [soldOut]); // prettier-ignore
    await database.query('VACUUM (ANALYZE) reservations');
    await app.batches(soldOut, BATCHES);

    await database.query(
      `WITH holders AS (
         INSERT INTO users (username, email, password_hash)
         SELECT 'holder' || n, 'holder' || n || '@example.com', 'none' FROM generate_series(1, $2::int) n RETURNING id),
       moved AS (UPDATE drops SET available_stock = available_stock - $2::int, reserved_stock = $2::int WHERE id = $1)
       INSERT INTO reservations (user_id, drop_id) SELECT id, $1 FROM holders`,
      [dropId, HOLDS],
    );
    await sleep(PAUSE_MS);
    app.take();
    await app.batches(dropId, 1);
    const statement = app.take().find(({ text }) => text.includes('WITH horizon'));
    // Runs in the service's session, with that session's plan.
    const values = (statement?.values ?? []).map((value) => pg.escapeLiteral(String(value))).join();
    const execute = Prisma.raw(`EXECUTE "${statement?.name ?? ''}" (${values})`);
    const explained = await app.context.db.$queryRaw<Explained[]>`EXPLAIN (ANALYZE, FORMAT JSON) ${execute}`;
    const read = rowsRead(stepsIn(explained).filter((step) => step['Relation Name'] === 'reservations'));
    Base?.assertUsed();
    if (Base) expect(read).toBeGreaterThan(HOLDS);
    else expect(read).toBeLessThanOrEqual(2 * BATCH_SIZE);
  });
});

describe('a session with prepared statements continues unprepared and loses no request', () => {
  it.each<[string, (app: OneSession) => Promise<unknown>]>([
    [
      'when a column has changed its type since',
      ({ database }) => database.query('ALTER TABLE drops ALTER COLUMN price TYPE numeric(12, 2)'),
    ],
    ['when the session does not have the statements', ({ context: { db } }) => db.$executeRaw`DEALLOCATE ALL`],
  ])('%s', async (_when, invalidate) => {
    const app = await startWithOneSession();
    const dropId = await app.createDrop({ total_stock: 1_000 });
    await app.batches(dropId, 2);
    expect(namesIn(app.take())).not.toEqual([]);

    await invalidate(app);
    await app.batches(dropId, 1);
    expect(await app.fallbacks()).toBe(1);
    app.take();
    await app.batches(dropId, 2);
    expect(await app.fallbacks()).toBe(1);
    expect(namesIn(app.take())).toEqual([]);
    expect((await app.http.get(`/api/drops/${dropId}`)).body).toMatchObject({
      data: { reservedStock: 5 * BATCH_SIZE },
    });
    expect(await app.mismatches()).toEqual([]);
  });
});
