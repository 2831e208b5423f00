import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { until } from '../../helpers/locks.js';
import { listenTo, receivedAll } from '../../helpers/sockets.js';
import { smallest } from '../../helpers/timing.js';
import { dropWithOverdueHolds, holdsOf, releasesOf } from './support.js';

/** The contract promises one second; the rest is a margin. */
const MAX_LATENESS_MS = 2_500;

let app: TestApp;

beforeAll(async () => {
  // No worker runs: each test starts its own sweeps.
  app = await startTestApp();
});

afterAll(() => app.close());

it('a sweep expires all overdue holds of a drop in one transaction per drop', async () => {
  const drops = await Promise.all([3, 1, 4].map((holds) => dropWithOverdueHolds(app, holds)));
  expect(await app.context.worker.runOnce()).toEqual({ swept: 3, failed: 0, locked: 0 });
  expect(await Promise.all(drops.map((dropId) => releasesOf(app, dropId)))).toEqual([[3], [1], [4]]);
  expect(await holdsOf(app)).toEqual({ expired: 8 });
  expect(await app.mismatches()).toEqual([]);
});

it('a sweep leaves running holds and settled reservations unchanged', async () => {
  const [dropId, owners] = await Promise.all([app.createDrop(), app.createUsers(3)]);
  const [, bought, released] = await Promise.all(owners.map((owner) => app.reserve(owner, dropId).expect(201)));
  if (!owners[1] || !owners[2] || !bought || !released) throw new Error('three owners, three holds');
  await app.purchase(owners[1], bought.body.data.reservation.id).expect(201);
  await app.release(owners[2], released.body.data.reservation.id).expect(200);

  expect(await app.context.worker.runOnce()).toEqual({ swept: 0, failed: 0, locked: 0 });
  expect(await holdsOf(app, dropId)).toEqual({ active: 1, completed: 1, released: 1 });
});

it('a sweep releases the running holds of a cancelled drop', async () => {
  const [dropId, owners] = await Promise.all([app.createDrop(), app.createUsers(2)]);
  await Promise.all(owners.map((owner) => app.reserve(owner, dropId).expect(201)));
  await app.database.query('UPDATE drops SET cancelled_at = clock_timestamp() WHERE id = $1', [dropId]);
  const listener = await listenTo(app);
  expect(await app.context.worker.runOnce()).toEqual({ swept: 1, failed: 0, locked: 0 });
  await receivedAll(app, listener);
  expect(await holdsOf(app, dropId)).toEqual({ released: 2 });
  const updates = listener.received('reservation_update');
  expect(updates.map(({ status }) => status)).toEqual(['released', 'released']);
  expect(updates.map(({ userId }) => userId).sort()).toEqual(owners.map(({ id }) => id).sort());
  listener.close();
  expect(await releasesOf(app, dropId)).toEqual([2]);
  expect(await app.mismatches()).toEqual([]);
});

it('the worker expires 700 holds of a drop in transactions of at most 256, which keeps locks short', async () => {
  const dropId = await dropWithOverdueHolds(app, 700);
  app.context.worker.start();
  await until('all holds to expire', async () => (await holdsOf(app, dropId)).expired === 700);
  await app.context.worker.stop();
  expect(await releasesOf(app, dropId)).toEqual([256, 256, 188]);
  expect(await app.mismatches()).toEqual([]);
});

it('the worker sweeps more drops than one poll returns', async () => {
  const drops = 250;
  const users = await app.createUsers(drops);
  await app.database.query(
    `WITH made AS (INSERT INTO drops (name, price, total_stock, available_stock, reserved_stock)
                   SELECT 'Drop', 10, 1, 0, 1 FROM unnest($1::uuid[]) RETURNING id)
     INSERT INTO reservations (user_id, drop_id, expires_at)
     SELECT users.id, made.id, clock_timestamp() - interval '1 s'
     FROM (SELECT id, row_number() OVER () FROM made) made
     JOIN (SELECT id, row_number() OVER () FROM unnest($1::uuid[]) id) users USING (row_number)`,
    [users.map(({ id }) => id)],
  );
  const { expired = 0 } = await holdsOf(app);
  app.context.worker.start();
  await until('all holds to expire', async () => (await holdsOf(app)).expired === expired + drops);
  await app.context.worker.stop();
  expect(await app.mismatches()).toEqual([]);
});

it("a reservation expires at most 256 overdue holds of the drop and always the user's own", async () => {
  const dropId = await dropWithOverdueHolds(app, 600);
  const buyer = await app.createUser();
  await app.database.query(
    `INSERT INTO reservations (user_id, drop_id, expires_at) VALUES ($1, $2, clock_timestamp() - interval '1 ms')`,
    [buyer.id, dropId],
  );
  await app.database.query(
    'UPDATE drops SET total_stock = 601, reserved_stock = 601, available_stock = 0 WHERE id = $1',
    [dropId],
  );
  await app.reserve(buyer, dropId).expect(201);
  // 256 holds and the user's own expire. The user takes one of these units in the same stock movement.
  expect(await holdsOf(app, dropId)).toEqual({ active: 345, expired: 257 });
  expect(await releasesOf(app, dropId)).toEqual([256]);
  for (let sweep = 0; sweep < 2; sweep += 1) await app.context.worker.runOnce();
  expect(await holdsOf(app, dropId)).toEqual({ active: 1, expired: 601 });
  expect(await app.mismatches()).toEqual([]);
});

it('the worker expires holds within a second of their deadline', async () => {
  const service = await startTestApp({ env: { ROLE: 'all', RESERVATION_TTL_SECONDS: '1' } });
  try {
    let expired = 0;
    const smallestMs = await smallest(MAX_LATENESS_MS, async () => {
      expired += 8;
      const [owners, ...drops] = await Promise.all([
        service.createUsers(4),
        service.createDrop(),
        service.createDrop(),
      ]);
      await Promise.all(owners.flatMap((owner) => drops.map((dropId) => service.reserve(owner, dropId).expect(201))));
      await until('all holds to expire', async () => (await holdsOf(service)).expired === expired);
      const { rows } = await service.database.query<{ latestMs: number }>(
        `SELECT extract(epoch FROM max(settled_at - expires_at))::float8 * 1000 AS "latestMs" FROM reservations
         WHERE drop_id = ANY($1)`,
        [drops],
      );
      const latestMs = rows[0]?.latestMs ?? Infinity;
      expect(latestMs).toBeGreaterThanOrEqual(0);
      return latestMs;
    });
    expect(smallestMs).toBeLessThan(MAX_LATENESS_MS);
    expect(await service.mismatches()).toEqual([]);
  } finally {
    await service.close();
  }
});
