import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inTransaction } from '../../../src/lib/db/transaction.js';
import { toInventorySnapshot } from '../../../src/inventory/inventory-snapshot.js';
import { addStock } from '../../../src/inventory/queries/drop.queries.js';
import { verifyStock } from '../../../src/inventory/verify.js';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { dropRowLock, until, untilWaiting, whileLocked } from '../../helpers/locks.js';
import { listenTo, receivedAll, type Listener } from '../../helpers/sockets.js';

let app: TestApp;
let buyer: TestUser;
let listener: Listener;

beforeAll(async () => {
  // The commit of one drop fails.
  app = await startTestApp({ expectsServerErrors: true });
  [buyer, listener] = await Promise.all([app.createUser(), listenTo(app)]);
  // Drops whose commits are slow or fail. An event published before the commit would arrive before it.
  await app.database.query(`
    CREATE FUNCTION at_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF NEW.name = 'slow' THEN PERFORM pg_sleep(0.3); END IF;
      IF NEW.name = 'failing' THEN RAISE 'failed at the commit'; END IF;
      RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER at_commit AFTER UPDATE ON drops DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION at_commit()`);
});

afterAll(async () => {
  listener.close();
  await app.close();
});

/** The names of the events that `work` causes. */
async function eventsDuring(work: () => PromiseLike<unknown>): Promise<string[]> {
  await receivedAll(app, listener);
  const before = listener.events.length;
  await work();
  await receivedAll(app, listener);
  return listener.events.slice(before).map(({ name }) => name);
}

describe('an event', () => {
  /** For each inventory_update that `work` causes: its version, and the version in the database on its arrival. */
  async function versionsOnArrival(work: () => PromiseLike<unknown>): Promise<{ event: number; database: number }[]> {
    const versions: Promise<{ event: number; database: number }>[] = [];
    const record = (update: { dropId: string; version: number }) => {
      const read = app.database.query<{ version: number }>('SELECT version FROM drops WHERE id = $1', [update.dropId]);
      versions.push(read.then(({ rows }) => ({ event: update.version, database: rows[0]?.version ?? 0 })));
    };
    listener.socket.on('inventory_update', record);
    await work();
    await receivedAll(app, listener);
    listener.socket.off('inventory_update', record);
    return Promise.all(versions);
  }

  it('arrives when its state can be read, also after a slow commit', async () => {
    const dropId = await app.createDrop({ name: 'slow' });
    const versions = await versionsOnArrival(async () => {
      const { body } = await app.reserve(buyer, dropId).expect(201);
      await app.purchase(buyer, body.data.reservation.id).expect(201);
    });
    expect(versions).toEqual([
      { event: 2, database: 2 },
      { event: 3, database: 3 },
    ]);
  });

  it('would arrive too early if it were published within the transaction', async () => {
    const dropId = await app.createDrop({ name: 'slow' });
    const versions = await versionsOnArrival(() =>
      inTransaction(app.context.db, async (tx) => {
        await tx.$queryRaw`SELECT d.id FROM drops d WHERE d.id = ${dropId}::uuid FOR UPDATE`;
        const row = await addStock({ tx, dropId, mayHaveCommitted: false }, 1);
        // The port that services use throws here.
        app.context.broadcaster.publish('inventory_update', toInventorySnapshot(row));
      }),
    );
    expect(versions).toEqual([{ event: 2, database: 1 }]);
  });

  it('never arrives if the commit fails', async () => {
    const dropId = await app.createDrop({ name: 'failing' });
    expect(await eventsDuring(() => app.reserve(buyer, dropId).expect(500))).toEqual([]);
    expect((await app.database.query('SELECT FROM reservations WHERE drop_id = $1', [dropId])).rowCount).toBe(0);
  });
});

