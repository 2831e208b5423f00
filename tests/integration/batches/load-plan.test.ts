import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { rowsRead, stepsOf } from '../../helpers/explain.js';
import { recordedStatements, type Statement } from '../../helpers/statements.js';
import { servicesOf } from './support.js';

const HOLDS = 20_000;
const BATCH_SIZE = 50;

/** The state before a drop: reservations, none of them active, and current statistics. */
const WITHOUT_ACTIVE_HOLDS = `
  SET session_replication_role = replica;
  INSERT INTO reservations (user_id, drop_id, status, settled_at)
    SELECT gen_random_uuid(), gen_random_uuid(), 'expired', now() FROM generate_series(1, 1000);
  RESET session_replication_role;
  ANALYZE reservations`;

interface Situation {
  readonly name: string;
  /** SQL to run before the holds exist. */
  readonly before: string;
}

/** Counts the reservation rows and index entries that each statement of three batches reads, by the kind of the batch. */
async function readByBatches({ before }: Situation) {
  const PgClient = recordedStatements();
  const app = await startTestApp({ PgClient });
  try {
    const dropId = await app.createDrop({ total_stock: HOLDS + BATCH_SIZE });
    const buyers = await app.createUsers(BATCH_SIZE);
    await app.database.query('ALTER TABLE reservations SET (autovacuum_enabled = false)');
    await app.database.query(before);
    // Many new holds that the statistics do not include.
    await app.database.query(
      `WITH holders AS (
         INSERT INTO users (username, email, password_hash)
         SELECT 'holder' || n, 'holder' || n || '@example.com', 'none' FROM generate_series(1, $2::int) n RETURNING id)
       INSERT INTO reservations (user_id, drop_id) SELECT id, $1 FROM holders`,
      [dropId, HOLDS],
    );
    await app.database.query('UPDATE drops SET available_stock = $2, reserved_stock = $3 WHERE id = $1', [dropId, BATCH_SIZE, HOLDS]); // prettier-ignore

    const { reserve, purchase, release } = servicesOf(app);
    PgClient.take();
    const held = await Promise.all(buyers.map(async (user) => ({ user, ...(await reserve(user, dropId)) })));
    const reserving = PgClient.take();
    const half = held.splice(0, BATCH_SIZE / 2);
    await Promise.all(half.map(({ user, reservation }) => purchase(user, reservation.id)));
    const purchasing = PgClient.take();
    await Promise.all(held.map(({ user, reservation }) => release(user, reservation.id)));
    const releasing = PgClient.take();
    return {
      app,
      reserving: await rowsReadBy(app, reserving),
      purchasing: await rowsReadBy(app, purchasing),
      releasing: await rowsReadBy(app, releasing),
      load: reserving.find(({ text }) => text.includes('WITH horizon')),
    };
  } catch (error) {
    await app.close();
    throw error;
  }
}

/** The most that one of the statements reads. */
async function rowsReadBy(app: TestApp, statements: readonly Statement[]): Promise<number> {
  const ofReservations = statements.filter(({ text }) => /\breservations r\b/.test(text));
  expect(ofReservations.length).toBeGreaterThan(0);
  return Math.max(...(await Promise.all(ofReservations.map((statement) => reservationsRead(app, statement)))));
}

async function reservationsRead(app: TestApp, statement: Statement): Promise<number> {
  const steps = await stepsOf(app.database, statement);
  return rowsRead(steps.filter((step) => (step['Index Name'] ?? step['Relation Name'])?.startsWith('reservations')));
}

describe.each<Situation>([
  { name: 'without statistics', before: '' },
  { name: 'with statistics from a time without active holds', before: WITHOUT_ACTIVE_HOLDS },
])('$name', (situation) => {
  let read: Awaited<ReturnType<typeof readByBatches>>;
  beforeAll(async () => {
    read = await readByBatches(situation);
  });
  afterAll(() => read.app.close());

  it.each(['reserving', 'purchasing', 'releasing'] as const)(
    'a batch reads only overdue holds and those of its own requests: %s',
    (kind) => {
      expect(read[kind]).toBeLessThanOrEqual(2 * BATCH_SIZE);
    },
  );

  it('control: a batch reads every active hold if the statement filters its ids by status', async () => {
    const { text = '', values = [] } = read.load ?? {};
    const changed = text.replace("AND r.status::text = 'active'", "AND r.status = 'active'");
    expect(changed).not.toBe(text);
    expect(await reservationsRead(read.app, { text: changed, values })).toBeGreaterThanOrEqual(HOLDS);
  });
});

it('control: with a second index on active holds, a lookup of holds by user alone reads every active hold for each user', async () => {
  const index = "CREATE INDEX reservations_second ON reservations (drop_id, expires_at) WHERE status = 'active'";
  const { app, load } = await readByBatches({ name: 'a second index', before: `${index}; ${WITHOUT_ACTIVE_HOLDS}` });
  try {
    const { text = '', values = [] } = load ?? {};
    const byUser = text.replace(/r\.drop_id = (\$\d+::uuid)(?= AND r\.status = 'active' OFFSET 0)/, '$1 IS NOT NULL');
    expect(byUser).not.toBe(text);
    expect(await reservationsRead(app, { text: byUser, values })).toBeGreaterThanOrEqual(BATCH_SIZE * HOLDS);
  } finally {
    await app.close();
  }
});
