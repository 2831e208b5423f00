import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { rowOfDrop, until, untilWaiting, whileLocked } from '../../helpers/locks.js';
import { withBatches, type BatchSettings } from '../../helpers/other-batches.js';

/** Number of connections in the pool. */
const CONNECTIONS = 20;
const CROWD = 300;

/** Milliseconds within which a request that needs no lock is answered, even on a busy machine. */
const SERVED_MS = 25_000;

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
      whileLocked(app.database, rowOfDrop(dropId), async ({ letGo }) => {
        const underWay = reserve(first, dropId);
        await untilWaiting(app.database);
        const waiting = [reserve(second, dropId), reserve(third, dropId)];
        await until('two to wait', async () => (await reservations()).waiting === 2);
        // The refusal is immediate, not a timeout.
        expect(await Promise.race([reserve(fourth, dropId), sleep(SERVED_MS)])).toEqual([503, 'overloaded']);
        await letGo();
        expect(await Promise.all([underWay, ...waiting])).toEqual([[201], [201], [201]]);
      }),
    );
  });

  it('is refused after the maximum wait', async () => {
    const [dropId, [first, second]] = await Promise.all([app.createDrop(), app.createUsers(2)]);
    if (!first || !second) throw new Error('two users');
    await withBatches(app, { maxWaitMs: 100 }, ({ reserve }) =>
      whileLocked(app.database, rowOfDrop(dropId), async ({ letGo }) => {
        const underWay = reserve(first, dropId);
        await untilWaiting(app.database);
        expect(await reserve(second, dropId)).toEqual([503, 'overloaded']);
        await letGo();
        expect(await underWay).toEqual([201]);
      }),
    );
  });

  it('is not served if its client has disconnected', async () => {
    const [dropId, [first, second]] = await Promise.all([app.createDrop(), app.createUsers(2)]);
    if (!first || !second) throw new Error('two users');
    await withBatches(app, {}, ({ reserve, reserveAndLeave, reservations, server }) =>
      whileLocked(app.database, rowOfDrop(dropId), async ({ letGo }) => {
        const underWay = reserve(first, dropId);
        await untilWaiting(app.database);
        const leave = reserveAndLeave(second, dropId);
        await until('the second to wait', async () => (await reservations()).waiting === 1);
        leave();
        await until('the service to notice', async () => (await connectionsOf(server)) === 1);
        await letGo();
        expect(await underWay).toEqual([201]);
        await until('nobody to wait', async () => (await reservations()).waiting === 0);
        expect(await reservations()).toEqual({ came: 1, waiting: 0 });
      }),
    );
    const { rows } = await app.database.query('SELECT user_id FROM reservations WHERE drop_id = $1', [dropId]);
    expect(rows).toEqual([{ user_id: first.id }]);
  });
});

function connectionsOf(server: { getConnections: (told: (error: Error | null, count: number) => void) => void }) {
  return new Promise<number>((resolve) => {
    server.getConnections((_, count) => {
      resolve(count);
    });
  });
}

it('a purchase is served before the reservations that wait for the same drop', async () => {
  const [dropId, [owner, first, ...crowd]] = await Promise.all([
    app.createDrop({ total_stock: CROWD + 2 }),
    app.createUsers(CROWD + 2),
  ]);
  if (!owner || !first) throw new Error('an owner and a first buyer');
  const hold = (await app.reserve(owner, dropId).expect(201)).body.data.reservation.id;
  await withBatches(app, {}, ({ reserve, purchase, reservations }) =>
    whileLocked(app.database, rowOfDrop(dropId), async ({ letGo }) => {
      const underWay = reserve(first, dropId);
      await untilWaiting(app.database);
      const waiting = crowd.map((buyer) => reserve(buyer, dropId));
      await until('the crowd', async () => (await reservations()).waiting === CROWD);
      const bought = purchase(owner, hold);
      await untilWaiting(app.database, 2);
      await letGo();
      expect(await bought).toEqual([201]);
      await Promise.all([underWay, ...waiting]);
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
async function askMeanwhile(drops: number, { readMs = SERVED_MS, reserveMs = SERVED_MS, ...settings }: Limits = {}) {
  const [crowd, other, ...locked] = await Promise.all([
    app.createUsers(CROWD + 1),
    app.createDrop(),
    ...Array.from({ length: drops }, () => app.createDrop()),
  ]);
  const [stranger, ...buyers] = crowd;
  if (!stranger) throw new Error('a stranger');
  const rows = { sql: 'SELECT FROM drops WHERE id = ANY($1) FOR NO KEY UPDATE', params: [locked] };
  return withBatches(app, { maxWaitMs: 4 * SERVED_MS, ...settings }, ({ get, reserve, reservations }) =>
    whileLocked(app.database, rows, async ({ letGo }) => {
      let answered = 0;
      const waiting = buyers.map((buyer, index) =>
        reserve(buyer, locked[index % drops] ?? '').finally(() => (answered += 1)),
      );
      await untilWaiting(app.database, Math.min(drops, settings.maxRunning ?? 4));
      // Once every connection is in use, no further request reaches the queue.
      if (!settings.maxRunning) await until('the crowd', async () => (await reservations()).came === CROWD);
      const within = <Answer>(asked: Promise<Answer>, ms: number) => Promise.race([asked, sleep(ms, 'nothing')]);
      const looks = Promise.all(['/api/drops', `/api/drops/${other}`, '/readyz'].map((path) => get(path)));
      const bought = reserve(stranger, other);
      const seen = { looks: await within(looks, readMs), bought: await within(bought, reserveMs), answered };
      await letGo();
      await Promise.all([looks, bought, ...waiting]);
      return seen;
    }),
  );
}

describe('while 300 reservations wait for locked drops,', () => {
  it.for([1, 3])('reads and reservations in other drops are served (locked drops: %i)', async (drops) => {
    expect(await askMeanwhile(drops)).toEqual({ looks: [200, 200, 200], bought: [201], answered: 0 });
  });

  it('reads are served even if the pool has no more connections than there are locked drops', async () => {
    expect(await askMeanwhile(CONNECTIONS, { reserveMs: 500 })).toMatchObject({ looks: [200, 200, 200], answered: 0 });
  });

  it('reads are not served if reservations may take every connection', async () => {
    expect(await askMeanwhile(CONNECTIONS, { readMs: 500, reserveMs: 500, maxRunning: CONNECTIONS })).toMatchObject({
      looks: 'nothing',
    });
  });

  it('reservations in other drops are not served if only one batch may run at a time', async () => {
    const seen = await askMeanwhile(1, { reserveMs: 500, maxRunning: 1 });
    expect(seen).toMatchObject({ looks: [200, 200, 200], bought: 'nothing' });
  });
});
