import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { createLogger } from '../../../src/lib/logger.js';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { openDatabaseProxy, type DatabaseProxy } from '../../helpers/database-proxy.js';
import { dropRowLock, until, whileLocked } from '../../helpers/locks.js';
import { smallest } from '../../helpers/timing.js';
import { dropWithOverdueHolds, holdsOf } from './support.js';

let database: TestDatabase;
let proxy: DatabaseProxy;
let app: TestApp;
let lines: { level: number; dropId?: string; msg: string }[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  proxy = await openDatabaseProxy(database.url);
  const destination = { write: (line: string) => void lines.push(JSON.parse(line) as (typeof lines)[number]) };
  const logger = createLogger({ logLevel: 'info' }, { destination });
  app = await startTestApp({ database, env: { DATABASE_URL: proxy.url }, logger });
});

afterAll(async () => {
  await app.close();
  await proxy.close();
  await database.drop();
});

afterEach(async () => {
  await app.context.worker.stop();
  await proxy.restore();
  await repair();
  lines = [];
});

function logOf(dropId: string): string[] {
  return lines.filter((line) => line.dropId === dropId).map(({ msg }) => msg);
}

async function failures(): Promise<number> {
  return (await app.context.metrics.sweepFailures.get()).values[0]?.value ?? 0;
}

/** Makes every expiry of this drop's holds fail until `repair()`. */
async function breakDrop(dropId: string): Promise<void> {
  await database.query(`
    CREATE FUNCTION break_release() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'broken'; END $$;
    CREATE TRIGGER break_release BEFORE UPDATE ON reservations FOR EACH ROW WHEN (OLD.drop_id = '${dropId}')
      EXECUTE FUNCTION break_release()`);
}

async function repair(): Promise<void> {
  await database.query('DROP FUNCTION IF EXISTS break_release CASCADE');
}

it('a sweep continues after a drop that fails, and the next sweep retries that drop', async () => {
  const [broken, healthy] = await Promise.all([dropWithOverdueHolds(app, 2), dropWithOverdueHolds(app, 3)]);
  await breakDrop(broken);
  expect(await app.context.worker.runOnce()).toEqual({ swept: 1, failed: 1, locked: 0 });
  expect(await holdsOf(app, healthy)).toEqual({ expired: 3 });
  expect(await holdsOf(app, broken)).toEqual({ active: 2 });

  await repair();
  expect(await app.context.worker.runOnce()).toEqual({ swept: 1, failed: 0, locked: 0 });
  expect(await holdsOf(app, broken)).toEqual({ expired: 2 });
  expect(await app.mismatches()).toEqual([]);
});

/** A sweep is later than this only after one of the longer backoff delays, or on a busy machine. */
const MAX_SWEEP_MS = 1_500;

/** Returns the ms until the worker expires the overdue hold of a new drop. */
async function sweepMsOfAnotherDrop(): Promise<number> {
  const dropId = await dropWithOverdueHolds(app, 1);
  const start = performance.now();
  await until('another drop to be swept', async () => (await holdsOf(app, dropId)).expired === 1);
  return performance.now() - start;
}

const FAILURE_MESSAGE = 'Cannot sweep a drop, retrying';
const RECOVERY_MESSAGE = 'Sweeping the drop works again';

it('the worker retries a failing drop with growing delays, logs the failure once, and sweeps other drops on time', async () => {
  const { worker } = app.context;
  const broken = await dropWithOverdueHolds(app, 1);
  await breakDrop(broken);
  const before = await failures();
  const start = performance.now();
  worker.start();
  await until('four failures', async () => (await failures()) >= before + 4);
  // The delays so far: 0.25 s, 0.5 s and 1 s.
  expect(performance.now() - start).toBeGreaterThan(1_500);

  // The next delays: 2 s, 4 s, then 5 s each.
  await until('another drop to be swept in time between two failures', async () => {
    const failed = await failures();
    return (await sweepMsOfAnotherDrop()) < MAX_SWEEP_MS && (await failures()) === failed;
  });
  expect(logOf(broken)).toEqual([FAILURE_MESSAGE]);

  await repair();
  await until('the failing drop to be swept', async () => (await holdsOf(app, broken)).expired === 1);
  await until('the recovery to be logged', () => logOf(broken).length > 1);
  expect(logOf(broken)).toEqual([FAILURE_MESSAGE, RECOVERY_MESSAGE]);
});

