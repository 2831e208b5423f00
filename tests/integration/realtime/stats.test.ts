import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { until } from '../../helpers/locks.js';
import { recordedStatements } from '../../helpers/statements.js';
import { listenTo, type Listener } from '../../helpers/sockets.js';

const PgClient = recordedStatements();
let app: TestApp;
let admin: TestUser;
let users: TestUser[];
const listeners: Listener[] = [];

beforeAll(async () => {
  app = await startTestApp({ PgClient });
  admin = await app.createUser('admin');
  users = await app.createUsers(6);
});
afterEach(() => {
  for (const listener of listeners.splice(0)) listener.close();
});
afterAll(() => app.close());

async function listen(token?: string): Promise<Listener> {
  const listener = await listenTo(app, token === undefined ? {} : { token });
  listeners.push(listener);
  return listener;
}

const statsOf = (listener: Listener) => listener.received('stats');
const untilStats = (listener: Listener, count: number) =>
  until(`${count} stats`, () => statsOf(listener).length >= count);

/** The totals in the database. */
async function databaseStats() {
  const { rows } = await app.database.query<Record<string, number>>(
    `SELECT sum(available_stock)::int AS "availableStock", sum(reserved_stock)::int AS "reservedStock",
            sum(sold_stock)::int AS "soldStock", sum(total_stock)::int AS "totalStock"
     FROM drops`,
  );
  const { rows: holds } = await app.database.query<{ status: string; count: number }>(
    'SELECT status, count(*)::int AS count FROM reservations GROUP BY status',
  );
  const countOf = (status: string) => holds.find((row) => row.status === status)?.count ?? 0;
  const statuses = ['active', 'completed', 'expired', 'released'];
  return { stock: rows[0], holds: Object.fromEntries(statuses.map((status) => [status, countOf(status)])) };
}

it('are sent to admins every second, and to no other user', async () => {
  const [adminListener, secondPage, buyerListener, anonymous] = [
    await listen(admin.token),
    await listen(admin.token),
    await listen(users[0]?.token),
    await listen(),
  ];
  // Independent of subscriptions.
  await adminListener.socket.emitWithAck('drops:unsubscribe', {});
  await Promise.all([untilStats(adminListener, 3), untilStats(secondPage, 3)]);
  const received = statsOf(adminListener);
  for (const { processes, connections, period } of received) {
    expect({ processes, connections }).toEqual({ processes: 1, connections: 4 });
    expect(period).toBeGreaterThan(500);
  }
  expect(received.map(({ at }) => Date.parse(at))).toEqual(received.map(({ at }) => Date.parse(at)).sort());
  expect([statsOf(buyerListener), statsOf(anonymous)]).toEqual([[], []]);
});

it('count all events together, and agree with the database', async () => {
  const listener = await listen(admin.token);
  // The first stats are sent after the second reading of the counters.
  await untilStats(listener, 1);
  const before = statsOf(listener).length;
  const dropId = await app.createDrop({ total_stock: 4, limit_per_user: 1 });
  const holds: string[] = [];
  for (const user of users.slice(0, 4)) {
    const { body } = await app.reserve(user, dropId).expect(201);
    holds.push(body.data.reservation.id);
  }
  const [buyer, releaser, expirer] = users as [TestUser, TestUser, TestUser];
  await app.purchase(buyer, holds[0] ?? '', 'once').expect(201);
  // A repetition, which changes nothing.
  await app.purchase(buyer, holds[0] ?? '', 'once').expect(201);
  for (const user of users.slice(4)) await app.reserve(user, dropId).expect(409);
  await app.reserve(buyer, dropId).expect(409);
  await app.release(releaser, holds[1] ?? '').expect(200);
  await app.expireHolds({ reservationId: holds[2] ?? '' });
  await app.purchase(expirer, holds[2] ?? '').expect(410);
  await app.context.worker.runOnce();

  const sum = (read: (stats: ReturnType<typeof statsOf>[number]) => number) =>
    statsOf(listener)
      .slice(before)
      .reduce((all, stats) => all + read(stats), 0);
  await until('the stats of the expiry', () => sum(({ expiries }) => expiries) === 1);
  expect({
    reservations: sum(({ reservations }) => reservations),
    purchases: sum(({ purchases }) => purchases),
    releases: sum(({ releases }) => releases),
    soldOut: sum(({ refusals }) => refusals['sold-out'] ?? 0),
    limitReached: sum(({ refusals }) => refusals['limit-reached'] ?? 0),
    expired: sum(({ refusals }) => refusals['reservation-expired'] ?? 0),
    refusals: sum(({ refusals }) => Object.values(refusals).reduce((all, count) => all + count, 0)),
  }).toEqual({ reservations: 4, purchases: 1, releases: 1, soldOut: 2, limitReached: 1, expired: 1, refusals: 4 });
  expect(statsOf(listener).at(-1)?.stock).toEqual((await databaseStats()).stock);
});

it('contain the reservations of the database, also in a new service', async () => {
  const later = await startTestApp({ database: app.database });
  const listener = await listenTo(later, { token: admin.token });
  try {
    await until('the holds to be counted', () => Boolean(statsOf(listener).at(-1)?.holds));
    const { holds, stock, reservations, purchases } = statsOf(listener).at(-1) ?? {};
    const { countedAt: _, ...counts } = holds ?? {};
    expect({ holds: counts, stock }).toEqual(await databaseStats());
    expect(counts).toMatchObject({ active: 1, completed: 1, expired: 1, released: 1 });
    expect({ reservations, purchases }).toEqual({ reservations: 0, purchases: 0 });
  } finally {
    listener.close();
    await later.close();
  }
});

it('are no longer sent to a user who is no longer an admin', async () => {
  const former = await app.createUser('admin');
  const [listener, other] = [await listen(former.token), await listen(admin.token)];
  await untilStats(listener, 1);
  await app.database.query("UPDATE users SET role = 'user' WHERE id = $1", [former.id]);
  await untilStats(other, statsOf(other).length + 2);
  const sent = statsOf(listener).length;
  await untilStats(other, statsOf(other).length + 2);
  expect(statsOf(listener)).toHaveLength(sent);
  expect(listener.socket.connected).toBe(true);
});

describe('the database', () => {
  const statsQueries = () => PgClient.take().filter(({ text }) => /sum\(available_stock\)|GROUP BY status/.test(text));

  it('is not queried while no admin is connected', async () => {
    await listen(users[0]?.token);
    // When the sockets of the tests before are closed.
    await until('two and a half seconds without a query', async () => {
      PgClient.take();
      await sleep(2_500);
      return statsQueries().length === 0;
    });
    await untilStats(await listen(admin.token), 2);
    expect(statsQueries().length).toBeGreaterThan(1);
  });

  it('can fail: the stats continue when it is back', async () => {
    const listener = await listen(admin.token);
    await untilStats(listener, 1);
    await app.database.query('ALTER TABLE drops RENAME TO drops_away');
    await sleep(2_500);
    await app.database.query('ALTER TABLE drops_away RENAME TO drops');
    await untilStats(listener, statsOf(listener).length + 2);
  });
});
