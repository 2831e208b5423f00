import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DropStats } from '../../../src/modules/drop-stats/drop-stats.schema.js';
import type { ProblemCode } from '../../../src/modules/problems.js';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { as, buy, dataOf, editDrop, expectProblem, hold, UNKNOWN_ID } from './support.js';

const NOTHING: DropStats = {
  holds: 0,
  active: 0,
  expired: 0,
  released: 0,
  completed: 0,
  conversion: null,
  medianSecondsToPurchase: null,
  attempts: 0,
  refusals: {},
  peakReservationsPerSecond: 0,
  revenue: '0.00',
  currency: 'USD',
  waiting: 0,
};

const statsOf = async (app: TestApp, by: TestUser, dropId: string) => {
  app.context.dropStats.clear();
  return dataOf<DropStats>(await as(by, app.http.get(`/api/admin/drops/${dropId}/stats`)));
};

/** Dates the holds of a drop so that their purchases followed after these seconds, in the order of the purchases. */
async function setSecondsToPurchase(database: TestDatabase, dropId: string, seconds: readonly number[]) {
  await database.query(
    `UPDATE reservations r SET created_at = bought.created_at - make_interval(secs => ($2::float8[])[bought.position])
     FROM (SELECT reservation_id, created_at, row_number() OVER (ORDER BY created_at, id) AS position
           FROM purchases WHERE drop_id = $1) bought
     WHERE r.id = bought.reservation_id`,
    [dropId, seconds],
  );
}

/** The most units that were reserved in one second, by the rows of the reservations. */
async function peakOf(database: TestDatabase, dropId: string): Promise<number> {
  const { rows } = await database.query<{ peak: number }>(
    `SELECT max(reserved)::int AS peak FROM (
       SELECT sum(delta_reserved + delta_sold + expired_units + released_units) AS reserved FROM stock_movements
       WHERE drop_id = $1 AND version > 1 GROUP BY to_char(created_at, 'YYYY-MM-DD HH24:MI:SS')) seconds`,
    [dropId],
  );
  return rows[0]?.peak ?? 0;
}

describe('the stats of a drop', () => {
  let database: TestDatabase;
  let apps: [TestApp, TestApp];
  let admin: TestUser;

  beforeAll(async () => {
    database = await createTestDatabase();
    apps = [await startTestApp({ database }), await startTestApp({ database })];
    admin = await apps[0].createUser('admin');
  });
  afterAll(async () => {
    await Promise.all(apps.map((app) => app.close()));
    await database.drop();
  });

  it('are zero before the first request, also of a draft', async () => {
    const dropId = await apps[0].createDrop({ published_at: null });
    expect(await statsOf(apps[0], admin, dropId)).toEqual(NOTHING);
  });

  it('are not found for an unknown drop, and only for admins', async () => {
    const [app] = apps;
    expectProblem(await as(admin, app.http.get(`/api/admin/drops/${UNKNOWN_ID}/stats`)), 'drop-not-found');
    const [user, dropId] = await Promise.all([app.createUser(), app.createDrop()]);
    // An admin has put the response into the cache.
    await as(admin, app.http.get(`/api/admin/drops/${dropId}/stats`)).expect(200);
    expectProblem(await as(user, app.http.get(`/api/admin/drops/${dropId}/stats`)), 'forbidden');
    expectProblem(await app.http.get(`/api/admin/drops/${dropId}/stats`), 'unauthenticated');
  });

  it('take the median of the latest thousand purchases', async () => {
    const [app] = apps;
    const [dropId, other] = await Promise.all([app.createDrop({ total_stock: 10_000 }), app.createDrop()]);
    const users = await app.createUsers(1_001);
    await database.query(
      `WITH held AS (
         INSERT INTO reservations (user_id, drop_id, status, created_at, settled_at)
         SELECT u, $1::uuid, 'completed', now() - n * interval '1 min' - CASE n WHEN 1001 THEN 900 ELSE n % 2 * 10 + 5 END * interval '1 s',
                now() - n * interval '1 min'
         FROM unnest($2::uuid[]) WITH ORDINALITY AS requester(u, n)
         RETURNING id, user_id, drop_id, price, settled_at)
       INSERT INTO purchases (user_id, drop_id, reservation_id, price, created_at)
       SELECT user_id, drop_id, id, price, settled_at FROM held`,
      [dropId, users.map(({ id }) => id)],
    );
    await editDrop(app, dropId, 'available_stock = available_stock - 1001, sold_stock = 1001');
    // 500 of 5 s and 500 of 15 s; the oldest of 900 s would make it 15.
    expect(await statsOf(app, admin, dropId)).toMatchObject({
      medianSecondsToPurchase: 10,
      completed: 1_001,
      revenue: '10010.00',
    });
    expect(await statsOf(app, admin, other)).toEqual(NOTHING);
    expect(await app.mismatches()).toEqual([]);
  });

  it('follow changes that were made in SQL', async () => {
    const [app] = apps;
    const [dropId, user] = await Promise.all([app.createDrop(), app.createUser()]);
    const { id } = await buy(app, user, dropId);
    await database.query('UPDATE purchases SET price = 12.34 WHERE id = $1', [id]);
    expect(await statsOf(app, admin, dropId)).toMatchObject({ revenue: '12.34', completed: 1 });
    await database.query('DELETE FROM purchases WHERE id = $1', [id]);
    expect(await statsOf(app, admin, dropId)).toMatchObject({ revenue: '0.00' });
    // The rest of the correction, so that the drop adds up again.
    await database.query('DELETE FROM reservations WHERE drop_id = $1', [dropId]);
    await editDrop(app, dropId, 'available_stock = available_stock + 1, sold_stock = 0');
    expect(await app.mismatches()).toEqual([]);
  });

  it('go with a drop that is deleted', async () => {
    const [app] = apps;
    const [dropId, user] = await Promise.all([app.createDrop({ paused_at: new Date() }), app.createUser()]);
    expectProblem(await app.reserve(user, dropId), 'drop-paused');
    await app.context.refusalCounts.stop();
    await database.query('DELETE FROM drops WHERE id = $1', [dropId]);
    app.context.refusalCounts.start();
    const { rows } = await database.query(
      'SELECT FROM drop_stats NATURAL LEFT JOIN drop_refusals NATURAL LEFT JOIN drop_refusals_by_minute WHERE drop_id = $1',
      [dropId],
    );
    expect(rows).toEqual([]);
    expectProblem(await as(admin, app.http.get(`/api/admin/drops/${dropId}/stats`)), 'drop-not-found');
  });
});

