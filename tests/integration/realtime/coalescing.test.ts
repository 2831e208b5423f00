import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { until } from '../../helpers/locks.js';
import { listenTo, receivedAll, type Listener } from '../../helpers/sockets.js';

let app: TestApp;
let listener: Listener;

beforeAll(async () => {
  app = await startTestApp();
  listener = await listenTo(app);
});

afterAll(async () => {
  listener.close();
  await app.close();
});

const snapshotOf = (dropId: string, version: number) => ({
  dropId,
  availableStock: 1_000 - version,
  reservedStock: version,
  soldStock: 0,
  totalStock: 1_000,
  version,
  status: 'live' as const,
});

it('a thousand changes in a second are sent as twenty snapshots and the last one', async () => {
  const dropId = randomUUID();
  const startedAt = performance.now();
  for (let version = 1; version <= 1_000; version += 1) {
    app.context.publish('inventory_update', snapshotOf(dropId, version));
    if (version % 20 === 0) await sleep(20);
  }
  const received = () => listener.received('inventory_update').filter((snapshot) => snapshot.dropId === dropId);
  // Without a flush: the last snapshot is sent at the end of its window.
  await until('the last snapshot', () => received().at(-1)?.version === 1_000);
  await sleep(200);
  const windows = (performance.now() - startedAt) / 50;
  const snapshots = received();
  expect(snapshots.length).toBeLessThanOrEqual(Math.ceil(windows) + 1);
  expect(snapshots.length).toBeGreaterThan(3);
  expect(snapshots.at(-1)).toEqual(snapshotOf(dropId, 1_000));
});

it('each drop has its own window', async () => {
  const dropIds = Array.from({ length: 30 }, () => randomUUID());
  for (const dropId of dropIds) app.context.publish('inventory_update', snapshotOf(dropId, 1));
  await receivedAll(app, listener);
  const received = new Set(listener.received('inventory_update').map(({ dropId }) => dropId));
  expect(dropIds.filter((dropId) => !received.has(dropId))).toEqual([]);
});

it('if many holds expire at once, all sockets receive a few expiries and the new stock, and each owner receives their own', async () => {
  const [dropId, owners] = await Promise.all([app.createDrop({ total_stock: 500 }), app.createUsers(250)]);
  const holds = await app.database.query<{ id: string; user_id: string }>(
    `INSERT INTO reservations (user_id, drop_id, expires_at)
     SELECT id, $2, clock_timestamp() - interval '1 ms' FROM unnest($1::uuid[]) AS id RETURNING id, user_id`,
    [owners.map(({ id }) => id), dropId],
  );
  await app.database.query(
    'UPDATE drops SET available_stock = available_stock - 250, reserved_stock = 250 WHERE id = $1',
    [dropId],
  );
  const sample = owners.slice(-20);
  const ownerListeners = await Promise.all(sample.map(({ token }) => listenTo(app, { token })));
  const startedAt = performance.now();
  await app.context.worker.runOnce();
  await receivedAll(app, listener, ...ownerListeners);
  const windows = Math.ceil((performance.now() - startedAt) / 50) + 1;

  const expired = listener.received('reservation_update').filter((update) => update.dropId === dropId);
  // Ten in a window. On a busy machine, sending all takes more than one window.
  expect(expired.length).toBeGreaterThanOrEqual(10);
  expect(expired.length).toBeLessThanOrEqual(Math.max(50, 10 * windows));
  expect(listener.received('inventory_update').at(-1)).toMatchObject({ dropId, availableStock: 500, reservedStock: 0 });
  sample.forEach((owner, index) => {
    const own = ownerListeners[index]?.received('reservation_update').filter(({ userId }) => userId === owner.id);
    const { id } = holds.rows.find(({ user_id }) => user_id === owner.id) ?? {};
    expect(own).toEqual([{ reservationId: id, dropId, userId: owner.id, availableStock: 500, status: 'expired' }]);
  });
  for (const each of ownerListeners) each.close();
  expect(await app.mismatches()).toEqual([]);
});

it('packets are not compressed, so that each is encoded once for all receivers', () => {
  const { transport } = listener.socket.io.engine as unknown as { transport: { ws: { extensions: string } } };
  expect(transport.ws.extensions).toBe('');
});
