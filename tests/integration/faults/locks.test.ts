import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { POOL_TIME_LIMITS } from '../../../src/lib/db/pool-settings.js';
import { LONG_TIME_LIMITS, startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { dropRowLock, inDeadlock, untilWaiting, whileLocked } from '../../helpers/locks.js';

let database: TestDatabase;
let app: TestApp;
let user: TestUser;
let dropId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  app = await startTestApp({ database, expectsServerErrors: true });
  [user, dropId] = await Promise.all([app.createUser(), app.createDrop()]);
});

afterAll(async () => {
  await app.close();
  await database.drop();
});

describe('a deadlock', () => {
  it('is retried, and the client gets success', async () => {
    const response = await inDeadlock(database, async () => {
      const [drop, buyer] = await Promise.all([app.createDrop(), app.createUser()]);
      return { dropId: drop, userId: buyer.id, work: async () => app.reserve(buyer, drop) };
    });
    expect(response.status).toBe(201);
    expect(await app.mismatches()).toEqual([]);
  });

  /** Creates a drop whose first `times` reservations fail with a serialization failure. */
  async function dropThatFails(times: number): Promise<{ id: string; attempts: () => Promise<number> }> {
    const id = await app.createDrop();
    const name = `attempts_${id.replaceAll('-', '')}`;
    // A rollback does not reset a sequence.
    await database.query(`
      CREATE SEQUENCE ${name};
      CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF nextval('${name}') <= ${times} THEN RAISE EXCEPTION 'made up' USING ERRCODE = 'serialization_failure'; END IF;
        RETURN NEW;
      END $$;
      CREATE TRIGGER ${name} BEFORE INSERT ON reservations FOR EACH ROW WHEN (NEW.drop_id = '${id}')
        EXECUTE FUNCTION ${name}()`);
    return {
      id,
      attempts: async () =>
        Number((await database.query<{ n: string }>(`SELECT last_value AS n FROM ${name}`)).rows[0]?.n),
    };
  }

  it('is retried three times', async () => {
    const { id, attempts } = await dropThatFails(3);
    await app.reserve(user, id).expect(201);
    expect(await attempts()).toBe(4);
  });

  it('fails the request with 503 after three retries, with nothing changed', async () => {
    const { id, attempts } = await dropThatFails(100);
    const { status, body, headers } = await app.reserve(user, id);
    expect([status, body.code, headers['retry-after']]).toEqual([503, 'overloaded', '1']);
    expect(await attempts()).toBe(4);
    expect(await app.mismatches()).toEqual([]);
  });
});

describe('a wait for a lock that another session keeps', () => {
  it('times out after 5 s: each session sets this limit and the other time limits', async () => {
    const withDefaults = await startTestApp({ database, poolTimeLimits: POOL_TIME_LIMITS });
    try {
      const [limits] = await withDefaults.context.db.$queryRaw<object[]>`
        SELECT current_setting('lock_timeout') AS lock, current_setting('statement_timeout') AS statement,
               current_setting('idle_in_transaction_session_timeout') AS idle`;
      expect(limits).toEqual({ lock: '5s', statement: '10s', idle: '10s' });
    } finally {
      await withDefaults.close();
    }
  });

  it('makes the request fail with 503 after the timeout, with nothing changed', async () => {
    const session = { ...LONG_TIME_LIMITS.session, lock_timeout: 200 };
    const poolTimeLimits = { ...LONG_TIME_LIMITS, session };
    const withShortTimeout = await startTestApp({ database, poolTimeLimits, expectsServerErrors: true });
    try {
      const id = await app.createDrop({ total_stock: 1 });
      const request = () => withShortTimeout.reserve(user, id);
      const refused = await whileLocked(database, dropRowLock(id), () => Promise.resolve(request()));
      const { status, body, headers } = refused;
      expect([status, body.code, headers['retry-after']]).toEqual([503, 'overloaded', '1']);
      expect((await database.query('SELECT FROM reservations WHERE drop_id = $1', [id])).rowCount).toBe(0);
      expect(await app.mismatches()).toEqual([]);
      await request().expect(201);
    } finally {
      await withShortTimeout.close();
    }
  });
});

describe('a deleted account', () => {
  async function deleteUser({ id }: TestUser): Promise<void> {
    await database.query('DELETE FROM users WHERE id = $1', [id]);
  }

  it('cannot use its token', async () => {
    const deletedUser = await app.createUser();
    await deleteUser(deletedUser);
    const { body, headers } = await app.reserve(deletedUser, dropId).expect(401);
    expect(body.code).toBe('unauthenticated');
    expect(headers['www-authenticate']).toContain('invalid_token');
  });

  it('gets no unit if the deletion happens while its request waits for the lock', async () => {
    const deletedUser = await app.createUser();
    const response = await whileLocked(database, dropRowLock(dropId), async ({ unlock }) => {
      const running = Promise.resolve(app.reserve(deletedUser, dropId));
      await untilWaiting(database);
      await deleteUser(deletedUser);
      await unlock();
      return running;
    });
    expect([response.status, response.body.code]).toEqual([401, 'unauthenticated']);
    expect(await app.mismatches()).toEqual([]);
  });
});
