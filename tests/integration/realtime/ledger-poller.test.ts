import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { openDatabaseProxy } from '../../helpers/database-proxy.js';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { until } from '../../helpers/locks.js';
import { listenTo, receivedAll, type Listener } from '../../helpers/sockets.js';
import { withClient } from '../../helpers/test-server.js';
import { withoutProtection } from '../../helpers/without-protection.js';

/** Several polls: an event that has not arrived by then was not sent. */
const SEVERAL_POLLS_MS = 1_500;

let database: TestDatabase;
let app: TestApp;
let listener: Listener;

beforeAll(async () => {
  database = await createTestDatabase();
  app = await startTestApp({ database, pollLedger: true });
});

beforeEach(async () => {
  listener = await listenTo(app);
});

afterEach(() => {
  listener.close();
});

afterAll(async () => {
  await app.close();
  await database.drop();
});

const updateDrop = (sql: string, dropId: string) => database.query(sql, [dropId]);

/** The events of a drop that this client received, as `name version`. */
function received(dropId: string, { events }: Listener = listener): string[] {
  return events.flatMap(({ name, payload }) => {
    const { id, dropId: of = id, version } = payload as { id?: string; dropId?: string; version?: number };
    return of === dropId ? [`${name} ${version}`] : [];
  });
}

/** Creates a drop, and waits for its event. */
async function createPublishedDrop(columns: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const dropId = await app.createDrop(columns);
  await until('the new drop', () => received(dropId).includes('new_drop 1'));
  return dropId;
}

describe('a manual edit of the database is published', () => {
  it('a new drop', async () => {
    const dropId = await app.createDrop({ name: 'By hand' });
    await until('the drop', () => received(dropId).length > 0);
    expect(listener.received('new_drop').find(({ id }) => id === dropId)).toMatchObject({
      name: 'By hand',
      version: 1,
    });
    await sleep(SEVERAL_POLLS_MS);
    expect(received(dropId)).toEqual(['new_drop 1']);
  });

  it.for([
    { what: 'a name', set: `name = 'Another'` },
    { what: 'a price', set: 'price = 99' },
    { what: 'an image', set: `image_url = '/images/cap.svg'` },
    { what: 'a pause', set: 'paused_at = now()' },
    { what: 'a cancellation', set: 'cancelled_at = now()' },
    { what: 'an end', set: `drop_ends_at = now() + interval '1 day'` },
    { what: 'a total', set: 'total_stock = total_stock + 5' },
  ])('$what: the snapshot, and the whole drop', async ({ set }) => {
    const dropId = await createPublishedDrop();
    await updateDrop(`UPDATE drops SET ${set} WHERE id = $1`, dropId);
    await until('the details', () => received(dropId).includes('drop_update 2'));
    await sleep(SEVERAL_POLLS_MS);
    expect(received(dropId)).toEqual(['new_drop 1', 'inventory_update 2', 'drop_update 2']);
    const { body } = await app.http.get(`/api/drops/${dropId}`).expect(200);
    expect(listener.received('drop_update').at(-1)).toEqual(body.data);
    const { id, ...drop } = body.data;
    expect({ ...drop, dropId: id }).toMatchObject(listener.received('inventory_update').at(-1) ?? { none: true });
  });

  it('moved units: only the snapshot', async () => {
    const dropId = await createPublishedDrop();
    await updateDrop('UPDATE drops SET available_stock = 4, reserved_stock = 6 WHERE id = $1', dropId);
    await until('the snapshot', () => received(dropId).includes('inventory_update 2'));
    await sleep(SEVERAL_POLLS_MS);
    expect(received(dropId)).toEqual(['new_drop 1', 'inventory_update 2']);
  });

  it('many drops at once, to their followers', async () => {
    const dropIds = await Promise.all(Array.from({ length: 20 }, () => createPublishedDrop()));
    await listener.socket.emitWithAck('drops:subscribe', { dropIds: dropIds.slice(0, 10) });
    await database.query('UPDATE drops SET name = name || $2 WHERE id = ANY($1)', [dropIds, '!']);
    await until('the details', () =>
      dropIds.slice(0, 10).every((dropId) => received(dropId).includes('drop_update 2')),
    );
    await sleep(SEVERAL_POLLS_MS);
    expect(dropIds.slice(10).flatMap((dropId) => received(dropId).slice(1))).toEqual([]);
  });

  it('would not be published without the ledger poller', async () => {
    const withoutPoller = await startTestApp({ database, pollLedger: false });
    const other = await listenTo(withoutPoller);
    const dropId = await createPublishedDrop();
    await updateDrop('UPDATE drops SET available_stock = 4, reserved_stock = 6 WHERE id = $1', dropId);
    await until('the event in the other process', () => received(dropId).includes('inventory_update 2'));
    await sleep(SEVERAL_POLLS_MS);
    expect(received(dropId, other)).toEqual([]);
    other.close();
    await withoutPoller.close();
  });
});

