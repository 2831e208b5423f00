import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { listenTo, receivedAll, type Listener } from '../../helpers/sockets.js';

let app: TestApp;
let listeners: Listener[];

beforeAll(async () => {
  app = await startTestApp();
  listeners = await Promise.all([listenTo(app), listenTo(app, { transports: ['polling'], upgrade: false })]);
});

afterAll(async () => {
  for (const listener of listeners) listener.close();
  await app.close();
});

function updatesOf(listener: Listener, dropId: string) {
  return listener.received('inventory_update').filter((update) => update.dropId === dropId);
}

it('only rise under load, and end with the state of the database', async () => {
  const [dropId, buyers] = await Promise.all([app.createDrop({ total_stock: 80 }), app.createUsers(100)]);
  await Promise.all(
    buyers.map(async (buyer, index) => {
      const { status, body } = await app.reserve(buyer, dropId);
      if (status !== 201) return;
      if (index % 3 === 0) await app.purchase(buyer, body.data.reservation.id).expect(201);
      if (index % 3 === 1) await app.release(buyer, body.data.reservation.id).expect(200);
    }),
  );
  await receivedAll(app, ...listeners);

  const { body } = await app.http.get(`/api/drops/${dropId}`).expect(200);
  const { version, availableStock, reservedStock, soldStock, totalStock, status } = body.data;
  for (const listener of listeners) {
    const updates = updatesOf(listener, dropId);
    const versions = updates.map((update) => update.version);
    expect(versions.length).toBeGreaterThan(1);
    expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
    expect(updates.at(-1)).toEqual({ dropId, version, availableStock, reservedStock, soldStock, totalStock, status });
    for (const update of updates) {
      expect(update.availableStock + update.reservedStock + update.soldStock).toBe(totalStock);
    }
  }
});

it('of events that overtake each other, only the newest is sent', async () => {
  const dropId = await app.createDrop();
  const other = await app.createDrop();
  const snapshot = (id: string, version: number) => ({
    dropId: id,
    availableStock: 10 - version,
    reservedStock: version,
    soldStock: 0,
    totalStock: 10,
    version,
    status: 'live' as const,
  });
  for (const version of [2, 4, 3, 4, 5]) app.context.publish('inventory_update', snapshot(dropId, version));
  app.context.publish('inventory_update', snapshot(other, 2));
  await receivedAll(app, ...listeners);
  for (const listener of listeners) {
    expect(updatesOf(listener, dropId).map(({ version }) => version)).toEqual([2, 5]);
    expect(updatesOf(listener, other).map(({ version }) => version)).toEqual([2]);
  }
});
