import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { canTest } from '../../helpers/can-test.js';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { until } from '../../helpers/locks.js';
import { createTestRedis, hasRedis, type TestRedis } from '../../helpers/redis.js';
import { listenTo, type Listener } from '../../helpers/sockets.js';
import { withClient } from '../../helpers/test-server.js';

/** By the database's clock, for a busy machine. Without a schedule of starts and ends, events are up to a minute late. */
const MAX_LATENESS_MS = 30_000;
const AHEAD_MS = 1_500;
const MAX_AHEAD_MS = 16 * AHEAD_MS;

interface Setup {
  /** Two processes on one database. The first one makes the changes. */
  readonly apps: readonly [TestApp, TestApp];
  readonly admin: TestUser;
  readonly listeners: readonly Listener[];
}

const withRedis = canTest('starts and ends with Redis', hasRedis, 'There is no redis-server.');

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

async function databaseTime(): Promise<number> {
  const { rows } = await database.query<{ ms: number }>(
    'SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS ms',
  );
  return rows[0]?.ms ?? NaN;
}

const databaseTimeIn = async (ms: number) => new Date(Math.round((await databaseTime()) + ms));

/** Repeats an attempt with times further ahead until it returns true: on a busy machine the first may pass too early. */
async function withEnoughTime(attempt: (aheadMs: number) => Promise<boolean>): Promise<void> {
  for (let aheadMs = AHEAD_MS; aheadMs <= MAX_AHEAD_MS; aheadMs *= 2) if (await attempt(aheadMs)) return;
  throw new Error('No attempt succeeded');
}

/** The published statuses of a drop in order, without repetitions. */
function statusesOf({ events }: Listener, dropId: string): string[] {
  const states = events.flatMap(({ name, payload }) => {
    const { id, status } = payload as { id?: string; status?: string };
    return (name === 'drop_update' || name === 'new_drop') && id === dropId && status ? [status] : [];
  });
  return states.filter((state, index) => state !== states[index - 1]);
}

