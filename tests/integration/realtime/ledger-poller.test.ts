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
import { heardAll, listenTo, type Listener } from '../../helpers/sockets.js';
import { withClient } from '../../helpers/test-server.js';
import { withoutProtection } from '../../helpers/without-protection.js';

/** ms. Several looks of the relay: what was not told by then is not told. */
const LONG = 1_500;

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

const psql = (sql: string, dropId: string) => database.query(sql, [dropId]);

/** What this client heard of a drop, as `name version`. */
function told(dropId: string, { events }: Listener = listener): string[] {
  return events.flatMap(({ name, payload }) => {
    const { id, dropId: of = id, version } = payload as { id?: string; dropId?: string; version?: number };
    return of === dropId ? [`${name} ${version}`] : [];
  });
}

/** A drop that everybody knows of. */
async function knownDrop(columns: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const dropId = await app.createDrop(columns);
  await until('the new drop', () => told(dropId).includes('new_drop 1'));
  return dropId;
}

describe('what an admin does in the database itself is told', () => {
  it('a drop that is made', async () => {
    const dropId = await app.createDrop({ name: 'By hand' });
    await until('the drop', () => told(dropId).length > 0);
    expect(listener.heard('new_drop').find(({ id }) => id === dropId)).toMatchObject({ name: 'By hand', version: 1 });
    await sleep(LONG);
    expect(told(dropId)).toEqual(['new_drop 1']);
  });

  it.for([
    { what: 'a name', set: `name = 'Another'` },
    { what: 'a price', set: 'price = 99' },
    { what: 'a picture', set: `image_url = '/images/cap.svg'` },
    { what: 'a pause', set: 'paused_at = now()' },
    { what: 'a cancellation', set: 'cancelled_at = now()' },
    { what: 'an end', set: `drop_ends_at = now() + interval '1 day'` },
    { what: 'a total', set: 'total_stock = total_stock + 5' },
  ])('$what: the picture, and all of the drop', async ({ set }) => {
    const dropId = await knownDrop();
    await psql(`UPDATE drops SET ${set} WHERE id = $1`, dropId);
    await until('the details', () => told(dropId).includes('drop_update 2'));
    await sleep(LONG);
    expect(told(dropId)).toEqual(['new_drop 1', 'inventory_update 2', 'drop_update 2']);
    const { body } = await app.http.get(`/api/drops/${dropId}`).expect(200);
    expect(listener.heard('drop_update').at(-1)).toEqual(body.data);
    const { id, ...drop } = body.data;
    expect({ ...drop, dropId: id }).toMatchObject(listener.heard('inventory_update').at(-1) ?? { none: true });
  });

  it('units that are moved: the picture alone', async () => {
    const dropId = await knownDrop();
    await psql('UPDATE drops SET available_stock = 4, reserved_stock = 6 WHERE id = $1', dropId);
    await until('the picture', () => told(dropId).includes('inventory_update 2'));
    await sleep(LONG);
    expect(told(dropId)).toEqual(['new_drop 1', 'inventory_update 2']);
  });

  it('everything at once, to whoever follows it', async () => {
    const dropIds = await Promise.all(Array.from({ length: 20 }, () => knownDrop()));
    await listener.socket.emitWithAck('drops:subscribe', { dropIds: dropIds.slice(0, 10) });
    await database.query('UPDATE drops SET name = name || $2 WHERE id = ANY($1)', [dropIds, '!']);
    await until('the details', () => dropIds.slice(0, 10).every((dropId) => told(dropId).includes('drop_update 2')));
    await sleep(LONG);
    expect(dropIds.slice(10).flatMap((dropId) => told(dropId).slice(1))).toEqual([]);
  });

  it('would not be, without the relay', async () => {
    const alone = await startTestApp({ database, pollLedger: false });
    const other = await listenTo(alone);
    const dropId = await knownDrop();
    await psql('UPDATE drops SET available_stock = 4, reserved_stock = 6 WHERE id = $1', dropId);
    await until('the others to be told', () => told(dropId).includes('inventory_update 2'));
    await sleep(LONG);
    expect(told(dropId, other)).toEqual([]);
    other.close();
    await alone.close();
  });
});

describe('a transaction that stays open for long', () => {
  /** Whether a change is told that was written three seconds before its commit, while other stock moves. */
  async function isTold(on: TestApp, meanwhile = true): Promise<boolean> {
    const [dropId, other] = await Promise.all([on.createDrop(), on.createDrop()]);
    const client = await listenTo(on);
    await withClient(database.url, async (session) => {
      await session.query('BEGIN');
      await session.query('UPDATE drops SET available_stock = 4, reserved_stock = 6 WHERE id = $1', [dropId]);
      for (let second = 0; second < 3; second += 1) {
        await sleep(1_000);
        if (meanwhile) await psql('UPDATE drops SET available_stock = available_stock - 1, sold_stock = sold_stock + 1 WHERE id = $1', other); // prettier-ignore
      }
      if (meanwhile) await until('the other drop', () => told(other, client).length >= 3);
      expect(told(dropId, client).filter((event) => event.startsWith('inventory'))).toEqual([]);
      await session.query('COMMIT');
    });
    await sleep(LONG);
    client.close();
    return told(dropId, client).includes('inventory_update 2');
  }

  it('is told when it commits, whether much or nothing happens meanwhile', async () => {
    expect(await isTold(app)).toBe(true);
    expect(await isTold(app, false)).toBe(true);
  });

  it('would be missed by a look that reaches back to the last one only', async () => {
    const PgClient = withoutProtection(`WHERE locktype = 'transactionid'`, 'WHERE false');
    const short = await startTestApp({ database, pollLedger: true, PgClient });
    try {
      expect(await isTold(short)).toBe(false);
      PgClient.assertUsed();
    } finally {
      await short.close();
    }
  });
});

