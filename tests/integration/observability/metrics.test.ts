import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFreePort } from '../../helpers/free-port.js';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { dropRowLock, until, untilWaiting, waitingSessions, whileLocked } from '../../helpers/locks.js';
import { scrape, sumOf } from '../../helpers/scrape.js';
import { listenTo } from '../../helpers/sockets.js';

let app: TestApp;
let port: number;

beforeAll(async () => {
  port = await findFreePort();
  app = await startTestApp({ env: { METRICS_PORT: String(port), RATE_LIMIT_ENABLED: 'true' } });
});
afterAll(() => app.close());

/** Returns a function that gives the rise of a metric during `work`; a missing series counts as 0. */
async function increasesDuring(work: () => Promise<unknown>) {
  const before = await scrape(port);
  await work();
  const after = await scrape(port);
  return (name: string, labels?: Record<string, string>) =>
    sumOf(after, name, labels) - (sumOf(before, name, labels) || 0);
}

const currentValue = async (name: string, labels?: Record<string, string>) => sumOf(await scrape(port), name, labels);

describe('requests', () => {
  it('are measured by method, route pattern and status', async () => {
    const dropId = await app.createDrop();
    const increase = await increasesDuring(async () => {
      await app.http.get(`/api/drops/${dropId}`).expect(200);
      await app.http.get(`/api/drops/${randomUUID()}`).expect(404);
      await app.http.get('/nowhere').expect(404);
    });
    const count = 'http_request_duration_seconds_count';
    expect(increase(count, { method: 'GET', route: '/api/drops/:id', status: '200' })).toBe(1);
    expect(increase(count, { method: 'GET', route: '/api/drops/:id', status: '404' })).toBe(1);
    expect(increase(count, { method: 'GET', route: 'other', status: '404' })).toBe(1);
    expect(increase(count)).toBe(3);
    expect(increase('http_request_duration_seconds_sum')).toBeGreaterThan(0);
    expect(increase('http_request_duration_seconds_bucket', { le: '+Inf' })).toBe(3);
  });
});

describe('reservations, purchases and releases', () => {
  it('are counted by outcome', async () => {
    const drop = await app.createDrop({ total_stock: 2 });
    const [ann, bob, cleo, dan] = [await app.createUser(), await app.createUser(), await app.createUser(), await app.createUser()]; // prettier-ignore
    const increase = await increasesDuring(async () => {
      const held = await app.reserve(ann, drop, 'once').expect(201);
      await app.reserve(ann, drop, 'once').expect(201);
      await app.reserve(ann, drop).expect(409);
      const other = await app.reserve(bob, drop).expect(201);
      await app.reserve(cleo, drop).expect(409);
      await app.reserve(cleo, randomUUID()).expect(404);
      await app.reserve(cleo, 'no id').expect(400);
      await app.purchase(ann, held.body.data.reservation.id).expect(201);
      await app.purchase(dan, held.body.data.reservation.id).expect(403);
      await app.release(bob, other.body.data.reservation.id).expect(200);
      await app.release(ann, held.body.data.reservation.id).expect(410);
    });
    const outcomes = (name: string, ...expected: [string, number][]) => {
      expect(expected.map(([outcome]) => [outcome, increase(name, { outcome })])).toEqual(expected);
      expect(increase(name), 'no other outcome').toBe(expected.reduce((sum, [, count]) => sum + count, 0));
    };
    outcomes(
      'reservations_total',
      ['granted', 2],
      ['replayed', 1],
      ['already-reserved', 1],
      ['sold-out', 1],
      ['drop-not-found', 1],
    );
    outcomes('purchases_total', ['completed', 1], ['not-your-reservation', 1]);
    outcomes('releases_total', ['released', 1], ['reservation-settled', 1]);
  });
});

describe('metrics of holds', () => {
  const makeOverdue = async (dropId: string, interval: string) => {
    await app.database.query(
      `UPDATE reservations SET expires_at = clock_timestamp() - $2::interval WHERE drop_id = $1 AND status = 'active'`,
      [dropId, interval],
    );
  };

  it('show the number of overdue holds and the lateness of expired holds', async () => {
    const dropId = await app.createDrop();
    const [ann, bob] = [await app.createUser(), await app.createUser()];
    await app.reserve(ann, dropId).expect(201);
    expect(await currentValue('overdue_holds')).toBe(0);
    await makeOverdue(dropId, '5 seconds');
    expect(await currentValue('overdue_holds')).toBe(1);
    // No worker runs here; the next stock transaction of the drop expires the hold.
    const increase = await increasesDuring(() => app.reserve(bob, dropId).expect(201));
    expect(await currentValue('overdue_holds')).toBe(0);
    expect(increase('holds_expired_total')).toBe(1);
    expect(increase('hold_expiry_lateness_seconds_count')).toBe(1);
    expect(increase('hold_expiry_lateness_seconds_sum')).toBeGreaterThanOrEqual(5);
    expect(increase('hold_expiry_lateness_seconds_bucket', { le: '2.5' })).toBe(0);
  });

  it('do not delay the other metrics while the database does not respond', async () => {
    const lock = { sql: 'LOCK TABLE reservations', params: [] };
    await whileLocked(app.database, lock, async () => {
      expect(await currentValue('overdue_holds')).toBeNaN();
      expect(await waitingSessions(app.database)).toBeGreaterThan(0);
    });
    await until('the metric to be available again', async () => (await currentValue('overdue_holds')) === 0);
  });
});