describe.each([
  { redis: false, runs: true },
  { redis: true, runs: withRedis },
])('the start and the end of a drop, with Redis: $redis', ({ redis: usesRedis, runs }) => {
  let redis: TestRedis | undefined;
  let setup: Setup;

  describe.runIf(runs)('are published in every process', () => {
    beforeAll(async () => {
      if (usesRedis) {
        redis = await createTestRedis();
        await redis.start();
      }
      const env = redis ? { REDIS_URL: redis.url } : {};
      const start = () => startTestApp({ database, pollLedger: true, env });
      const apps = [await start(), await start()] as const;
      setup = { apps, admin: await apps[0].createUser('admin'), listeners: [] };
    });
    beforeEach(async () => {
      setup = { ...setup, listeners: await Promise.all(setup.apps.map((app) => listenTo(app))) };
    });
    afterEach(() => {
      for (const listener of setup.listeners) listener.close();
    });
    afterAll(async () => {
      for (const app of setup.apps) await app.close();
      await redis?.kill();
    });

    async function post(body: object): Promise<string> {
      const { body: created } = await setup.apps[0].http
        .post('/api/drops')
        .auth(setup.admin.token, { type: 'bearer' })
        .send({ name: 'By the API', price: 1, totalStock: 5, ...body })
        .expect(201);
      return created.data.id;
    }

    /** Resolves when every client has received the drop with this status. Fails if that was long after `at`. */
    async function expectPublished(dropId: string, state: string, at: Date): Promise<void> {
      const remaining = at.getTime() - (await databaseTime()) + MAX_LATENESS_MS;
      await until(
        `the state ${state}`,
        () => setup.listeners.every((listener) => statusesOf(listener, dropId).at(-1) === state),
        remaining,
      );
      expect(await databaseTime()).toBeGreaterThanOrEqual(at.getTime());
      for (const { http } of setup.apps) {
        const { body } = await http.get(`/api/drops/${dropId}`).expect(200);
        expect(body.data.status).toBe(state);
        // A list that was cached before the event must not be served after it.
        const list = await http.get('/api/drops?pageSize=100').expect(200);
        expect(list.body.data.find(({ id }: { id: string }) => id === dropId)).toMatchObject({ status: state });
      }
    }

    it('of a drop created by POST /api/drops', async () => {
      await withEnoughTime(async (aheadMs) => {
        const [starts, ends] = [await databaseTimeIn(aheadMs), await databaseTimeIn(2 * aheadMs)];
        const dropId = await post({ dropStartsAt: starts.toISOString(), dropEndsAt: ends.toISOString() });
        const list = setInterval(() => void setup.apps[0].http.get('/api/drops?pageSize=100').then(() => 0, () => 0), 50); // prettier-ignore
        try {
          await until('the first event after the creation', () =>
            setup.listeners.every((listener) => statusesOf(listener, dropId).some((status) => status !== 'scheduled')),
          );
          expect(await databaseTime()).toBeGreaterThanOrEqual(starts.getTime());
          await expectPublished(dropId, 'ended', ends);
        } finally {
          clearInterval(list);
        }
        const seen = setup.listeners.map((listener) => statusesOf(listener, dropId));
        if (!seen.every((statuses) => statuses[0] === 'scheduled' && statuses.includes('live'))) return false;
        for (const statuses of seen) expect(statuses).toEqual(['scheduled', 'live', 'ended']);
        return true;
      });
    });

    it('of a drop created in SQL, moved earlier and later, paused and resumed', async () => {
      const later = await databaseTimeIn(3_600_000);
      const dropId = await setup.apps[0].createDrop({ drop_starts_at: later });
      await until('the drop', () => setup.listeners.every((each) => statusesOf(each, dropId).length > 0));
      const starts = await databaseTimeIn(AHEAD_MS);
      await database.query('UPDATE drops SET drop_starts_at = $2 WHERE id = $1', [dropId, starts]);
      await expectPublished(dropId, 'live', starts);

      const second = await databaseTimeIn(AHEAD_MS);
      await database.query('UPDATE drops SET drop_starts_at = $2, paused_at = now() WHERE id = $1', [dropId, second]);
      await until('the pause', () => setup.listeners.every((each) => statusesOf(each, dropId).at(-1) === 'paused'));
      await database.query('UPDATE drops SET paused_at = NULL WHERE id = $1', [dropId]);
      await expectPublished(dropId, 'live', second);

      const ends = await databaseTimeIn(AHEAD_MS);
      await database.query('UPDATE drops SET drop_ends_at = $2 WHERE id = $1', [dropId, later]);
      await database.query('UPDATE drops SET drop_ends_at = $2 WHERE id = $1', [dropId, ends]);
      await expectPublished(dropId, 'ended', ends);
    });

    it('that is reached while the transaction that wrote it is open', async () => {
      const starts = await databaseTimeIn(AHEAD_MS);
      let dropId = '';
      await withClient(database.url, async (session) => {
        await session.query('BEGIN');
        const { rows } = await session.query<{ id: string }>(
          `INSERT INTO drops (name, price, total_stock, drop_starts_at) VALUES ('Slow', 1, 5, $1) RETURNING id`,
          [starts],
        );
        dropId = rows[0]?.id ?? '';
        await sleep(2 * AHEAD_MS);
        await session.query('COMMIT');
      });
      await expectPublished(dropId, 'live', await databaseTimeIn(0));
    });

    it('that is reached between the commit of a drop and its publication', async () => {
      await withEnoughTime(async (aheadMs) => {
        const starts = await databaseTimeIn(aheadMs);
        const dropId = await setup.apps[0].createDrop({ drop_starts_at: starts });
        const { body } = await setup.apps[0].http.get(`/api/drops/${dropId}`).expect(200);
        if (body.data.status !== 'scheduled') return false;
        await expectPublished(dropId, 'live', starts);
        setup.apps[0].context.publish('new_drop', body.data);
        await sleep(500);
        await until('the status live', () =>
          setup.listeners.every((listener) => statusesOf(listener, dropId).at(-1) === 'live'),
        );
        return true;
      });
    });

    it('when a snapshot is published late, with the status from before the end', async () => {
      const ends = await databaseTimeIn(AHEAD_MS);
      const dropId = await setup.apps[0].createDrop({ drop_ends_at: ends });
      await expectPublished(dropId, 'ended', ends);
      await database.query('UPDATE drops SET available_stock = 9, reserved_stock = 1 WHERE id = $1', [dropId]);
      const stock = { availableStock: 9, reservedStock: 1, soldStock: 0, totalStock: 10 };
      setup.apps[0].context.publish('inventory_update', { dropId, ...stock, version: 2, status: 'live' });
      await until('the corrected status', () =>
        setup.listeners.every(({ events }) => {
          const last = events.findLast(({ payload }) => {
            const { id, dropId: of = id } = payload as { id?: string; dropId?: string };
            return of === dropId;
          });
          const { status, version } = (last?.payload ?? {}) as { status?: string; version?: number };
          return status === 'ended' && version === 2;
        }),
      );
    });

    it('of many drops at one moment', async () => {
      const starts = await databaseTimeIn(2 * AHEAD_MS);
      await database.query(
        `INSERT INTO drops (name, price, total_stock, drop_starts_at) SELECT 'Many ' || n, 1, 5, $1 FROM generate_series(1, 250) n`,
        [starts],
      );
      const { rows } = await database.query<{ id: string }>(`SELECT id FROM drops WHERE name LIKE 'Many %' AND drop_starts_at = $1`, [starts]); // prettier-ignore
      await until(
        'all of them',
        () => setup.listeners.every((each) => rows.every(({ id }) => statusesOf(each, id).at(-1) === 'live')),
        2 * AHEAD_MS + MAX_LATENESS_MS,
      );
    });
  });
});