describe('the time', () => {
  const inAWhile = () => new Date(Date.now() + 1_200);
  const stateOf = (dropId: string) =>
    listener.heard('drop_update').flatMap(({ id, status }) => (id === dropId ? status : []));

  it('starts a drop, and that is told, once', async () => {
    const dropId = await knownDrop({ drop_starts_at: inAWhile() });
    await until('the start', () => stateOf(dropId).length > 0);
    await sleep(LONG);
    expect(stateOf(dropId)).toEqual(['live']);
    expect(told(dropId)).toEqual(['new_drop 1', 'drop_update 1']);
  });

  it('ends a drop, also when the end was set later', async () => {
    const dropId = await knownDrop();
    await database.query('UPDATE drops SET drop_ends_at = $2 WHERE id = $1', [dropId, inAWhile()]);
    await until('the end', () => stateOf(dropId).includes('ended'));
    expect(stateOf(dropId)).toEqual(['live', 'ended']);
    expect(told(dropId)).toEqual(['new_drop 1', 'inventory_update 2', 'drop_update 2', 'drop_update 2']);
  });
});

describe('what this process announces', () => {
  it('is not told again', async () => {
    const [admin, buyer] = await Promise.all([app.createUser('admin'), app.createUser()]);
    const { body } = await app.http
      .post('/api/drops')
      .auth(admin.token, { type: 'bearer' })
      .send({ name: 'New', price: 1, totalStock: 5 })
      .expect(201);
    const dropId: string = body.data.id;
    const hold = await app.reserve(buyer, dropId).expect(201);
    await app.purchase(buyer, hold.body.data.reservation.id).expect(201);
    await heardAll(app, listener);
    const atOnce = told(dropId);
    expect(atOnce).toEqual(expect.arrayContaining(['new_drop 1', 'inventory_update 3', 'purchase_update undefined']));
    await sleep(LONG);
    expect(told(dropId)).toEqual(atOnce);
  });
});

it('two services on one database tell their clients of each other', async () => {
  const other = await startTestApp({ database, pollLedger: true });
  const dropId = await knownDrop();
  await other.reserve(await other.createUser(), dropId).expect(201);
  await until('the picture', () => told(dropId).includes('inventory_update 2'));
  await other.close();
});

it('tells what a process changed that died right after its commit', async () => {
  const [dropId, user] = await Promise.all([knownDrop(), app.createUser()]);
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', join(import.meta.dirname, 'dies-after-commit.ts'), database.url, dropId, user.id],
    { stdio: ['ignore', 'ignore', 'inherit'], timeout: 120_000 },
  );
  expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
  await until('the picture', () => told(dropId).includes('inventory_update 2'));
  expect(listener.heard('inventory_update').at(-1)).toMatchObject({ dropId, availableStock: 9, reservedStock: 1 });
});

it('goes on when the database was away, tells what happened meanwhile, and says so once', async () => {
  const proxy = await openDatabaseProxy(database.url);
  const log: string[] = [];
  const keep = new Writable({
    write(chunk, _encoding, done) {
      log.push((JSON.parse(String(chunk)) as { msg: string }).msg);
      done();
    },
  });
  const env = { DATABASE_URL: proxy.url };
  const far = await startTestApp({ database, env, pollLedger: true, logger: pino({ level: 'info' }, keep) });
  try {
    const client = await listenTo(far);
    const dropId = await knownDrop();
    await until('the new drop', () => told(dropId, client).length > 0);
    const { drops } = await client.socket.emitWithAck('drops:subscribe', { dropIds: [dropId] });
    expect(drops).toMatchObject([{ version: 1 }]);

    await proxy.cut();
    await psql('UPDATE drops SET available_stock = 4, reserved_stock = 6 WHERE id = $1', dropId);
    await until('the loss to be noticed', () => log.some((line) => line.endsWith('an outage begins')));
    const refused = await client.socket.timeout(20_000).emitWithAck('drops:subscribe', {});
    expect(refused).toMatchObject({ error: { code: 'unavailable' } });
    await sleep(LONG);
    await proxy.restore();
    await until('the picture', () => told(dropId, client).includes('inventory_update 2'));
    expect(told(dropId, client)).toEqual(['new_drop 1', 'inventory_update 2']);
    await until('the end of it to be logged', () => log.some((line) => line.endsWith('the outage is over')), 30_000);
    expect(log.filter((line) => line.includes('outage'))).toEqual([
      'connections to the database fail: an outage begins',
      'connections to the database are made again: the outage is over',
    ]);
    client.close();
  } finally {
    await far.close();
    await proxy.close();
  }
});
