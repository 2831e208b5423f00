import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { dropRowLock, until, untilWaiting, whileLocked } from '../../helpers/locks.js';
import { withBatches, type BatchSettings } from '../../helpers/other-batches.js';

/** Number of connections in the pool. */
const CONNECTIONS = 20;
const BUYERS = 300;

/** Maximum time for a request that needs no lock, even on a busy machine. */
const MAX_SERVICE_MS = 25_000;

let app: TestApp;

beforeAll(async () => {
  app = await startTestApp({ expectsServerErrors: true });
});

afterAll(() => app.close());

describe('a request that waits for a batch', () => {
  it('is refused if too many requests wait already', async () => {
    const [dropId, [first, second, third, fourth]] = await Promise.all([app.createDrop(), app.createUsers(4)]);
    if (!first || !second || !third || !fourth) throw new Error('four users');
    await withBatches(app, { maxWaiting: 2 }, ({ reserve, reservations }) =>
      whileLocked(app.database, dropRowLock(dropId), async ({ unlock }) => {
        const inFlight = reserve(first, dropId);
        await untilWaiting(app.database);
        const waiting = [reserve(second, dropId), reserve(third, dropId)];
        await until('two requests to wait', async () => (await reservations()).waiting === 2);
        // The refusal is immediate, not a timeout.
        expect(await Promise.race([reserve(fourth, dropId), sleep(MAX_SERVICE_MS)])).toEqual([503, 'overloaded']);
        await unlock();
        expect(await Promise.all([inFlight, ...waiting])).toEqual([[201], [201], [201]]);
      }),
    );
  });

  it('is refused after the maximum wait', async () => {
    const [dropId, [first, second]] = await Promise.all([app.createDrop(), app.createUsers(2)]);
    if (!first || !second) throw new Error('two users');
    await withBatches(app, { queueTimeoutMs: 100 }, ({ reserve }) =>
      whileLocked(app.database, dropRowLock(dropId), async ({ unlock }) => {
        const inFlight = reserve(first, dropId);
        await untilWaiting(app.database);
        expect(await reserve(second, dropId)).toEqual([503, 'overloaded']);
        await unlock();
        expect(await inFlight).toEqual([201]);
      }),
    );
  });

  it('is not served if its client has disconnected', async () => {
    const [dropId, [first, second]] = await Promise.all([app.createDrop(), app.createUsers(2)]);
    if (!first || !second) throw new Error('two users');
    await withBatches(app, {}, ({ reserve, reserveAndDisconnect, reservations, server }) =>
      whileLocked(app.database, dropRowLock(dropId), async ({ unlock }) => {
        const inFlight = reserve(first, dropId);
        await untilWaiting(app.database);
        const disconnect = reserveAndDisconnect(second, dropId);
        await until('the second request to wait', async () => (await reservations()).waiting === 1);
        disconnect();
        await until('the service to notice the disconnection', async () => (await connectionsOf(server)) === 1);
        await unlock();
        expect(await inFlight).toEqual([201]);
        await until('no request to wait', async () => (await reservations()).waiting === 0);
        expect(await reservations()).toEqual({ receivedCount: 1, waiting: 0 });
      }),
    );
    const { rows } = await app.database.query('SELECT user_id FROM reservations WHERE drop_id = $1', [dropId]);
    expect(rows).toEqual([{ user_id: first.id }]);
  });
});

function connectionsOf(server: { getConnections: (callback: (error: Error | null, count: number) => void) => void }) {
  return new Promise<number>((resolve) => {
    server.getConnections((_, count) => {
      resolve(count);
    });
  });
}

