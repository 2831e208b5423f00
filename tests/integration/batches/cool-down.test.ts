import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { rowsRead, stepsIn, type Explained } from '../../helpers/explain.js';
import { dropRowLock, untilWaiting, whileLocked } from '../../helpers/locks.js';
import { recordedStatements, type Statement } from '../../helpers/statements.js';
import { withClient } from '../../helpers/test-server.js';
import { withoutLock } from '../races/support.js';
import { countOutcomes, outcomesOf, servicesOf } from './support.js';

const AFTER = 2;
const BATCH_SIZE = 20;
/** Unpaid holds of each user, and of other users of the drop. */
const OLD_HOLDS = 500;
const OTHER_HOLDS = 10_000;

const env = { HOLD_COOL_DOWN_AFTER: String(AFTER) };

describe('a batch that waits for the lock while holds of its users end', () => {
  const Unlocked = withoutLock();
  let database: TestDatabase;
  let app: TestApp;
  let unprotected: TestApp;

  beforeAll(async () => {
    database = await createTestDatabase();
    app = await startTestApp({ database, env });
    unprotected = await startTestApp({ database, env, PgClient: Unlocked });
  });
  afterAll(async () => {
    await app.close();
    await unprotected.close();
    await database.drop();
  });

  async function reserveDuring(service: TestApp): Promise<string[]> {
    const [dropId, users] = await Promise.all([app.createDrop(), app.createUsers(3)]);
    return whileLocked(database, dropRowLock(dropId), async ({ client, unlock }) => {
      const requests = outcomesOf(users.map((user) => servicesOf(service).reserve(user, dropId)));
      await untilWaiting(database);
      await client.query(
        `INSERT INTO reservations (user_id, drop_id, status)
         SELECT user_id, $1, 'expired' FROM unnest($2::uuid[]) AS user_id, generate_series(1, ${AFTER})`,
        [dropId, users.slice(1).map(({ id }) => id)],
      );
      await unlock();
      return requests;
    });
  }

  it('refuses these users', async () => {
    expect(await reserveDuring(app)).toEqual(['done', 'cool-down', 'cool-down']);
  });

  it('control: grants them units if the lock is removed', async () => {
    expect(await reserveDuring(unprotected)).toEqual(['done', 'done', 'done']);
    Unlocked.assertUsed();
  });
});

/** Runs a prepared statement with a generic plan, as the service does, and returns how many unpaid holds it reads. */
async function unpaidRead(app: TestApp, { text, values = [] }: Statement): Promise<number> {
  return withClient(app.database.url, async (client) => {
    const list = (values as (string | number | null)[])
      .map((value) => (value === null ? 'NULL' : pg.escapeLiteral(String(value))))
      .join();
    await client.query(`SET plan_cache_mode = force_generic_plan; PREPARE explained AS ${text}; BEGIN`);
    const { rows } = await client.query<Explained>(`EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE explained (${list})`);
    await client.query('ROLLBACK');
    const steps = stepsIn(rows);
    // Active holds are read from other indexes.
    const others = /^reservations_(active|unsettled)|_pkey$|_key$/;
    return rowsRead(
      steps.filter((step) => {
        const name = step['Index Name'] ?? step['Relation Name'] ?? '';
        return name.startsWith('reservations') && !others.test(name);
      }),
    );
  });
}

/** Lets a batch of users with many unpaid holds reserve; returns the statement that has loaded its state. */
async function loadOf(app: TestApp, before: string, PgClient: ReturnType<typeof recordedStatements>) {
  const [dropId, users] = await Promise.all([app.createDrop({ total_stock: 100 }), app.createUsers(BATCH_SIZE)]);
  await app.database.query('ALTER TABLE reservations SET (autovacuum_enabled = false)');
  await app.database.query(before);
  await addUnpaid(app, dropId, users);
  PgClient.take();
  const outcomes = await outcomesOf(users.map((user) => servicesOf(app).reserve(user, dropId)));
  const load = PgClient.take().find(({ text }) => text.includes('WITH horizon'));
  if (!load) throw new Error('no batch has loaded its state');
  return { load, outcomes: countOutcomes(outcomes) };
}

async function addUnpaid(app: TestApp, dropId: string, users: readonly TestUser[]): Promise<void> {
  await app.database.query(`
    SET session_replication_role = replica;
    INSERT INTO reservations (user_id, drop_id, status, settled_at)
      SELECT user_id, '${dropId}', (ARRAY['expired', 'released'])[1 + n % 2]::reservation_status, now() - n * interval '1 s'
      FROM unnest('{${users.map(({ id }) => id).join()}}'::uuid[]) AS user_id, generate_series(1, ${OLD_HOLDS}) n;
    INSERT INTO reservations (user_id, drop_id, status, settled_at)
      SELECT gen_random_uuid(), '${dropId}', 'expired', now() FROM generate_series(1, ${OTHER_HOLDS}) n;
    RESET session_replication_role`);
}

/** A time at which no hold had ended, and one at which each user had one unpaid hold. */
const WITHOUT_UNPAID = `
  SET session_replication_role = replica;
  INSERT INTO reservations (user_id, drop_id, price) SELECT gen_random_uuid(), gen_random_uuid(), 1 FROM generate_series(1, 1000);
  RESET session_replication_role;
  ANALYZE reservations`;
const WITH_FEW_UNPAID = `
  SET session_replication_role = replica;
  INSERT INTO reservations (user_id, drop_id, status, settled_at)
    SELECT gen_random_uuid(), gen_random_uuid(), 'expired', now() FROM generate_series(1, 1000);
  RESET session_replication_role;
  ANALYZE reservations`;

describe.each([
  ['without statistics', ''],
  ['with statistics from a time without unpaid holds', WITHOUT_UNPAID],
  ['with statistics from a time with one unpaid hold of each user', WITH_FEW_UNPAID],
])('%s', (_, before) => {
  const PgClient = recordedStatements();
  let app: TestApp;
  let loaded: Awaited<ReturnType<typeof loadOf>>;

  beforeAll(async () => {
    app = await startTestApp({ PgClient, env });
    loaded = await loadOf(app, before, PgClient);
  });
  afterAll(() => app.close());

  it('a batch reads as many unpaid holds of each user as it takes to refuse, however many there are', async () => {
    expect(loaded.outcomes).toEqual({ 'cool-down': BATCH_SIZE });
    expect(await unpaidRead(app, loaded.load)).toBe(AFTER * BATCH_SIZE);
    await app.database.query('ANALYZE reservations');
    expect(await unpaidRead(app, loaded.load)).toBe(AFTER * BATCH_SIZE);
  });

  it('a batch reads none if there is no cool-down', async () => {
    const limit = /LIMIT (\$\d+)::int\) own\) latest/;
    const position = Number(limit.exec(loaded.load.text)?.[1]?.slice(1));
    const values = (loaded.load.values ?? []).map((value, index) => (index === position - 1 ? 0 : value));
    expect(await unpaidRead(app, { text: loaded.load.text, values })).toBe(0);
  });

  it('control: without the limit a batch reads all of them', async () => {
    const unlimited = loaded.load.text.replace(
      /LIMIT (\$\d+)::int\) own\) latest/,
      'LIMIT 1000000 + $1::int) own) latest',
    );
    expect(unlimited).not.toBe(loaded.load.text);
    expect(await unpaidRead(app, { ...loaded.load, text: unlimited })).toBeGreaterThanOrEqual(OLD_HOLDS * BATCH_SIZE);
  });
});