it('a successful sweep of a drop resets its backoff', async () => {
  const dropId = await dropWithOverdueHolds(app, 1);
  let sweeps = 0;
  const failTwiceAndSweep = async () => {
    sweeps += 1;
    await app.database.query(
      `INSERT INTO reservations (user_id, drop_id, expires_at)
       SELECT user_id, drop_id, clock_timestamp() - interval '1 ms' FROM reservations WHERE drop_id = $1 AND $2 > 1 LIMIT 1`,
      [dropId, sweeps],
    );
    await app.database.query('UPDATE drops SET available_stock = 0, reserved_stock = 1 WHERE id = $1', [dropId]);
    await breakDrop(dropId);
    app.context.worker.start();
    const before = await failures();
    await until('two failures', async () => (await failures()) >= before + 2);
    await repair();
    const repairedAt = performance.now();
    await until('the drop to be swept', async () => (await holdsOf(app, dropId)).expired === sweeps);
    const tookMs = performance.now() - repairedAt;
    await until('the recovery to be logged', () => logOf(dropId).length === 2 * sweeps);
    return tookMs;
  };
  await failTwiceAndSweep();
  // The delay after the second failure is 0.5 s; if earlier failures counted, 2 s, 4 s or 5 s.
  expect(await smallest(MAX_SWEEP_MS, failTwiceAndSweep)).toBeLessThan(MAX_SWEEP_MS);
  expect(logOf(dropId)).toEqual(Array.from({ length: sweeps }, () => [FAILURE_MESSAGE, RECOVERY_MESSAGE]).flat());
  expect(await app.mismatches()).toEqual([]);
});

it('the worker sweeps other drops on time while another session locks holds but not their drops', async () => {
  const stuck = await Promise.all(Array.from({ length: 5 }, () => dropWithOverdueHolds(app, 1)));
  const lock = { sql: 'SELECT FROM reservations WHERE drop_id = ANY($1) FOR UPDATE', params: [stuck] };
  await whileLocked(database, lock, async ({ unlock }) => {
    const before = await failures();
    app.context.worker.start();
    await until('each drop to fail', async () => (await failures()) >= before + stuck.length);
    expect(await smallest(MAX_SWEEP_MS, sweepMsOfAnotherDrop)).toBeLessThan(MAX_SWEEP_MS);
    await unlock();
  });
  const allExpired = async () =>
    (await Promise.all(stuck.map((id) => holdsOf(app, id)))).every(({ expired }) => expired);
  await until('the other drops to be swept', allExpired);
});

it('a sweep skips a drop that another session has locked', async () => {
  const [locked, free] = await Promise.all([dropWithOverdueHolds(app, 1), dropWithOverdueHolds(app, 1)]);
  await whileLocked(database, dropRowLock(locked), async ({ unlock }) => {
    expect(await app.context.worker.runOnce()).toEqual({ swept: 1, failed: 0, locked: 1 });
    expect(await holdsOf(app, free)).toEqual({ expired: 1 });
    await unlock();
  });
  expect(await app.context.worker.runOnce()).toEqual({ swept: 1, failed: 0, locked: 0 });
  expect(await holdsOf(app, locked)).toEqual({ expired: 1 });
});

it('the worker resumes by itself after an outage of the database', async () => {
  app.context.worker.start();
  await proxy.cut();
  const before = await failures();
  const dropId = await dropWithOverdueHolds(app, 2);
  await until('a sweep to fail', async () => (await failures()) > before);
  expect(await holdsOf(app, dropId)).toEqual({ active: 2 });

  await proxy.restore();
  await until('the holds to expire', async () => (await holdsOf(app, dropId)).expired === 2);
  expect(await app.mismatches()).toEqual([]);
});

it('stop() ends the worker during a backoff delay too, and start() starts it again', async () => {
  const { worker } = app.context;
  await proxy.cut();
  const before = await failures();
  worker.start();
  worker.start();
  // After three failures the backoff delay is long.
  await until('three failures', async () => (await failures()) >= before + 3);
  await Promise.all([worker.stop(), worker.stop()]);
  await proxy.restore();

  const dropId = await dropWithOverdueHolds(app, 1);
  const failuresAtStop = await failures();
  // A worker that still ran would poll every 200 ms.
  await sleep(700);
  expect(await failures()).toBe(failuresAtStop);
  expect(await holdsOf(app, dropId)).toEqual({ active: 1 });

  worker.start();
  await until('the hold to expire', async () => (await holdsOf(app, dropId)).expired === 1);
});