it('a purchase is served before the reservations that wait for the same drop', async () => {
  const [dropId, [owner, first, ...users]] = await Promise.all([
    app.createDrop({ total_stock: BUYERS + 2 }),
    app.createUsers(BUYERS + 2),
  ]);
  if (!owner || !first) throw new Error('an owner and a first buyer');
  const hold = (await app.reserve(owner, dropId).expect(201)).body.data.reservation.id;
  await withBatches(app, {}, ({ reserve, purchase, reservations }) =>
    whileLocked(app.database, dropRowLock(dropId), async ({ unlock }) => {
      const inFlight = reserve(first, dropId);
      await untilWaiting(app.database);
      const waiting = users.map((buyer) => reserve(buyer, dropId));
      await until('the reservations to wait', async () => (await reservations()).waiting === BUYERS);
      const bought = purchase(owner, hold);
      await untilWaiting(app.database, 2);
      await unlock();
      expect(await bought).toEqual([201]);
      await Promise.all([inFlight, ...waiting]);
    }),
  );
  const { rows } = await app.database.query<{ reserved: number; sold: number }>(
    `SELECT delta_reserved AS reserved, delta_sold AS sold FROM stock_movements
     WHERE drop_id = $1 AND version > 2 ORDER BY version LIMIT 3`,
    [dropId],
  );
  // The reservation under way, the purchase, and then a full batch of the waiting reservations.
  expect(rows).toEqual([
    { reserved: 1, sold: 0 },
    { reserved: -1, sold: 1 },
    { reserved: 256, sold: 0 },
  ]);
});

interface Limits extends BatchSettings {
  /** Maximum wait for reads. */
  readonly readMs?: number;
  /** Maximum wait for a reservation in another drop. */
  readonly reserveMs?: number;
}

/** Sends reservations for drops that another session keeps locked. Returns the responses to other requests meanwhile. */
async function requestMeanwhile(
  drops: number,
  { readMs = MAX_SERVICE_MS, reserveMs = MAX_SERVICE_MS, ...settings }: Limits = {},
) {
  const [users, other, ...locked] = await Promise.all([
    app.createUsers(BUYERS + 1),
    app.createDrop(),
    ...Array.from({ length: drops }, () => app.createDrop()),
  ]);
  const [otherUser, ...buyers] = users;
  if (!otherUser) throw new Error('another user');
  const rows = { sql: 'SELECT FROM drops WHERE id = ANY($1) FOR NO KEY UPDATE', params: [locked] };
  return withBatches(app, { queueTimeoutMs: 4 * MAX_SERVICE_MS, ...settings }, ({ get, reserve, reservations }) =>
    whileLocked(app.database, rows, async ({ unlock }) => {
      let completed = 0;
      const waiting = buyers.map((buyer, index) =>
        reserve(buyer, locked[index % drops] ?? '').finally(() => (completed += 1)),
      );
      await untilWaiting(app.database, Math.min(drops, settings.maxRunning ?? 4));
      // Once every connection is in use, no further request reaches the queue.
      if (!settings.maxRunning)
        await until('the reservations to wait', async () => (await reservations()).receivedCount === BUYERS);
      const settledWithin = <Result>(request: Promise<Result>, timeoutMs: number) =>
        Promise.race([request, sleep(timeoutMs, 'timed out')]);
      const reads = Promise.all(['/api/drops', `/api/drops/${other}`, '/readyz'].map((path) => get(path)));
      const bought = reserve(otherUser, other);
      const outcome = {
        reads: await settledWithin(reads, readMs),
        bought: await settledWithin(bought, reserveMs),
        completed,
      };
      await unlock();
      await Promise.all([reads, bought, ...waiting]);
      return outcome;
    }),
  );
}

describe('while 300 reservations wait for locked drops,', () => {
  it.for([1, 3])('reads and reservations in other drops are served (locked drops: %i)', async (drops) => {
    expect(await requestMeanwhile(drops)).toEqual({ reads: [200, 200, 200], bought: [201], completed: 0 });
  });

  it('reads are served even if the pool has no more connections than there are locked drops', async () => {
    expect(await requestMeanwhile(CONNECTIONS, { reserveMs: 500 })).toMatchObject({
      reads: [200, 200, 200],
      completed: 0,
    });
  });

  it('reads are not served if reservations may take every connection', async () => {
    expect(await requestMeanwhile(CONNECTIONS, { readMs: 500, reserveMs: 500, maxRunning: CONNECTIONS })).toMatchObject(
      {
        reads: 'timed out',
      },
    );
  });

  it('reservations in other drops are not served if only one batch may run at a time', async () => {
    const outcome = await requestMeanwhile(1, { reserveMs: 500, maxRunning: 1 });
    expect(outcome).toMatchObject({ reads: [200, 200, 200], bought: 'timed out' });
  });
});