describe('a long transaction', () => {
  /** Whether a change is published that was written three seconds before its commit, while other stock changes. */
  async function isPublished(on: TestApp, meanwhile = true): Promise<boolean> {
    const [dropId, other] = await Promise.all([on.createDrop(), on.createDrop()]);
    const client = await listenTo(on);
    await withClient(database.url, async (session) => {
      await session.query('BEGIN');
      await session.query('UPDATE drops SET available_stock = 4, reserved_stock = 6 WHERE id = $1', [dropId]);
      for (let second = 0; second < 3; second += 1) {
        await sleep(1_000);
        if (meanwhile) await updateDrop('UPDATE drops SET available_stock = available_stock - 1, sold_stock = sold_stock + 1 WHERE id = $1', other); // prettier-ignore
      }
      if (meanwhile) await until('the other drop', () => received(other, client).length >= 3);
      expect(received(dropId, client).filter((event) => event.startsWith('inventory'))).toEqual([]);
      await session.query('COMMIT');
    });
    await sleep(SEVERAL_POLLS_MS);
    client.close();
    return received(dropId, client).includes('inventory_update 2');
  }

  it('is published at its commit, with and without other changes meanwhile', async () => {
    expect(await isPublished(app)).toBe(true);
    expect(await isPublished(app, false)).toBe(true);
  });

  it('would be missed by a poll that reads only from the last poll on', async () => {
    const PgClient = withoutProtection(`WHERE locktype = 'transactionid'`, 'WHERE false');
    const unprotected = await startTestApp({ database, pollLedger: true, PgClient });
    try {
      expect(await isPublished(unprotected)).toBe(false);
      PgClient.assertUsed();
    } finally {
      await unprotected.close();
    }
  });
});

describe('time', () => {
  const soon = () => new Date(Date.now() + 4_000);
  const statusesOf = (dropId: string) =>
    listener.received('drop_update').flatMap(({ id, status }) => (id === dropId ? status : []));

  it('starts a drop, which is published once', async () => {
    const dropId = await createPublishedDrop({ drop_starts_at: soon() });
    await until('the start', () => statusesOf(dropId).length > 0);
    await sleep(SEVERAL_POLLS_MS);
    expect(statusesOf(dropId)).toEqual(['live']);
    expect(received(dropId)).toEqual(['new_drop 1', 'drop_update 1']);
  });

  it('ends a drop, also when its end was set later', async () => {
    const dropId = await createPublishedDrop();
    await database.query('UPDATE drops SET drop_ends_at = $2 WHERE id = $1', [dropId, soon()]);
    await until('the end', () => statusesOf(dropId).includes('ended'));
    expect(statusesOf(dropId)).toEqual(['live', 'ended']);
    expect(received(dropId)).toEqual(['new_drop 1', 'inventory_update 2', 'drop_update 2', 'drop_update 2']);
  });
});

describe('an event that this process published', () => {
  it('is not published again', async () => {
    const [admin, buyer] = await Promise.all([app.createUser('admin'), app.createUser()]);
    const { body } = await app.http
      .post('/api/drops')
      .auth(admin.token, { type: 'bearer' })
      .send({ name: 'New', price: 1, totalStock: 5 })
      .expect(201);
    const dropId: string = body.data.id;
    const hold = await app.reserve(buyer, dropId).expect(201);
    await app.purchase(buyer, hold.body.data.reservation.id).expect(201);
    await receivedAll(app, listener);
    const receivedAtOnce = received(dropId);
    expect(receivedAtOnce).toEqual(
      expect.arrayContaining(['new_drop 1', 'inventory_update 3', 'purchase_update undefined']),
    );
    await sleep(SEVERAL_POLLS_MS);
    expect(received(dropId)).toEqual(receivedAtOnce);
  });
});

it('two services on one database publish the changes of each other', async () => {
  const other = await startTestApp({ database, pollLedger: true });
  const dropId = await createPublishedDrop();
  await other.reserve(await other.createUser(), dropId).expect(201);
  await until('the snapshot', () => received(dropId).includes('inventory_update 2'));
  await other.close();
});

it('publishes the change of a process that was killed after its commit', async () => {
  const [dropId, user] = await Promise.all([createPublishedDrop(), app.createUser()]);
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', join(import.meta.dirname, 'dies-after-commit.ts'), database.url, dropId, user.id],
    { stdio: ['ignore', 'ignore', 'inherit'], timeout: 120_000 },
  );
  expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
  await until('the snapshot', () => received(dropId).includes('inventory_update 2'));
  expect(listener.received('inventory_update').at(-1)).toMatchObject({ dropId, availableStock: 9, reservedStock: 1 });
});

it('continues after an outage of the database, publishes the changes meanwhile, and logs it once', async () => {
  const proxy = await openDatabaseProxy(database.url);
  const log: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      log.push((JSON.parse(String(chunk)) as { msg: string }).msg);
      done();
    },
  });
  const env = { DATABASE_URL: proxy.url };
  const proxied = await startTestApp({ database, env, pollLedger: true, logger: pino({ level: 'info' }, stream) });
  try {
    const client = await listenTo(proxied);
    const dropId = await createPublishedDrop();
    await until('the new drop', () => received(dropId, client).length > 0);
    const { drops } = await client.socket.emitWithAck('drops:subscribe', { dropIds: [dropId] });
    expect(drops).toMatchObject([{ version: 1 }]);

    await proxy.cut();
    await updateDrop('UPDATE drops SET available_stock = 4, reserved_stock = 6 WHERE id = $1', dropId);
    await until('the outage to be logged', () => log.some((line) => line.endsWith('an outage begins')));
    const refused = await client.socket.timeout(90_000).emitWithAck('drops:subscribe', {});
    expect(refused).toMatchObject({ error: { code: 'unavailable' } });
    await sleep(SEVERAL_POLLS_MS);
    await proxy.restore();
    await until('the snapshot', () => received(dropId, client).includes('inventory_update 2'));
    expect(received(dropId, client)).toEqual(['new_drop 1', 'inventory_update 2']);
    await until('the end of the outage to be logged', () => log.some((line) => line.endsWith('the outage is over')));
    expect(log.filter((line) => line.includes('outage'))).toEqual([
      'Connections to the database fail: an outage begins',
      'Connections to the database are made again: the outage is over',
    ]);
    client.close();
  } finally {
    await proxied.close();
    await proxy.close();
  }
});
