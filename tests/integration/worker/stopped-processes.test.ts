import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { until } from '../../helpers/locks.js';
import { listenTo, receivedAll, type Listener } from '../../helpers/sockets.js';
import { smallest } from '../../helpers/timing.js';
import { startServiceProcess, type ServiceProcess } from './processes.js';
import type { StoppingPlan } from './service-process.js';
import { dropWithOverdueHolds, holdsOf } from './support.js';

/** As many expiries as one window publishes to all clients. */
const HOLDS = 10;
/** The contract promises one second, the rest is a margin; without the protection it takes ten seconds. */
const MAX_DELAY_MS = 6_000;

let database: TestDatabase;
/** Observes the processes; its worker runs only when a test starts it. */
let app: TestApp;
let listener: Listener;
const processes: ServiceProcess[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  app = await startTestApp({ database });
});

afterEach(async () => {
  listener.close();
  await app.context.worker.stop();
  await Promise.all(processes.splice(0).map((each) => each.end()));
  await until('every overdue hold to be swept', async () => {
    const { swept, locked } = await app.context.worker.runOnce();
    return swept + locked === 0;
  });
});

afterAll(async () => {
  await app.close();
  await database.drop();
});

async function startProcess(plan: StoppingPlan | null = null): Promise<ServiceProcess> {
  const service = await startServiceProcess(database, plan);
  processes.push(service);
  return service;
}

/** Returns the largest lateness of the drop's expired holds in ms. */
async function maxLatenessMsOf(dropId: string): Promise<number> {
  const { rows } = await database.query<{ latest: number }>(
    'SELECT extract(epoch FROM max(settled_at - expires_at))::float8 * 1000 AS latest FROM reservations WHERE drop_id = $1',
    [dropId],
  );
  return rows[0]?.latest ?? Infinity;
}

/** Returns the reservation ids of the drop in the updates that these clients received. */
function expiriesReceived(dropId: string, listeners: readonly Listener[]): string[] {
  return listeners
    .flatMap((each) => each.received('reservation_update'))
    .filter((update) => update.dropId === dropId)
    .map(({ reservationId }) => reservationId);
}

/** Makes a drop whose holds end after `ms`. */
async function dropWithEndingHolds(ms: number): Promise<string> {
  const [dropId, owners] = await Promise.all([app.createDrop({ total_stock: HOLDS }), app.createUsers(HOLDS)]);
  await database.query(
    `WITH held AS (
       INSERT INTO reservations (user_id, drop_id, expires_at)
       SELECT id, $1, clock_timestamp() + make_interval(secs => $3::float8) FROM unnest($2::uuid[]) AS id)
     UPDATE drops SET available_stock = 0, reserved_stock = total_stock WHERE id = $1`,
    [dropId, owners.map(({ id }) => id), ms / 1_000],
  );
  return dropId;
}

const allExpired = async (dropId: string) => (await holdsOf(app, dropId)).expired === HOLDS;

it('one stopped process of three delays no expiry, and each hold expires and is published once', async () => {
  listener = await listenTo(app);
  const services = await Promise.all([startProcess(), startProcess(), startProcess()]);
  const dropIds: string[] = [];
  const smallestMs = await smallest(MAX_DELAY_MS, async () => {
    const ending = await Promise.all([600, 700, 800, 900].map(dropWithEndingHolds));
    services[0].signal('SIGSTOP');
    await until('all holds to expire', async () => (await Promise.all(ending.map(allExpired))).every(Boolean));
    services[0].signal('SIGCONT');
    dropIds.push(...ending);
    return Math.max(...(await Promise.all(ending.map(maxLatenessMsOf))));
  });
  expect(smallestMs).toBeLessThan(MAX_DELAY_MS);

  const last = await dropWithOverdueHolds(app, HOLDS);
  await until('all holds of the last drop to expire', () => allExpired(last));
  // Wait for events in flight.
  await sleep(300);
  for (const dropId of [...dropIds, last]) {
    const expiries = expiriesReceived(dropId, services.map((each) => each.listener)); // prettier-ignore
    expect(expiries.length).toBe(HOLDS);
    expect(new Set(expiries).size).toBe(HOLDS);
  }
  expect(await app.mismatches()).toEqual([]);
});

/** Stops between the stock update of a sweep and its COMMIT, while the drop and its holds are locked. */
const STOP_BEFORE_COMMIT = { after: 'UPDATE drops d' };

/**
 * Stops a process while it has a drop locked, sweeps that drop and another one here, and resumes the process. Returns the
 * ms until both drops are swept, and the reservation ids that were published for the first drop.
 */
async function stopWhileDropIsLocked(plan: StoppingPlan, limitMs?: number) {
  listener = await listenTo(app);
  const stopping = await startProcess(plan);
  const held = await dropWithOverdueHolds(app, HOLDS);
  await until('the process to be stopped', () => stopping.hasStopped());
  const start = performance.now();
  app.context.worker.start();
  const other = await dropWithOverdueHolds(app, HOLDS);
  await until('the other drop to be swept', () => allExpired(other));
  await until('the locked drop to be swept', () => allExpired(held), limitMs);
  const tookMs = performance.now() - start;
  await receivedAll(app, listener);

  await app.context.worker.stop();
  stopping.signal('SIGCONT');
  // After a few more sweeps the process has finished its sweep of the first drop as well.
  for (let sweep = 0; sweep < 3; sweep += 1) {
    const next = await dropWithOverdueHolds(app, HOLDS);
    await until('the process to resume', () => expiriesReceived(next, [stopping.listener]).length === HOLDS);
  }
  await sleep(300);
  return {
    tookMs,
    expiries: () => expiriesReceived(held, [listener, stopping.listener]),
    mismatches: await app.mismatches(),
  };
}

it('a process that is stopped while it has a drop locked delays no expiry, and publishes nothing after it resumes', async () => {
  const smallestMs = await smallest(MAX_DELAY_MS, async () => {
    const { tookMs, expiries, mismatches } = await stopWhileDropIsLocked(STOP_BEFORE_COMMIT);
    expect(expiries().length).toBe(HOLDS);
    expect(new Set(expiries()).size).toBe(HOLDS);
    expect(mismatches).toEqual([]);
    return tookMs;
  });
  expect(smallestMs).toBeLessThan(MAX_DELAY_MS);
});

it('control: without its idle-in-transaction timeout, a stopped process keeps the drop locked', async () => {
  const removedSql = `, set_config('idle_in_transaction_session_timeout', '750ms', true)`;
  const lockedSweep = stopWhileDropIsLocked({ ...STOP_BEFORE_COMMIT, removedSql }, MAX_DELAY_MS);
  await expect(lockedSweep).rejects.toThrow('the locked drop to be swept');
});

it('control: without the check of its own result, a resumed process publishes what another process expired', async () => {
  const { expiries } = await stopWhileDropIsLocked({
    ...STOP_BEFORE_COMMIT,
    removedSql: ' AND r.updated_at = reclaimed.updated_at',
  });
  await until('each expiry to be received twice', () => expiries().length === 2 * HOLDS);
  expect(new Set(expiries()).size).toBe(HOLDS);
});
