import { randomUUID } from 'node:crypto';
import { io, type Socket } from 'socket.io-client';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { canTest } from '../../helpers/can-test.js';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { until } from '../../helpers/locks.js';
import { createTestRedis, hasRedis } from '../../helpers/redis.js';
import { listenTo } from '../../helpers/sockets.js';
import { withClient } from '../../helpers/test-server.js';
import { becomes, createFeedFactory, eventually } from '../client/support.js';

const withRedis = canTest('events of another database through Redis', hasRedis, 'There is no redis-server.');
const { url: serverUrl, template } = inject('testServer');

const feeds = createFeedFactory();
const databases: TestDatabase[] = [];
const sockets: Socket[] = [];

afterEach(() => {
  feeds.closeAll();
  for (const socket of sockets.splice(0)) socket.close();
});
afterAll(async () => {
  for (const database of databases) await database.drop();
});

async function newDatabase(): Promise<TestDatabase> {
  const database = await createTestDatabase();
  databases.push(database);
  return database;
}

const nameOf = ({ url }: TestDatabase) => pg.escapeIdentifier(new URL(url).pathname.slice(1));

/** Runs statements in order, connected to another database than the one they concern. */
async function administer(...statements: string[]): Promise<void> {
  await withClient(serverUrl, async (client) => {
    for (const statement of statements) await client.query(statement);
  });
}

const epochOf = async (database: TestDatabase) =>
  (await database.query<{ epoch: string }>('SELECT database_epoch() AS epoch')).rows[0]?.epoch;

const insertDrop = (database: TestDatabase, dropId: string, stock: number) =>
  database.query(`INSERT INTO drops (id, name, price, total_stock) VALUES ($1, 'One', 1, $2)`, [dropId, stock]);

const raiseVersion = async (database: TestDatabase, dropId: string, times: number) => {
  for (let time = 0; time < times; time += 1) {
    await database.query('UPDATE drops SET total_stock = total_stock + 1 WHERE id = $1', [dropId]);
  }
};

/** A client of the documented API that never subscribes. */
function plainClient(app: TestApp) {
  const socket = io(app.url, { transports: ['websocket'], forceNew: true });
  sockets.push(socket);
  const epochs: string[] = [];
  const latest = new Map<string, { dropId: string; version: number; totalStock: number; epoch: string }>();
  socket.on('epoch', ({ epoch }: { epoch: string }) => epochs.push(epoch));
  socket.on('inventory_update', (update: { dropId: string; version: number; totalStock: number; epoch: string }) =>
    latest.set(update.dropId, update),
  );
  return { epochs, latest };
}

describe('the epoch', () => {
  it('is constant for a database, and changes when it is copied, replaced or marked as restored', async () => {
    const database = await newDatabase();
    const first = await epochOf(database);
    expect(first).toMatch(/^[\da-f]{16}$/);
    await insertDrop(database, randomUUID(), 5);
    await database.query('VACUUM FREEZE database_identity');
    expect(await epochOf(database)).toBe(first);
    await database.query('UPDATE database_identity SET id = gen_random_uuid()');
    const second = await epochOf(database);
    expect(second).not.toBe(first);
    // The effect of pg_restore --data-only on the row.
    await database.query(`
      CREATE TEMP TABLE dumped AS SELECT * FROM database_identity;
      DELETE FROM database_identity; INSERT INTO database_identity SELECT * FROM dumped`);
    expect([first, second]).not.toContain(await epochOf(database));
    expect(await epochOf(await newDatabase())).not.toBe(await epochOf(await newDatabase()));
  });

  it('can be read by a role without access to the control file', async () => {
    const database = await newDatabase();
    const role = pg.escapeIdentifier(`epoch_${randomUUID()}`);
    await withClient(database.url, async (client) => {
      await client.query(`
        REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC;
        REVOKE EXECUTE ON FUNCTION pg_walfile_name(pg_lsn) FROM PUBLIC;
        CREATE ROLE ${role}; GRANT SELECT ON database_identity TO ${role}; GRANT USAGE ON SCHEMA public TO ${role};
        SET ROLE ${role}`);
      const { rows } = await client.query<{ epoch: string }>('SELECT database_epoch() AS epoch');
      expect(rows[0]?.epoch).toMatch(/^[\da-f]{16}$/);
      await client.query(`RESET ROLE; DROP OWNED BY ${role}; DROP ROLE ${role}`);
    });
  });
});

