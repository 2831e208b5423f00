import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { openDatabaseProxy, type DatabaseProxy } from '../../helpers/database-proxy.js';
import { rowOfDrop, until, whileLocked } from '../../helpers/locks.js';
import { dropWithOverdueHolds, holdsOf } from './support.js';

let database: TestDatabase;
let proxy: DatabaseProxy;
let app: TestApp;

beforeAll(async () => {
  database = await createTestDatabase();
  proxy = await openDatabaseProxy(database.url);
  app = await startTestApp({ database, env: { DATABASE_URL: proxy.url } });
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
});

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

it('keeps its pace for all others while a drop goes on failing', async () => {
  const broken = await dropWithOverdueHolds(app, 1);
  await breakDrop(broken);
  const before = await failures();
  const start = Date.now();
  app.context.worker.start();
  await until('five failures', async () => (await failures()) >= before + 5, 10_000);
  // Half a second between them: it does not ask all the time.
  expect(Date.now() - start).toBeGreaterThan(1_500);

  const healthy = await dropWithOverdueHolds(app, 1);
  await until('the next to be released', async () => (await holdsOf(app, healthy)).expired === 1, 2_000);
  await repair();
  await until('the first to be released', async () => (await holdsOf(app, broken)).expired === 1, 2_000);
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
  await until('the holds to be released', async () => (await holdsOf(app, dropId)).expired === 2, 10_000);
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
  // The worker, were it still there, would sleep for half a second at most.
  await sleep(700);
  expect(await failures()).toBe(at);
  expect(await holdsOf(app, dropId)).toEqual({ active: 1 });

  worker.start();
  await until('the hold to be released', async () => (await holdsOf(app, dropId)).expired === 1);
});