describe('load on one drop', () => {
  const WAITING_BUYERS = 20;
  const LOCK_HELD_SECONDS = 0.2;

  it('is visible in the queue length, then in batch sizes, wait times and connection times', async () => {
    const dropId = await app.createDrop({ total_stock: WAITING_BUYERS });
    const users = await app.createUsers(WAITING_BUYERS + 1);
    const increase = await increasesDuring(async () => {
      const served = await whileLocked(app.database, dropRowLock(dropId), async ({ unlock }) => {
        const statuses = users.slice(0, 1).map(reserving(dropId));
        await untilWaiting(app.database);
        statuses.push(...users.slice(1).map(reserving(dropId)));
        await until('all others to wait for the next batch', async () => {
          return (await currentValue('batch_waiting_requests', { batcher: 'reserve' })) === WAITING_BUYERS;
        });
        expect(await currentValue('database_pool_connections', { state: 'used' })).toBeGreaterThanOrEqual(1);
        await sleep(LOCK_HELD_SECONDS * 1000);
        await unlock();
        return Promise.all(statuses);
      });
      expect(served.filter((status) => status === 201)).toHaveLength(WAITING_BUYERS);
    });
    expect(await currentValue('batch_waiting_requests', { batcher: 'reserve' })).toBe(0);
    expect(increase('batch_size_count', { batcher: 'reserve' })).toBe(2);
    expect(increase('batch_size_sum', { batcher: 'reserve' })).toBe(WAITING_BUYERS + 1);
    expect(increase('batch_size_bucket', { batcher: 'reserve', le: '1' }), 'the first request alone').toBe(1);
    expect(increase('batch_wait_seconds_sum', { batcher: 'reserve' })).toBeGreaterThanOrEqual(LOCK_HELD_SECONDS);
    expect(increase('drop_lock_wait_seconds_count')).toBe(2);
    expect(increase('drop_lock_wait_seconds_sum')).toBeGreaterThanOrEqual(LOCK_HELD_SECONDS);
    expect(increase('database_connection_held_seconds_sum')).toBeGreaterThanOrEqual(LOCK_HELD_SECONDS);
  });

  const reserving = (dropId: string) => (user: TestUser) => app.reserve(user, dropId).then(({ status }) => status);
});

describe('the connection pool', () => {
  it('is measured by its connections and waiting requests', async () => {
    const url = new URL(app.database.url);
    url.searchParams.set('connection_limit', '2');
    const metricsPort = await findFreePort();
    const env = { DATABASE_URL: url.toString(), METRICS_PORT: String(metricsPort) };
    const pooled = await startTestApp({ database: app.database, env });
    const state = async () => {
      const samples = await scrape(metricsPort);
      const connections = (name: string) => sumOf(samples, 'database_pool_connections', { state: name });
      return {
        used: connections('used'),
        idle: connections('idle'),
        max: connections('max'),
        waiting: sumOf(samples, 'database_pool_waiting_requests'),
      };
    };
    try {
      const lock = { sql: 'SELECT pg_advisory_xact_lock($1)', params: [7] };
      await whileLocked(app.database, lock, async ({ unlock }) => {
        const queries = Promise.all(
          Array.from({ length: 5 }, () => pooled.context.db.$queryRaw`SELECT pg_advisory_xact_lock(7)::text`),
        );
        // The scrape queries the database too and waits for a connection.
        await until('both connections to be in use and the other requests to wait', async () => {
          const { used, idle, max, waiting } = await state();
          return used === 2 && idle === 0 && max === 2 && waiting >= 3;
        });
        await unlock();
        await queries;
      });
      await until('both connections to be idle', async () => {
        const { used, idle, waiting } = await state();
        return used === 0 && idle === 2 && waiting === 0;
      });
    } finally {
      await pooled.close();
    }
  });
});

describe('sockets', () => {
  const connected = (count: number) => async () => (await currentValue('socket_connections')) === count;

  it('are counted while connected, their requests by outcome, and refused connections by reason', async () => {
    const increase = await increasesDuring(async () => {
      const listeners = [await listenTo(app), await listenTo(app)];
      expect(await currentValue('socket_connections')).toBe(2);
      const [first] = listeners;
      await first?.socket.emitWithAck('drops:subscribe');
      await first?.socket.emitWithAck('drops:subscribe', 7);
      await first?.socket.emitWithAck('drops:nothing');
      await expect(listenTo(app, { token: 'none' })).rejects.toThrow();
      await expect(listenTo(app, { extraHeaders: { Origin: 'https://evil.example' } })).rejects.toThrow();
      for (const listener of listeners) listener.close();
      await until('both sockets to disconnect', connected(0));
    });
    expect(increase('socket_calls_total', { call: 'drops:subscribe', outcome: 'ok' })).toBe(1);
    expect(increase('socket_calls_total', { call: 'drops:subscribe', outcome: 'validation-failed' })).toBe(1);
    expect(increase('socket_calls_total', { call: 'unknown', outcome: 'unknown-event' })).toBe(1);
    expect(increase('socket_connections_refused_total', { reason: 'unauthenticated' })).toBe(1);
    expect(increase('socket_connections_refused_total', { reason: 'origin' })).toBe(1);
  });
});

describe('the event loop', () => {
  it('is measured by its lag', async () => {
    await scrape(port);
    await sleep(50);
    const end = performance.now() + 200;
    while (performance.now() < end);
    await sleep(50);
    const samples = await scrape(port);
    expect(sumOf(samples, 'nodejs_eventloop_lag_max_seconds')).toBeGreaterThan(0.1);
    expect(sumOf(samples, 'nodejs_eventloop_lag_p99_seconds')).toBeGreaterThan(0.1);
  });
});
