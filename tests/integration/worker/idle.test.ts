import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { sessionParameters } from '../../../src/lib/db/session-settings.js';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { canTest } from '../../helpers/can-test.js';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { until } from '../../helpers/locks.js';
import { hasPgbouncer, openPooler, type TestPooler } from '../../helpers/pgbouncer.js';
import { recordedStatements } from '../../helpers/statements.js';
import { withClient } from '../../helpers/test-server.js';

const withPooler = canTest('an idle worker behind a pooler', hasPgbouncer, 'There is no pgbouncer.');

/** A multiple of what is promised, and less than an idle worker sleeps. */
const MAX_LATENESS_MS = 4_000;
const ATTEMPTS = 3;
const WINDOW_MS = 20_000;
/** One in five seconds, and one more for each of the three loops, whose intervals do not begin with the window. */
const MAX_STATEMENTS_IN_WINDOW = WINDOW_MS / 5_000 + 3;

/** A service with a database of its own: the tests run beside each other, because all of them wait for seconds. */
interface IdleService {
  readonly app: TestApp;
  readonly database: TestDatabase;
  readonly PgClient: ReturnType<typeof recordedStatements>;
}

/** Runs `work` with a service. @param envOf returns settings. */
async function withService(
  work: (service: IdleService) => Promise<void>,
  envOf: (database: TestDatabase) => Readonly<Record<string, string>> = () => ({}),
): Promise<void> {
  const database = await createTestDatabase();
  const PgClient = recordedStatements();
  try {
    const env = { ROLE: 'all', ...envOf(database) };
    const app = await startTestApp({ database, env, pollLedger: true, PgClient });
    try {
      await work({ app, database, PgClient });
    } finally {
      await app.close();
    }
  } finally {
    await database.drop();
  }
}

/** Inserts a hold in another session, as psql would, and returns how late it expired, in milliseconds. */
async function latenessMsOfHold(
  { app, database }: IdleService,
  endsInMs: number,
  beforeCommit: () => Promise<unknown> = () => Promise.resolve(),
) {
  const [dropId, user] = await Promise.all([app.createDrop({ total_stock: 1 }), app.createUser()]);
  await withClient(database.url, async (client) => {
    await client.query('BEGIN');
    await client.query('UPDATE drops SET available_stock = 0, reserved_stock = 1 WHERE id = $1', [dropId]);
    await client.query(
      `INSERT INTO reservations (drop_id, user_id, expires_at)
       VALUES ($1, $2, clock_timestamp() + make_interval(secs => $3::float8 / 1000))`,
      [dropId, user.id, endsInMs],
    );
    await beforeCommit();
    await client.query('COMMIT');
  });
  return untilExpired(database, dropId);
}

async function untilExpired(database: TestDatabase, dropId: string): Promise<number> {
  let lateMs: number | undefined;
  await until('the hold to expire', async () => {
    const { rows } = await database.query<{ ms: number | null }>(
      `SELECT extract(epoch FROM settled_at - expires_at)::float8 * 1000 AS ms FROM reservations WHERE drop_id = $1`,
      [dropId],
    );
    lateMs = rows[0]?.ms ?? undefined;
    return lateMs !== undefined;
  });
  return lateMs ?? NaN;
}

const isPoll = ({ text }: { readonly text: string }) => text.includes('"nextInMs"');

async function untilIdle({ app }: IdleService): Promise<void> {
  await until('the worker to be idle', () => app.context.worker.isIdle);
}

async function untilNotified({ database }: IdleService): Promise<void> {
  await until('the worker to take the lock of the channel', async () => (await listeners(database)) === 1);
}

async function listeners(database: TestDatabase): Promise<number> {
  const { rowCount } = await database.query(
    `SELECT FROM pg_locks JOIN pg_stat_activity USING (pid)
     WHERE locktype = 'advisory' AND objid = 4067243101 AND mode = 'ExclusiveLock' AND granted AND datname = current_database()`,
  );
  return rowCount ?? 0;
}

/** Measures right after a poll of an idle worker, which sleeps for seconds then. A busy machine may delay an attempt. */
async function latenessAfterPoll(
  service: IdleService,
  isEnough: (ms: number) => boolean,
  endsInMs: number,
): Promise<number> {
  const { PgClient } = service;
  let ms = NaN;
  for (let attempt = 0; attempt < ATTEMPTS && (attempt === 0 || !isEnough(ms)); attempt += 1) {
    await untilIdle(service);
    PgClient.take();
    await until('a poll', () => PgClient.take().some(isPoll));
    await untilIdle(service);
    ms = await latenessMsOfHold(service, endsInMs);
  }
  return ms;
}