describe('the database of a running service', () => {
  let app: TestApp;
  let database: TestDatabase;

  beforeAll(async () => {
    database = await newDatabase();
    app = await startTestApp({ database, pollLedger: true });
  });
  afterAll(() => app.close());

  it.each([
    {
      how: 'dropped and recreated',
      replace: async (name: string) => {
        await administer(`DROP DATABASE ${name} WITH (FORCE)`, `CREATE DATABASE ${name} TEMPLATE ${template}`);
      },
      version: 1,
      isEmpty: true,
    },
    {
      how: 'replaced by an older copy, with the same identity and lower versions',
      replace: async (name: string) => {
        const copy = `${name.slice(0, -1)}_copy"`;
        await administer(`DROP DATABASE ${name} WITH (FORCE)`, `ALTER DATABASE ${copy} RENAME TO ${name}`);
      },
      version: 1,
      isEmpty: false,
    },
  ])('$how: clients start again with the data of the new one', async ({ replace, version, isEmpty }) => {
    const dropId = randomUUID();
    await insertDrop(database, dropId, 5);
    const name = nameOf(database);
    if (!isEmpty) {
      const copy = `${name.slice(0, -1)}_copy"`;
      await administer(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
      await until('the copy', async () => {
        await administer(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name.slice(1, -1)}'`,
        );
        return administer(`CREATE DATABASE ${copy} TEMPLATE ${name}`).then(
          () => true,
          () => false,
        );
      });
      await administer(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
    }
    await raiseVersion(database, dropId, 9);
    const feed = feeds.open(app.url);
    const resets: number[] = [];
    feed.on('reset', () => resets.push(feed.drops().length));
    await becomes(feed, 'live');
    await eventually(() => {
      expect(feed.get(dropId)).toMatchObject({ version: 10, totalStock: 14 });
    });
    const plain = plainClient(app);
    await eventually(() => {
      expect(plain.latest.get(dropId)).toMatchObject({ dropId, version: 10, epoch: plain.epochs[0] });
    });
    const before = app.context.broadcaster.epoch;

    await replace(name);
    if (isEmpty) await insertDrop(database, dropId, 3);

    await eventually(() => {
      expect(feed.get(dropId)).toMatchObject({ version, totalStock: isEmpty ? 3 : 5 });
      expect(feed.status).toBe('live');
      expect(plain.latest.get(dropId)).toMatchObject({ dropId, version, totalStock: isEmpty ? 3 : 5 });
    });
    expect(app.context.broadcaster.epoch).not.toBe(before);
    expect(resets).toEqual([0]);
    expect(plain.epochs).toEqual([before, app.context.broadcaster.epoch]);
    expect(plain.latest.get(dropId)?.epoch).toBe(app.context.broadcaster.epoch);

    // The process does not compare with the old versions either.
    await raiseVersion(database, dropId, 1);
    await eventually(() => {
      expect(feed.get(dropId)?.version).toBe(version + 1);
      expect(plain.latest.get(dropId)?.version).toBe(version + 1);
    });
    const { body } = await app.http.get('/api/drops').expect(200);
    expect(body.data.map(({ id }: { id: string }) => id)).toContain(dropId);
  });
});

it.runIf(withRedis)('an event of a process on another database is ignored', async () => {
  const redis = await createTestRedis();
  await redis.start();
  const env = { REDIS_URL: redis.url };
  const database = await newDatabase();
  const here = await startTestApp({ database, env });
  const there = await startTestApp({ database: await newDatabase(), env });
  const same = await startTestApp({ database, env });
  const listeners = [await listenTo(there), await listenTo(same)] as const;
  const dropId = randomUUID();
  const snapshot = {
    dropId,
    availableStock: 1,
    reservedStock: 0,
    soldStock: 0,
    totalStock: 1,
    status: 'live' as const,
  };
  let version = 0;
  try {
    await until('the event at the process on the same database', () => {
      here.context.publish('inventory_update', { ...snapshot, version: (version += 1) });
      return listeners[1].received('inventory_update').length > 0;
    });
    expect(listeners[0].received('inventory_update')).toEqual([]);
    expect(there.context.broadcaster.published(dropId).version).toBe(0);
  } finally {
    for (const listener of listeners) listener.close();
    for (const each of [here, there, same]) await each.close();
    await redis.kill();
  }
});