describe('the stats after traffic through two processes', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it('are exact, the same from each process, and the same after a restart', async () => {
    const apps = [await startTestApp({ database }), await startTestApp({ database })] as const;
    const [one, two] = apps;
    const admin = await one.createUser('admin');
    const dropId = await one.createDrop({ total_stock: 10, price: '19.99', limit_per_user: 1 });
    const [buyer, other, third, releaser, expirer, holder, ...rest] = await one.createUsers(30);
    if (!buyer || !other || !third || !releaser || !expirer || !holder) throw new Error('thirty users');

    await buy(one, buyer, dropId);
    await buy(two, other, dropId);
    // The price of a hold that is already made stays.
    const held = await hold(one, third, dropId);
    await editDrop(one, dropId, "price = '0.01'");
    await two.purchase(third, held.id).expect(201);
    await setSecondsToPurchase(database, dropId, [2, 30, 4]);

    await one.release(releaser, (await hold(two, releaser, dropId)).id).expect(200);
    await hold(two, expirer, dropId);
    await one.expireHolds({ dropId });
    // The unit of the expired hold is reclaimed by the batch that reserves the next one.
    await hold(one, holder, dropId, 'key');

    const refuse = async (app: TestApp, user: TestUser, code: ProblemCode) => {
      expectProblem(await app.reserve(user, dropId), code);
    };
    await refuse(one, holder, 'already-reserved');
    await refuse(two, holder, 'already-reserved');
    await refuse(two, buyer, 'limit-reached');
    // Granted before: no attempt.
    await one.reserve(holder, dropId, 'key').expect(201);
    // 6 units are left for 24 users, through both processes at once.
    const responses = await Promise.all(rest.map((user, index) => (index % 2 ? one : two).reserve(user, dropId)));
    const refused = responses.filter(({ status }) => status === 409).length;
    expect(refused).toBe(18);
    await editDrop(one, dropId, 'paused_at = now()');
    await refuse(one, buyer, 'drop-paused');
    // Requests that nothing decided, or that failed, are no attempts.
    expectProblem(await one.reserve(buyer, UNKNOWN_ID), 'drop-not-found');
    await one.http.post('/api/reservations').send({ dropId }).expect(401);
    await one.reserve(buyer, 'no id').expect(400);

    const peakReservationsPerSecond = await peakOf(database, dropId);
    expect(peakReservationsPerSecond).toBeGreaterThan(0);
    const expected: DropStats = {
      holds: 12,
      active: 7,
      expired: 1,
      released: 1,
      completed: 3,
      conversion: 0.6,
      medianSecondsToPurchase: 4,
      attempts: 12 + 22,
      refusals: { 'already-reserved': 2, 'drop-paused': 1, 'limit-reached': 1, 'sold-out': 18 },
      peakReservationsPerSecond,
      revenue: '59.97',
      currency: 'USD',
      waiting: 0,
    };
    for (const app of apps) await app.context.refusalCounts.stop();
    for (const app of apps) expect(await statsOf(app, admin, dropId)).toEqual(expected);
    for (const app of apps) await app.close();

    const restarted = await startTestApp({ database });
    expect(await statsOf(restarted, admin, dropId)).toEqual(expected);
    expect(await restarted.mismatches()).toEqual([]);
    const { rows } = await database.query<{ code: string; refusals: number }>(
      `SELECT code, sum(refusals)::int AS refusals FROM drop_refusals_by_minute
       WHERE drop_id = $1 AND minute = date_trunc('minute', minute) GROUP BY code`,
      [dropId],
    );
    expect(Object.fromEntries(rows.map(({ code, refusals }) => [code, refusals]))).toEqual(expected.refusals);
    await restarted.close();
  });
});
