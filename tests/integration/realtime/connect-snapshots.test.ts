import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { until } from '../../helpers/locks.js';
import { listenTo, receivedAll, type Listener } from '../../helpers/sockets.js';
import { delayingStatements, interceptStatements } from '../../helpers/statements.js';
import { withPause } from '../../helpers/without-protection.js';

const NEWEST = 100;
const OLDER = 3;
const SOCKETS = 150;
/** Sockets that connect while stock changes. */
const SOCKETS_DURING_CHANGES = 40;

let reads = 0;
/** Reads are sent once this is resolved. */
let gate = Promise.resolve();
// A slow read, during which the stock changes.
const PgClient = withPause('(SELECT database_epoch()) AS epoch, d.id', '(SELECT database_epoch() FROM pg_sleep(0.03)) AS epoch, d.id'); // prettier-ignore
const CountingClient = interceptStatements(
  { onSent: ({ text }) => (reads += Number(text.includes('AS epoch, d.id'))) },
  delayingStatements('AS epoch, d.id', () => gate, PgClient),
);

let app: TestApp;
let dropIds: string[];
const opened: Listener[] = [];

beforeAll(async () => {
  app = await startTestApp({ PgClient: CountingClient, env: { SOCKETS_PER_ADDRESS: '100000' } });
  const { rows } = await app.database.query<{ id: string }>(
    `INSERT INTO drops (name, price, total_stock, created_at)
     SELECT 'Drop ' || n, 1, 1000, now() + n * interval '1 ms' FROM generate_series(1, $1::int) n RETURNING id`,
    [OLDER + NEWEST],
  );
  dropIds = rows.map(({ id }) => id);
});
afterEach(() => {
  for (const listener of opened.splice(0)) listener.close();
});
afterAll(() => app.close());

async function connect(options: Parameters<typeof listenTo>[1] = { snapshot: true }): Promise<Listener> {
  const listener = await listenTo(app, options);
  opened.push(listener);
  return listener;
}

const versions = ({ events }: Listener) =>
  events.flatMap(({ name, payload }) => {
    const { dropId, version } = payload as { dropId: string; version: number };
    return name === 'inventory_update' ? [{ dropId, version }] : [];
  });

async function changeStock(dropId: string, by: number): Promise<void> {
  const { rows } = await app.database.query(
    `UPDATE drops d SET available_stock = available_stock - $2, reserved_stock = reserved_stock + $2 WHERE id = $1
     RETURNING id AS "dropId", available_stock AS "availableStock", reserved_stock AS "reservedStock",
               sold_stock AS "soldStock", total_stock AS "totalStock", version, drop_status(d) AS status`,
    [dropId, by],
  );
  app.context.publish('inventory_update', rows[0] as never);
}

describe('a socket that does not subscribe', () => {
  it('receives one inventory_update for each of the 100 newest drops on every connection', async () => {
    const listener = await connect();
    await until('the snapshot', () => versions(listener).length >= NEWEST);
    await receivedAll(app, listener);
    const expected = dropIds.slice(OLDER).map((dropId) => ({ dropId, version: 1 }));
    expect(versions(listener)).toHaveLength(NEWEST);
    expect(versions(listener)).toEqual(expect.arrayContaining(expected));
    expect(listener.events[0]?.payload).toMatchObject({ epoch: app.context.broadcaster.epoch });

    const dropId = dropIds.at(-1) ?? '';
    listener.socket.disconnect();
    await changeStock(dropId, 1);
    listener.socket.connect();
    await until('the change made while it was disconnected', () =>
      versions(listener).some((each) => each.dropId === dropId && each.version === 2),
    );
    await until('the snapshot', () => versions(listener).length >= 2 * NEWEST);
    await receivedAll(app, listener);
    expect(versions(listener)).toHaveLength(2 * NEWEST);
  });

  it('receives rising versions only, while stock changes', async () => {
    const changingDrops = dropIds.slice(-3);
    const stop = new AbortController();
    const changes = changingDrops.map(async (dropId) => {
      for (let by = 1; !stop.signal.aborted; by = -by) {
        await changeStock(dropId, by);
        await sleep(5);
      }
    });
    const listeners: Listener[] = [];
    try {
      while (listeners.length < SOCKETS_DURING_CHANGES) listeners.push(await connect());
      await until('the snapshots', () =>
        listeners.every((listener) => new Set(versions(listener).map(({ dropId }) => dropId)).size === NEWEST),
      );
    } finally {
      stop.abort();
      await Promise.all(changes);
    }
    await receivedAll(app, ...listeners);
    const { rows } = await app.database.query<{ id: string; version: number }>('SELECT id, version FROM drops WHERE id = ANY($1)', [changingDrops]); // prettier-ignore
    for (const listener of listeners) {
      const highest = new Map<string, number>();
      for (const { dropId, version } of versions(listener)) {
        expect(version).toBeGreaterThan(highest.get(dropId) ?? 0);
        highest.set(dropId, version);
      }
      for (const { id, version } of rows) expect(highest.get(id)).toBe(version);
    }
    PgClient.assertUsed();
  });

  it('receives the inventory_update of a drop that is created between its connection and the snapshot', async () => {
    const dropId = await app.createDrop();
    const { body } = await app.http.get(`/api/drops/${dropId}`).expect(200);
    const listener = await connect();
    app.context.publish('new_drop', body.data);
    await until('the snapshot', () => versions(listener).length >= NEWEST);
    await receivedAll(app, listener);
    expect(versions(listener).filter((each) => each.dropId === dropId)).toEqual([{ dropId, version: 1 }]);
    await app.database.query('DELETE FROM drops WHERE id = $1', [dropId]);
  });

  it('shares a read with all that connect at the same moment', async () => {
    let openGate: () => void = () => undefined;
    gate = new Promise((resolve) => (openGate = resolve));
    reads = 0;
    const listeners = await Promise.all(Array.from({ length: SOCKETS }, () => connect()));
    openGate();
    await until('the snapshots', () => listeners.every((listener) => versions(listener).length >= NEWEST));
    expect(reads).toBeLessThan(SOCKETS / 10);
  });
});

describe('a socket that subscribes', () => {
  it('receives no snapshot if it declines it in the handshake', async () => {
    const listener = await connect({ snapshot: false });
    const other = await connect();
    await until('the snapshot of the other', () => versions(other).length >= NEWEST);
    await receivedAll(app, listener);
    expect(versions(listener)).toEqual([]);
  });

  it('receives none after its subscription was acknowledged', async () => {
    const listener = await connect();
    const dropId = dropIds.at(-1) ?? '';
    const { drops } = await listener.socket.emitWithAck('drops:subscribe', { dropIds: [dropId] });
    const before = versions(listener).length;
    await receivedAll(app, await connect({ snapshot: false }));
    await listener.socket.emitWithAck('drops:unsubscribe', { dropIds: [] });
    expect(drops).toHaveLength(1);
    expect(versions(listener)).toHaveLength(before);
  });
});
