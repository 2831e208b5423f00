import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { createLogger } from '../../../src/lib/logger.js';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { openDatabaseProxy, type DatabaseProxy } from '../../helpers/database-proxy.js';
import { rowOfDrop, until, whileLocked } from '../../helpers/locks.js';
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

/** What was logged of a drop, in order. */
function logOf(dropId: string): string[] {
  return lines.filter((line) => line.dropId === dropId).map(({ msg }) => msg);
}

async function failures(): Promise<number> {
  return (await app.context.metrics.sweepFailures.get()).values[0]?.value ?? 0;
}

/** Makes every release of this drop's holds fail, until `repair()`. */
async function breakDrop(dropId: string): Promise<void> {
  await database.query(`
    CREATE FUNCTION break_release() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'broken'; END $$;
    CREATE TRIGGER break_release BEFORE UPDATE ON reservations FOR EACH ROW WHEN (OLD.drop_id = '${dropId}')
      EXECUTE FUNCTION break_release()`);
}

async function repair(): Promise<void> {
  await database.query('DROP FUNCTION IF EXISTS break_release CASCADE');
}

it('is not stopped by a drop that fails, and tries that one again', async () => {
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

/** ms. A sweep is later than this only after the longer pauses, or on a machine that is busy for a moment. */
const SOON = 1_500;
/** That is measured again a few times: a worker that does not keep its pace would be late each time. */
const ATTEMPTS = 5;

/** ms until the worker has released the overdue hold of a new drop. */
async function latenessOfAnother(): Promise<number> {
  const dropId = await dropWithOverdueHolds(app, 1);
  const start = performance.now();
  await until('another drop to be released', async () => (await holdsOf(app, dropId)).expired === 1);
  return performance.now() - start;
}

const FAILS = 'Cannot sweep a drop, retrying';
const WORKS = 'Sweeping the drop works again';

it('leaves a drop that goes on failing alone for longer each time, says so once, and keeps its pace for all others', async () => {
  const { worker } = app.context;
  const broken = await dropWithOverdueHolds(app, 1);
  await breakDrop(broken);
  const before = await failures();
  const start = performance.now();
  worker.start();
  await until('four failures', async () => (await failures()) >= before + 4);
  // A quarter of a second, half of one, and one.
  expect(performance.now() - start).toBeGreaterThan(1_500);

  // The fifth is two seconds later, the next ones four and five.
  await until('another to be released soon, between two failures', async () => {
    const failed = await failures();
    return (await latenessOfAnother()) < SOON && (await failures()) === failed;
  });
  expect(logOf(broken)).toEqual([FAILS]);

  await repair();
  await until('the first to be released', async () => (await holdsOf(app, broken)).expired === 1);
  await until('that to be said', () => logOf(broken).length > 1);
  expect(logOf(broken)).toEqual([FAILS, WORKS]);
});

it('has forgotten that a drop failed once it was swept: the next failure is the first', async () => {
  const dropId = await dropWithOverdueHolds(app, 1);
  let least = Infinity;
  let time = 0;
  while (time < 2 || (time < ATTEMPTS && least >= SOON)) {
    time += 1;
    await app.database.query(
      `INSERT INTO reservations (user_id, drop_id, expires_at)
       SELECT user_id, drop_id, clock_timestamp() - interval '1 ms' FROM reservations WHERE drop_id = $1 AND $2 > 1 LIMIT 1`,
      [dropId, time],
    );
    await app.database.query('UPDATE drops SET available_stock = 0, reserved_stock = 1 WHERE id = $1', [dropId]);
    await breakDrop(dropId);
    app.context.worker.start();
    const before = await failures();
    await until('two failures', async () => (await failures()) >= before + 2);
    await repair();
    const repairedAt = performance.now();
    await until('it to be swept', async () => (await holdsOf(app, dropId)).expired === time);
    // Half a second after the second failure; two, four and five seconds, were the earlier ones counted.
    if (time > 1) least = Math.min(least, performance.now() - repairedAt);
    await until('that to be said', () => logOf(dropId).length === 2 * time);
  }
  expect(least).toBeLessThan(SOON);
  expect(logOf(dropId)).toEqual(Array.from({ length: time }, () => [FAILS, WORKS]).flat());
  expect(await app.mismatches()).toEqual([]);
});

it('keeps its pace for all others while holds of some are locked, by a session that did not ask for the drop', async () => {
  const stuck = await Promise.all(Array.from({ length: 5 }, () => dropWithOverdueHolds(app, 1)));
  const lock = { sql: 'SELECT FROM reservations WHERE drop_id = ANY($1) FOR UPDATE', params: [stuck] };
  await whileLocked(database, lock, async ({ letGo }) => {
    const before = await failures();
    app.context.worker.start();
    await until('each to fail', async () => (await failures()) >= before + stuck.length);
    let least = Infinity;
    for (let attempt = 0; attempt < ATTEMPTS && least >= SOON; attempt += 1)
      least = Math.min(least, await latenessOfAnother());
    expect(least).toBeLessThan(SOON);
    await letGo();
  });
  const released = async () => (await Promise.all(stuck.map((id) => holdsOf(app, id)))).every(({ expired }) => expired);
  await until('the others to be released', released);
});

it('does not wait for a drop that somebody else has locked', async () => {
  const [locked, free] = await Promise.all([dropWithOverdueHolds(app, 1), dropWithOverdueHolds(app, 1)]);
  await whileLocked(database, rowOfDrop(locked), async ({ letGo }) => {
    expect(await app.context.worker.runOnce()).toEqual({ swept: 1, failed: 0, locked: 1 });
    expect(await holdsOf(app, free)).toEqual({ expired: 1 });
    await letGo();
  });
  expect(await app.context.worker.runOnce()).toEqual({ swept: 1, failed: 0, locked: 0 });
  expect(await holdsOf(app, locked)).toEqual({ expired: 1 });
});

it('comes back by itself after the database was away', async () => {
  app.context.worker.start();
  await proxy.cut();
  const before = await failures();
  const dropId = await dropWithOverdueHolds(app, 2);
  await until('a sweep to fail', async () => (await failures()) > before);
  expect(await holdsOf(app, dropId)).toEqual({ active: 2 });

  await proxy.restore();
  await until('the holds to be released', async () => (await holdsOf(app, dropId)).expired === 2);
  expect(await app.mismatches()).toEqual([]);
});

it('ends with stop(), in the middle of a pause too, and may be started again', async () => {
  const { worker } = app.context;
  await proxy.cut();
  const before = await failures();
  worker.start();
  worker.start();
  // Long enough for the pauses between its attempts to have grown.
  await until('three failures', async () => (await failures()) >= before + 3);
  await Promise.all([worker.stop(), worker.stop()]);
  await proxy.restore();

  const dropId = await dropWithOverdueHolds(app, 1);
  const at = await failures();
  // The worker, were it still there, would sleep for a fifth of a second at most.
  await sleep(700);
  expect(await failures()).toBe(at);
  expect(await holdsOf(app, dropId)).toEqual({ active: 1 });

  worker.start();
  await until('the hold to be released', async () => (await holdsOf(app, dropId)).expired === 1);
});
