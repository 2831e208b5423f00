import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inTransaction } from '../../../src/lib/db/transaction.js';
import { toInventoryUpdate } from '../../../src/inventory/drop-row.js';
import { writeReclaimedUnits } from '../../../src/inventory/queries/reclaim.queries.js';
import { verifyStock } from '../../../src/inventory/verify.js';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { rowOfDrop, until, untilWaiting, whileLocked } from '../../helpers/locks.js';
import { heardAll, listenTo, type Listener } from '../../helpers/sockets.js';

let app: TestApp;
let buyer: TestUser;
let listener: Listener;

beforeAll(async () => {
  app = await startTestApp();
  [buyer, listener] = await Promise.all([app.createUser(), listenTo(app)]);
  // Drops whose commits take long, or fail: what was announced before the commit would be heard before it, too.
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

/** The events that `work` causes. */
async function heardDuring(work: () => PromiseLike<unknown>): Promise<string[]> {
  await heardAll(app, listener);
  const before = listener.events.length;
  await work();
  await heardAll(app, listener);
  return listener.events.slice(before).map(({ name }) => name);
}

describe('an event', () => {
  /** For each inventory_update that `work` causes: its version, and the one found in the database when it arrived. */
  async function versionsOnArrival(work: () => PromiseLike<unknown>): Promise<{ told: number; found: number }[]> {
    const versions: Promise<{ told: number; found: number }>[] = [];
    const look = (told: { dropId: string; version: number }) => {
      const read = app.database.query<{ version: number }>('SELECT version FROM drops WHERE id = $1', [told.dropId]);
      versions.push(read.then(({ rows }) => ({ told: told.version, found: rows[0]?.version ?? 0 })));
    };
    listener.socket.on('inventory_update', look);
    await work();
    await heardAll(app, listener);
    listener.socket.off('inventory_update', look);
    return Promise.all(versions);
  }

  it('arrives when its state can be read, however long the commit takes', async () => {
    const dropId = await app.createDrop({ name: 'slow' });
    const versions = await versionsOnArrival(async () => {
      const { body } = await app.reserve(buyer, dropId).expect(201);
      await app.purchase(buyer, body.data.reservation.id).expect(201);
    });
    expect(versions).toEqual([
      { told: 2, found: 2 },
      { told: 3, found: 3 },
    ]);
  });

  it('would arrive too early if it were announced within the transaction', async () => {
    const dropId = await app.createDrop({ name: 'slow' });
    const versions = await versionsOnArrival(() =>
      inTransaction(app.context.db, async (tx) => {
        const row = await writeReclaimedUnits({ tx, dropId, mayHaveCommitted: false }, -1);
        // The port of the services would refuse to.
        app.context.broadcaster.publish('inventory_update', toInventoryUpdate(row));
      }),
    );
    expect(versions).toEqual([{ told: 2, found: 1 }]);
  });

  it('never arrives if the commit fails', async () => {
    const dropId = await app.createDrop({ name: 'failing' });
    expect(await heardDuring(() => app.reserve(buyer, dropId).expect(500))).toEqual([]);
    expect((await app.database.query('SELECT FROM reservations WHERE drop_id = $1', [dropId])).rowCount).toBe(0);
  });
});

describe('a purchase whose client has gone', () => {
  it('is announced all the same, once it was under way', async () => {
    const dropId = await app.createDrop();
    const { body } = await app.reserve(buyer, dropId).expect(201);
    const bought = () => listener.heard('purchase_update').filter((update) => update.dropId === dropId);
    await whileLocked(app.database, rowOfDrop(dropId), async ({ letGo }) => {
      const leaving = new AbortController();
      const left = fetch(`${app.url}/api/purchases`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${buyer.token}` },
        body: JSON.stringify({ reservationId: body.data.reservation.id }),
        signal: leaving.signal,
      }).catch(() => 'has left');
      await untilWaiting(app.database);
      leaving.abort();
      expect(await left).toBe('has left');
      // Time for the service to notice.
      await sleep(100);
      await letGo();
    });
    await until('the announcement', () => bought().length === 1);
  });
});

describe('a refused request', () => {
  it('announces nothing', async () => {
    const [dropId, paused, other] = await Promise.all([
      app.createDrop({ total_stock: 1 }),
      app.createDrop({ paused_at: new Date() }),
      app.createUser(),
    ]);
    const { body } = await app.reserve(buyer, dropId, 'one-order').expect(201);
    const hold = body.data.reservation.id;
    const heard = await heardDuring(async () => {
      await app.reserve(other, dropId).expect(409);
      await app.reserve(buyer, dropId).expect(409);
      await app.reserve(buyer, paused).expect(409);
      await app.reserve(buyer, paused, 'one-order').expect(422);
      await app.reserve(buyer, hold).expect(404);
      await app.purchase(other, hold).expect(403);
      await app.release(other, hold).expect(403);
      await app.http.post('/api/drops').auth(buyer.token, { type: 'bearer' }).send({}).expect(403);
    });
    expect(heard).toEqual([]);
  });

  it('nor does one that is repeated', async () => {
    const dropId = await app.createDrop();
    const { body } = await app.reserve(buyer, dropId, 'second-order').expect(201);
    const hold = body.data.reservation.id;
    expect(await heardDuring(() => app.reserve(buyer, dropId, 'second-order').expect(201))).toEqual([]);

    await app.purchase(buyer, hold, 'second-order').expect(201);
    expect(await heardDuring(() => app.purchase(buyer, hold, 'second-order').expect(201))).toEqual([]);
    expect(await heardDuring(() => app.purchase(buyer, hold).expect(410))).toEqual([]);
  });
});

describe('an overdue hold that a request finds', () => {
  it.for([
    // Its unit goes from one hold to the next: the stock is what it was.
    { request: 'a reservation that gets its unit', stock: 1, events: ['reservation_update'], version: 2 },
    { request: 'a reservation of another unit', stock: 3, events: ['reservation_update'], version: 2 },
    {
      request: 'a purchase that is refused for it',
      stock: 2,
      events: ['reservation_update', 'inventory_update'],
      version: 3,
    },
  ])('is announced once: $request', async ({ request, stock, events, version }) => {
    const [dropId, other] = await Promise.all([app.createDrop({ total_stock: stock }), app.createUser()]);
    const { body } = await app.reserve(buyer, dropId).expect(201);
    const hold = body.data.reservation.id;
    await app.expireHolds({ dropId });
    const heard = await heardDuring(() =>
      request.startsWith('a reservation')
        ? app.reserve(other, dropId).expect(201)
        : app.purchase(buyer, hold).expect(410),
    );
    expect(heard).toEqual(events);
    const { rows } = await app.database.query<{ version: number; available: number }>(
      'SELECT version, available_stock AS available FROM drops WHERE id = $1',
      [dropId],
    );
    expect(rows[0]?.version).toBe(version);
    expect(listener.heard('reservation_update').at(-1)).toEqual({
      reservationId: hold,
      dropId,
      userId: buyer.id,
      availableStock: rows[0]?.available,
    });
    // Nobody finds it again.
    expect(await heardDuring(() => app.context.worker.runOnce())).toEqual([]);
    expect(await verifyStock(app.context.db, dropId)).toEqual([]);
  });
});