describe('a purchase whose client has disconnected', () => {
  it('is published if its transaction had begun', async () => {
    const dropId = await app.createDrop();
    const { body } = await app.reserve(buyer, dropId).expect(201);
    const bought = () => listener.received('purchase_update').filter((update) => update.dropId === dropId);
    await whileLocked(app.database, dropRowLock(dropId), async ({ unlock }) => {
      const controller = new AbortController();
      const aborted = fetch(`${app.url}/api/purchases`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${buyer.token}` },
        body: JSON.stringify({ reservationId: body.data.reservation.id }),
        signal: controller.signal,
      }).catch(() => 'disconnected');
      await untilWaiting(app.database);
      controller.abort();
      expect(await aborted).toBe('disconnected');
      // Lets the service detect the disconnection.
      await sleep(100);
      await unlock();
    });
    await until('the purchase event', () => bought().length === 1);
  });
});

describe('a refused request', () => {
  it('publishes nothing', async () => {
    const [dropId, paused, other] = await Promise.all([
      app.createDrop({ total_stock: 1 }),
      app.createDrop({ paused_at: new Date() }),
      app.createUser(),
    ]);
    const { body } = await app.reserve(buyer, dropId, 'one-order').expect(201);
    const hold = body.data.reservation.id;
    const events = await eventsDuring(async () => {
      await app.reserve(other, dropId).expect(409);
      await app.reserve(buyer, dropId).expect(409);
      await app.reserve(buyer, paused).expect(409);
      await app.reserve(buyer, paused, 'one-order').expect(422);
      await app.reserve(buyer, hold).expect(404);
      await app.purchase(other, hold).expect(403);
      await app.release(other, hold).expect(403);
      await app.http.post('/api/drops').auth(buyer.token, { type: 'bearer' }).send({}).expect(403);
    });
    expect(events).toEqual([]);
  });

  it('publishes nothing either when it is repeated', async () => {
    const dropId = await app.createDrop();
    const { body } = await app.reserve(buyer, dropId, 'second-order').expect(201);
    const hold = body.data.reservation.id;
    expect(await eventsDuring(() => app.reserve(buyer, dropId, 'second-order').expect(201))).toEqual([]);

    await app.purchase(buyer, hold, 'second-order').expect(201);
    expect(await eventsDuring(() => app.purchase(buyer, hold, 'second-order').expect(201))).toEqual([]);
    expect(await eventsDuring(() => app.purchase(buyer, hold).expect(410))).toEqual([]);
  });
});

describe('an overdue reservation that a request reclaims', () => {
  it.for([
    // The unit passes from one reservation to the next: the counts do not change, but the ledger has a version for it.
    { request: 'a reservation that gets its unit', stock: 1 },
    { request: 'a reservation of another unit', stock: 3 },
    { request: 'a purchase that is refused for it', stock: 2 },
  ])('is published once: $request', async ({ request, stock }) => {
    const [dropId, other] = await Promise.all([app.createDrop({ total_stock: stock }), app.createUser()]);
    const { body } = await app.reserve(buyer, dropId).expect(201);
    const hold = body.data.reservation.id;
    await app.expireHolds({ dropId });
    const received = await eventsDuring(() =>
      request.startsWith('a reservation')
        ? app.reserve(other, dropId).expect(201)
        : app.purchase(buyer, hold).expect(410),
    );
    expect(received).toEqual(['reservation_update', 'inventory_update']);
    const { rows } = await app.database.query<{ version: number; available: number }>(
      'SELECT version, available_stock AS available FROM drops WHERE id = $1',
      [dropId],
    );
    expect(rows[0]?.version).toBe(3);
    expect(listener.received('reservation_update').at(-1)).toEqual({
      reservationId: hold,
      dropId,
      userId: buyer.id,
      availableStock: rows[0]?.available,
      status: 'expired',
    });
    // The worker does not find it again.
    expect(await eventsDuring(() => app.context.worker.runOnce())).toEqual([]);
    expect(await verifyStock(app.context.db, dropId)).toEqual([]);
  });
});