const isOnTime = (ms: number) => ms < MAX_LATENESS_MS;

describe.concurrent('without active holds and sockets', () => {
  it('the service sends at most one statement in five seconds', () =>
    withService(async (service) => {
      await untilNotified(service);
      await untilIdle(service);
      const statements = await service.PgClient.during(() => sleep(WINDOW_MS));
      expect(statements.length).toBeGreaterThan(0);
      expect(statements.length).toBeLessThanOrEqual(MAX_STATEMENTS_IN_WINDOW);
    }));

  it('a short hold that another session makes expires on time', () =>
    withService(async (service) => {
      await untilNotified(service);
      expect(await latenessAfterPoll(service, isOnTime, 500)).toBeLessThan(MAX_LATENESS_MS);
      await untilNotified(service);
      expect(await latenessAfterPoll(service, isOnTime, 500)).toBeLessThan(MAX_LATENESS_MS);
    }));

  it('control: without the notification, a short hold expires late, and one of ten seconds on time', () =>
    withService(async (service) => {
      await service.database.query('ALTER TABLE drops DISABLE TRIGGER drops_notify_first_hold');
      expect(await latenessAfterPoll(service, (ms) => !isOnTime(ms), 100)).toBeGreaterThan(MAX_LATENESS_MS);
      expect(await latenessMsOfHold(service, 10_000)).toBeLessThan(MAX_LATENESS_MS);
    }));

  it('a hold whose transaction began while the worker was awake is found when it commits', () =>
    withService(async (service) => {
      const { worker } = service.app.context;
      // A worker that is not idle has not taken the lock, so this transaction does not notify.
      await worker.stop();
      const lateMs = await latenessMsOfHold(service, 6_000, async () => {
        worker.start();
        await sleep(3_000);
      });
      expect(lateMs).toBeLessThan(MAX_LATENESS_MS);
    }));

  it('the notifications go on after the connection for them was lost', () =>
    withService(async (service) => {
      const { database } = service;
      await untilNotified(service);
      await database.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE application_name LIKE '% notifications' AND datname = current_database()`,
      );
      await until('the lock to be free', async () => (await listeners(database)) === 0);
      await untilNotified(service);
      expect(await latenessAfterPoll(service, isOnTime, 500)).toBeLessThan(MAX_LATENESS_MS);
    }));

  it('a hold of this process wakes its worker, and nothing listens any more', () =>
    withService(
      async (service) => {
        const { app, database } = service;
        await untilNotified(service);
        const [dropId, user] = await Promise.all([app.createDrop({ total_stock: 1 }), app.createUser()]);
        await app.reserve(user, dropId).expect(201);
        await until('the worker to give the lock back', async () => (await listeners(database)) === 0);
        expect(await untilExpired(database, dropId)).toBeLessThan(MAX_LATENESS_MS);
      },
      () => ({ RESERVATION_TTL_SECONDS: '2' }),
    ));
});

describe.runIf(withPooler).concurrent('behind a pooler in transaction mode', () => {
  let pooler: TestPooler;

  beforeAll(async () => {
    const { url } = inject('testServer');
    pooler = await openPooler(url, 4, Object.keys(sessionParameters(url)));
  });
  afterAll(() => pooler.close());

  it('without notifications, a hold of ten seconds that another session makes expires on time', () =>
    withService(
      async (service) => {
        await untilIdle(service);
        expect(await latenessMsOfHold(service, 10_000)).toBeLessThan(MAX_LATENESS_MS);
        expect(await listeners(service.database)).toBe(0);
      },
      ({ url }) => {
        const direct = new URL(pooler.urlOf(url));
        direct.searchParams.delete('pgbouncer');
        return { DATABASE_URL: pooler.urlOf(url), DIRECT_DATABASE_URL: direct.toString() };
      },
    ));

  it('with the direct address of the server, a short one as well', () =>
    withService(
      async (service) => {
        await untilNotified(service);
        expect(await latenessAfterPoll(service, isOnTime, 500)).toBeLessThan(MAX_LATENESS_MS);
      },
      ({ url }) => ({ DATABASE_URL: pooler.urlOf(url), DIRECT_DATABASE_URL: url }),
    ));
});
