import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { rowOfDrop, untilWaiting, whileLocked } from '../../helpers/locks.js';
import { withoutLock } from '../races/support.js';
import { outcomesOf, servicesOf } from './support.js';

/** So many requests are in the batch. */
const BATCH = 3;

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

/** What an admin does to a drop, and what a buyer who has one of its units already, and waits for another, is told then. */
const changes = [
  { what: 'paused', sql: 'paused_at = clock_timestamp()', outcome: 'drop-paused' },
  { what: 'ended', sql: 'drop_ends_at = clock_timestamp()', outcome: 'drop-ended' },
  { what: 'cancelled', sql: 'cancelled_at = clock_timestamp()', outcome: 'drop-ended' },
  { what: 'put off', sql: `drop_starts_at = clock_timestamp() + interval '1 hour'`, outcome: 'drop-not-started' },
  { what: 'limited to a unit each', sql: 'limit_per_user = 1', outcome: 'limit-reached' },
  { what: 'emptied', sql: 'total_stock = sold_stock', outcome: 'sold-out' },
];

/** A batch waits for a drop's lock, and what holds it changes the drop. */
async function reserveDuring(service: TestApp, sql: string): Promise<string[]> {
  const [dropId, users] = await Promise.all([
    app.createDrop({ drop_starts_at: AN_HOUR_AGO, limit_per_user: 2 }),
    app.createUsers(BATCH),
  ]);
  const setUp = servicesOf(app);
  for (const user of users) {
    const { reservation } = await setUp.reserve(user, dropId);
    await setUp.purchase(user, reservation.id);
  }
  const services = servicesOf(service);
  return whileLocked(database, rowOfDrop(dropId), async ({ client, letGo }) => {
    const requests = outcomesOf(users.map((user) => services.reserve(user, dropId)));
    await untilWaiting(database);
    await client.query(`UPDATE drops SET ${sql} WHERE id = $1`, [dropId]);
    await letGo();
    return requests;
  });
}

describe('a batch that waited while its drop was', () => {
  it.for(changes)('$what is told so', async ({ sql, outcome }) => {
    expect(await reserveDuring(app, sql)).toEqual(Array(BATCH).fill(outcome));
    expect(await app.mismatches()).toEqual([]);
  });

  // A drop that is emptied is the database's own affair: its CHECK refuses.
  it.for(changes.filter(({ what }) => what !== 'emptied'))('$what would not know without the lock', async ({ sql }) => {
    expect(await reserveDuring(unprotected, sql)).toEqual(Array(BATCH).fill('done'));
    PgClient.assertUsed();
  });
});

/** A drop ends, or starts, while a batch waits for it; the last or first moment is that of the lock. */
async function reserveAcross(columns: (moment: Date) => object): Promise<string[]> {
  const { rows } = await database.query<{ now: Date }>('SELECT clock_timestamp() AS now');
  const moment = new Date((rows[0]?.now.getTime() ?? 0) + 1_500);
  const [dropId, users] = await Promise.all([app.createDrop({ ...columns(moment) }), app.createUsers(BATCH)]);
  return whileLocked(database, rowOfDrop(dropId), async ({ letGo }) => {
    const requests = outcomesOf(users.map((user) => servicesOf(app).reserve(user, dropId)));
    await untilWaiting(database);
    const look = () => database.query<{ over: boolean }>('SELECT clock_timestamp() > $1 AS over', [moment]);
    expect((await look()).rows[0]?.over, 'the batch waits before that moment').toBe(false);
    while (!(await look()).rows[0]?.over) await sleep(20);
    await letGo();
    return requests;
  });
}

describe('a batch that waited across', () => {
  it('the end of its drop is refused', async () => {
    const outcomes = await reserveAcross((moment) => ({ drop_starts_at: AN_HOUR_AGO, drop_ends_at: moment }));
    expect(outcomes).toEqual(Array(BATCH).fill('drop-ended'));
  });

  it('its start is served', async () => {
    expect(await reserveAcross((moment) => ({ drop_starts_at: moment }))).toEqual(Array(BATCH).fill('done'));
  });
});
