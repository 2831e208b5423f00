import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { rowsRead, stepsOf } from '../../helpers/explain.js';
import { dropRowLock, until, whileLocked } from '../../helpers/locks.js';
import { listenTo, type Listener } from '../../helpers/sockets.js';
import { recordedStatements } from '../../helpers/statements.js';
import { smallest } from '../../helpers/timing.js';
import { dropWithOverdueHolds, holdsOf } from './support.js';

/** Four times what is promised. For real figures: `npm run bench -- --only expiry-lateness`. */
const MAX_LATENESS_MS = 1_000;
const TIMEOUT_MS = 90_000;

const PgClient = recordedStatements();
let app: TestApp;
let listener: Listener;

beforeAll(async () => {
  app = await startTestApp({ env: { ROLE: 'all' }, PgClient });
  listener = await listenTo(app);
});

afterAll(async () => {
  listener.close();
  await app.close();
});

/** Inserts a drop with one hold that ends after `ms`, without notifying the worker, and returns the reservation's id. */
async function createHoldThatEndsIn(ms: number): Promise<string> {
  const [dropId, user] = await Promise.all([app.createDrop({ total_stock: 1 }), app.createUser()]);
  const { rows } = await app.database.query<{ id: string }>(
    `WITH moved AS (UPDATE drops SET available_stock = 0, reserved_stock = 1 WHERE id = $1)
     INSERT INTO reservations (drop_id, user_id, expires_at)
     VALUES ($1, $2, clock_timestamp() + make_interval(secs => $3::float8 / 1000)) RETURNING id`,
    [dropId, user.id, ms],
  );
  return rows[0]?.id ?? '';
}

/** Waits until a client received both events of the expiry, and returns the ms since the deadline. */
async function latenessMsOf(id: string): Promise<number> {
  await until('the client to receive both events', () => {
    const expiry = listener.received('reservation_update').find(({ reservationId }) => reservationId === id);
    const stock = listener.received('inventory_update').findLast(({ dropId }) => dropId === expiry?.dropId);
    return stock?.availableStock === 1;
  });
  const receivedAt = Date.now();
  const { rows } = await app.database.query<{ at: number }>(
    'SELECT extract(epoch FROM expires_at)::float8 * 1000 AS at FROM reservations WHERE id = $1',
    [id],
  );
  return receivedAt - (rows[0]?.at ?? 0);
}

/** Expects a hold to expire on time, and none to expire early. */
async function expectOnTime(createHold: () => Promise<string>): Promise<void> {
  const smallestMs = await smallest(MAX_LATENESS_MS, async () => {
    const latenessMs = await latenessMsOf(await createHold());
    expect(latenessMs).toBeGreaterThanOrEqual(-1);
    return latenessMs;
  });
  expect(smallestMs).toBeLessThan(MAX_LATENESS_MS);
}

it.for([900, 350, 50])('a hold with %i ms left expires on time, and clients receive both events', async (ms) => {
  await expectOnTime(() => createHoldThatEndsIn(ms));
});

it('a hold expires on time if it was made or moved after the worker scheduled its next sweep', async () => {
  const afterNextPoll = async (endsInMs: number) => {
    const id = await createHoldThatEndsIn(endsInMs);
    // By now the worker has polled, and the next deadline is a minute away.
    await sleep(300);
    return id;
  };
  await afterNextPoll(60_000);
  await expectOnTime(() => createHoldThatEndsIn(100));
  await expectOnTime(async () => {
    const id = await afterNextPoll(60_000);
    await app.database.query('UPDATE reservations SET expires_at = clock_timestamp() WHERE id = $1', [id]);
    return id;
  });
});

const countPolls = (statements: readonly string[]) => statements.filter((sql) => sql.includes('"nextInMs"')).length;

/** Records statements for `ms`, longer on a busy machine until `awaited` appears, and returns the real duration too. */
async function statementsDuring(ms: number, awaited: string) {
  const start = performance.now();
  const statements: string[] = [];
  do statements.push(...(await PgClient.during(() => sleep(ms))));
  while (!statements.some((sql) => sql.includes(awaited)) && performance.now() - start < TIMEOUT_MS);
  return { statements, tookMs: performance.now() - start };
}

it('the worker polls at most five times a second while no hold is overdue', async () => {
  const { statements, tookMs } = await statementsDuring(2_000, '"nextInMs"');
  expect(countPolls(statements)).toBeGreaterThan(0);
  expect(countPolls(statements)).toBeLessThanOrEqual(tookMs / 200 + 1);
});

it('the worker retries at a bounded rate while another session locks a drop with overdue holds', async () => {
  await app.context.worker.stop();
  const dropId = await dropWithOverdueHolds(app, 1);
  await whileLocked(app.database, dropRowLock(dropId), async ({ unlock }) => {
    app.context.worker.start();
    const { statements, tookMs } = await statementsDuring(1_000, 'SKIP LOCKED');
    expect(countPolls(statements)).toBeLessThanOrEqual(tookMs / 200 + 3);
    const attempts = statements.filter((sql) => sql.includes('SKIP LOCKED')).length;
    expect(attempts).toBeGreaterThan(0);
    expect(attempts).toBeLessThanOrEqual(tookMs / 50 + 1);
    await unlock();
  });
  await until('the drop to be swept', async () => (await holdsOf(app, dropId)).expired === 1);
});

it('a poll reads at most one overdue and one running hold of each drop', async () => {
  const findPoll = () => PgClient.take().find(({ text }) => text.includes('"nextInMs"'));
  let poll = findPoll();
  await until('a poll', () => Boolean((poll ??= findPoll())));
  await app.context.worker.stop();
  if (!poll) throw new Error('the worker has not polled');
  const dropId = await dropWithOverdueHolds(app, 4_000);
  await app.database.query(
    `UPDATE reservations SET expires_at = clock_timestamp() + interval '1 minute'
     WHERE id IN (SELECT id FROM reservations WHERE drop_id = $1 LIMIT 2000)`,
    [dropId],
  );
  const { rows } = await app.database.query<{ held: number }>(
    'SELECT count(*)::int AS held FROM drops WHERE reserved_stock > 0',
  );
  const steps = await stepsOf(app.database, poll);
  const read = rowsRead(steps.filter((step) => step['Relation Name'] === 'reservations'));
  expect(read).toBeGreaterThanOrEqual(2);
  expect(read).toBeLessThanOrEqual(2 * (rows[0]?.held ?? 0));

  app.context.worker.start();
  await until('the overdue holds to be swept', async () => (await holdsOf(app, dropId)).expired === 2_000);
});

it('the metrics show the lateness of expired holds and the number of overdue holds', async () => {
  const { registry } = app.context.metrics;
  expect(await registry.getSingleMetricAsString('hold_expiry_lateness_seconds')).toMatch(/_count [1-9]/);
  expect(await registry.getSingleMetricAsString('overdue_holds')).toContain('overdue_holds 0');
  await app.context.worker.stop();
  const dropId = await dropWithOverdueHolds(app, 3);
  await app.database.query(`UPDATE reservations SET expires_at = expires_at - interval '1 s' WHERE drop_id = $1`, [dropId]); // prettier-ignore
  expect(await registry.getSingleMetricAsString('overdue_holds')).toContain('overdue_holds 3');
});
