import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { dropRowLock, untilWaiting, whileLocked } from '../../helpers/locks.js';
import { withoutLock } from '../races/support.js';
import { outcomesOf, servicesOf } from './support.js';

const BATCH_SIZE = 3;

let database: TestDatabase;
let app: TestApp;
let unprotected: TestApp;
const PgClient = withoutLock();

beforeAll(async () => {
  database = await createTestDatabase();
  app = await startTestApp({ database });
  unprotected = await startTestApp({ database, PgClient });
});

afterAll(async () => {
  await app.close();
  await unprotected.close();
  await database.drop();
});

const AN_HOUR_AGO = new Date(Date.now() - 3_600_000);

/** Changes to a drop, each with the outcome for a buyer who has one unit and reserves a second one. */
const changes = [
  { change: 'paused', sql: 'paused_at = clock_timestamp()', outcome: 'drop-paused' },
  { change: 'ended', sql: 'drop_ends_at = clock_timestamp()', outcome: 'drop-ended' },
  { change: 'cancelled', sql: 'cancelled_at = clock_timestamp()', outcome: 'drop-ended' },
  { change: 'postponed', sql: `drop_starts_at = clock_timestamp() + interval '1 hour'`, outcome: 'drop-not-started' },
  { change: 'limited to one unit per user', sql: 'limit_per_user = 1', outcome: 'limit-reached' },
  { change: 'emptied', sql: 'total_stock = sold_stock', outcome: 'sold-out' },
];

/** Runs a batch that waits for a drop's lock while the lock's owner changes the drop. Returns the outcomes. */
async function reserveDuring(service: TestApp, sql: string): Promise<string[]> {
  const [dropId, users] = await Promise.all([
    app.createDrop({ drop_starts_at: AN_HOUR_AGO, limit_per_user: 2 }),
    app.createUsers(BATCH_SIZE),
  ]);
  const setupServices = servicesOf(app);
  for (const user of users) {
    const { reservation } = await setupServices.reserve(user, dropId);
    await setupServices.purchase(user, reservation.id);
  }
  const services = servicesOf(service);
  return whileLocked(database, dropRowLock(dropId), async ({ client, unlock }) => {
    const requests = outcomesOf(users.map((user) => services.reserve(user, dropId)));
    await untilWaiting(database);
    await client.query(`UPDATE drops SET ${sql} WHERE id = $1`, [dropId]);
    await unlock();
    return requests;
  });
}

describe('a batch that waits for the lock', () => {
  it.for(changes)('is refused if the drop was $change meanwhile', async ({ sql, outcome }) => {
    expect(await reserveDuring(app, sql)).toEqual(Array(BATCH_SIZE).fill(outcome));
    expect(await app.mismatches()).toEqual([]);
  });

  // 'emptied' is left out: a CHECK of the database refuses it even without the lock.
  it.for(changes.filter(({ change }) => change !== 'emptied'))(
    'is granted if the drop was $change meanwhile and the lock is removed',
    async ({ sql }) => {
      expect(await reserveDuring(unprotected, sql)).toEqual(Array(BATCH_SIZE).fill('done'));
      PgClient.assertUsed();
    },
  );
});

/** Runs a batch that waits for the lock until a moment, the drop's start or end, has passed. Returns the outcomes. */
async function reserveAcross(columns: (moment: Date) => object): Promise<string[]> {
  const { rows } = await database.query<{ now: Date }>('SELECT clock_timestamp() AS now');
  const moment = new Date((rows[0]?.now.getTime() ?? 0) + 1_500);
  const [dropId, users] = await Promise.all([app.createDrop({ ...columns(moment) }), app.createUsers(BATCH_SIZE)]);
  return whileLocked(database, dropRowLock(dropId), async ({ unlock }) => {
    const requests = outcomesOf(users.map((user) => servicesOf(app).reserve(user, dropId)));
    await untilWaiting(database);
    const isOver = () => database.query<{ over: boolean }>('SELECT clock_timestamp() > $1 AS over', [moment]);
    expect((await isOver()).rows[0]?.over, 'the batch waits before that moment').toBe(false);
    while (!(await isOver()).rows[0]?.over) await sleep(20);
    await unlock();
    return requests;
  });
}

describe('a batch that waits for the lock past the start or end of its drop', () => {
  it('is refused after the end', async () => {
    const outcomes = await reserveAcross((moment) => ({ drop_starts_at: AN_HOUR_AGO, drop_ends_at: moment }));
    expect(outcomes).toEqual(Array(BATCH_SIZE).fill('drop-ended'));
  });

  it('is granted after the start', async () => {
    expect(await reserveAcross((moment) => ({ drop_starts_at: moment }))).toEqual(Array(BATCH_SIZE).fill('done'));
  });
});
