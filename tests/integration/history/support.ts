import type { PgClientClass } from '../../../src/lib/db/database.js';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { copyOf, createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { entriesReadBy, type EntriesRead } from '../../helpers/entries-read.js';
import { interceptStatements } from '../../helpers/statements.js';
import { withClient } from '../../helpers/test-server.js';
import { servicesOf } from '../batches/support.js';
import { HOT_DROP, insertPast, pastUser, type STATISTICS } from './past.js';

export const BATCH_SIZE = 100;
/** Two batches of each kind: one with plans for its values, one with plans for any values. */
export const REQUESTS = 2 * BATCH_SIZE;

/** So that unpaid holds are looked up. */
const COOL_DOWN = { HOLD_COOL_DOWN_AFTER: '2', HOLD_COOL_DOWN_SECONDS: '600' };

/** Makes PostgreSQL alternate between plans for the values of a statement and generic plans, from transaction to transaction. */
function alternatingPlans(Base?: PgClientClass): PgClientClass {
  let transactions = 0;
  return interceptStatements(
    {
      rewrite(sql) {
        if (!sql.startsWith('BEGIN')) return sql;
        transactions += 1;
        const mode = transactions % 2 === 0 ? 'force_generic_plan' : 'force_custom_plan';
        return `${sql}; SET LOCAL plan_cache_mode = ${mode}`;
      },
    },
    Base,
  );
}

/** Users with past reservations and purchases, in two batches. */
export function batchesOf({ context }: TestApp): TestUser[][] {
  const users = Array.from({ length: REQUESTS }, (_, index) => {
    const id = pastUser(index);
    const token = context.tokens.sign({ id, role: 'user' });
    return { id, username: `past${index}`, email: `past${index}@example.com`, role: 'user' as const, token };
  });
  return [users.slice(0, BATCH_SIZE), users.slice(BATCH_SIZE)];
}

/** What was read by the service on this database, from its start to its end. */
export function readByService(
  database: TestDatabase,
  use: (app: TestApp) => Promise<unknown>,
  PgClient?: PgClientClass,
): Promise<EntriesRead> {
  return entriesReadBy(database, async () => {
    const app = await startTestApp({ database, PgClient: alternatingPlans(PgClient), env: COOL_DOWN });
    try {
      await use(app);
    } finally {
      await app.close();
    }
  });
}

/** Reserves a unit of the hot drop for each user, in two batches. Returns the ids of the reservations. */
export async function reserveAll(app: TestApp): Promise<string[]> {
  const { reserve } = servicesOf(app);
  const ids: string[] = [];
  for (const batch of batchesOf(app)) {
    const held = await Promise.all(batch.map((user, index) => reserve(user, HOT_DROP, index % 2 ? undefined : 'key')));
    ids.push(...held.map(({ reservation }) => reservation.id));
  }
  return ids;
}

/** Creates a database with a past, to be copied. */
export async function pastDatabase(): Promise<TestDatabase> {
  const database = await createTestDatabase();
  await withClient(database.url, insertPast);
  return database;
}

/** Creates a copy of the past with these statistics. */
export async function preparedDatabase(
  past: TestDatabase,
  { prepare }: (typeof STATISTICS)[number],
): Promise<TestDatabase> {
  const database = await copyOf(past);
  await withClient(database.url, prepare);
  return database;
}
