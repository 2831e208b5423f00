import { randomBytes } from 'node:crypto';
import type { Response } from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { recordAccount } from '../../helpers/leaks/answer-rules.js';
import { until, untilWaiting } from '../../helpers/locks.js';
import { listenTo, receivedAll } from '../../helpers/sockets.js';
import { withClient } from '../../helpers/test-server.js';
import { loseCommit, refusal, startFragileApp, type FragileApp } from './support.js';

/** The service whose COMMIT is lost. */
let app: FragileApp;
/** Another service on the same database, whose connections are intact. */
let other: TestApp;
let admin: TestUser;

/** Key of an advisory lock. While a test holds it, the COMMIT of a new drop or account waits. */
const COMMIT_LOCK = 1;

beforeAll(async () => {
  app = await startFragileApp();
  other = await startTestApp({ database: app.database });
  admin = await app.createUser('admin');
  await app.database.query(`
    CREATE FUNCTION wait_at_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      PERFORM pg_advisory_xact_lock_shared(${COMMIT_LOCK});
      RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER wait_at_commit AFTER INSERT ON drops DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION wait_at_commit();
    CREATE CONSTRAINT TRIGGER wait_at_commit AFTER INSERT ON users DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION wait_at_commit()`);
});

afterAll(async () => {
  await other.close();
  await app.close();
});

/** A change of the row between the COMMIT whose response is lost and the second run. */
type Event = (id: string) => Promise<unknown>;

const sql =
  (text: string): Event =>
  (id) =>
    app.database.query(text, [id]);

const PASSWORD = 'correct horse';
const account = () => {
  const username = `u_${randomBytes(8).toString('hex')}`;
  return { username, email: `${username}@example.com`, password: PASSWORD };
};

function createDrop(name: string, key?: string, service: TestApp = app) {
  const request = service.http.post('/api/drops').auth(admin.token, { type: 'bearer' });
  return (key === undefined ? request : request.set('Idempotency-Key', key)).send({ name, price: 1, totalStock: 3 });
}

const register = (body: object) => app.http.post('/api/users/register').send(body);

async function idOf(table: 'drops' | 'users', column: string, value: string): Promise<string> {
  const { rows } = await app.database.query<{ id: string }>(`SELECT id FROM ${table} WHERE ${column} = $1`, [value]);
  if (rows.length !== 1 || !rows[0]) throw new Error(`${rows.length} rows of ${table} with ${column} ${value}`);
  return rows[0].id;
}

let dropCount = 0;
const nextName = () => `drop-${(dropCount += 1)}`;

describe('a drop whose COMMIT was lost', () => {
  const reserve: Event = async (id) => other.reserve(await app.createUser(), id).expect(201);
  const buy: Event = async (id) => {
    const user = await app.createUser();
    const { body } = await other.reserve(user, id).expect(201);
    await other.purchase(user, body.data.reservation.id).expect(201);
  };
  const events: [string, Event][] = [
    ['nothing happened', () => Promise.resolve()],
    ['it was renamed', sql(`UPDATE drops SET name = 'Renamed' WHERE id = $1`)],
    ['it was cancelled', sql('UPDATE drops SET cancelled_at = now() WHERE id = $1')],
    ['it was paused', sql('UPDATE drops SET paused_at = now() WHERE id = $1')],
    ['it ended', sql('UPDATE drops SET drop_ends_at = clock_timestamp() WHERE id = $1')],
    ['a unit was reserved', reserve],
    ['a unit was bought', buy],
  ];

  it.for(['without a key', 'with a key'].flatMap((how) => events.map(([what, event]) => ({ how, what, event }))))(
    'is found if $what ($how)',
    async ({ how, event }) => {
      const name = nextName();
      let id = '';
      const listener = await listenTo(app);
      const response = await loseCommit(
        app,
        () => createDrop(name, how === 'with a key' ? name : undefined),
        async () => {
          id = await idOf('drops', 'name', name);
          await event(id);
        },
      );
      await receivedAll(app, listener);
      listener.close();

      expect([response.status, response.body.code]).toEqual([201, undefined]);
      expect(response.headers).not.toHaveProperty('idempotency-replayed');
      expect(response.body.data).toEqual((await other.http.get(`/api/drops/${id}`)).body.data);
      expect(listener.received('new_drop').filter((drop) => drop.id === id)).toEqual([response.body.data]);
    },
  );

  it('is found if another process uses its key again', async () => {
    const name = nextName();
    let repeated: Response | undefined;
    const response = await loseCommit(
      app,
      () => createDrop(name, name),
      async () => {
        repeated = await createDrop(name, name, other);
      },
    );
    expect(response.body.data).toEqual(repeated?.body.data);
    expect([response, repeated].map((each) => each?.headers['idempotency-replayed'])).toEqual([undefined, 'true']);
    expect(await idOf('drops', 'name', name)).toBe(response.body.data.id);
  });

  it('is not found if it was deleted: 503 outcome-unknown', async () => {
    const name = nextName();
    const response = await loseCommit(
      app,
      () => createDrop(name),
      async () => sql('DELETE FROM drops WHERE id = $1')(await idOf('drops', 'name', name)),
    );
    expect(refusal(response)).toBe('503 outcome-unknown, Retry-After 1');
  });
});

describe('an account whose COMMIT was lost', () => {
  const rename =
    (username: string): Event =>
    async (id) => {
      const email = `${username}@example.com`;
      await app.database.query('UPDATE users SET username = $2, email = $3 WHERE id = $1', [id, username, email]);
      recordAccount({ id, email });
    };

  it.for([
    ['nothing happened', () => Promise.resolve()],
    ['its names were changed', rename('renamed')],
    ['it became an admin', sql(`UPDATE users SET role = 'admin' WHERE id = $1`)],
    ['it was deleted', sql('DELETE FROM users WHERE id = $1')],
  ] as [string, Event][])('is returned and signed in if %s', async ([, event]) => {
    const body = account();
    let id = '';
    const response = await loseCommit(
      app,
      () => register(body),
      async () => {
        id = await idOf('users', 'email', body.email);
        await event(id);
      },
    );
    expect([response.status, response.body.code]).toEqual([201, undefined]);
    expect(response.body.data.user.id).toBe(id);
    const { body: profile } = await other.http.get('/api/users/me').auth(response.body.data.token, { type: 'bearer' });
    expect(profile.data).toMatchObject(response.body.data.user);
    const login = { email: response.body.data.user.email, password: PASSWORD };
    expect((await other.http.post('/api/users/login').send(login)).status).toBe(200);
  });

  it('is returned and signed in if it was renamed and another account has its old e-mail address', async () => {
    const body = account();
    const response = await loseCommit(
      app,
      () => register(body),
      async () => {
        const id = await idOf('users', 'email', body.email);
        await rename('moved')(id);
        await other.http.post('/api/users/register').send(body).expect(201);
      },
    );
    expect([response.status, response.body.data.user.email]).toEqual([201, 'moved@example.com']);
  });
});

describe('a second run that starts during the first COMMIT', () => {
  const requests = {
    'a drop': () => createDrop(nextName()),
    'a drop with a key': () => createDrop(nextName(), `key-${dropCount}`),
    'an account': () => register(account()),
  };

  /** Cuts the connection during the COMMIT, waits until the second run waits for the first, and ends the first. */
  async function duringCommit(request: () => PromiseLike<Response>, end: () => Promise<unknown>): Promise<Response> {
    return withClient(app.database.url, async (session) => {
      await session.query('SELECT pg_advisory_lock($1)', [COMMIT_LOCK]);
      const running = Promise.resolve(request());
      await untilWaiting(app.database, 1);
      for (const connection of app.proxy.open) connection.cut();
      await until('the second run to wait for the first', async () => {
        const { rowCount } = await app.database.query(
          `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'transactionid'`,
        );
        return rowCount === 1;
      });
      await end();
      await session.query('SELECT pg_advisory_unlock($1)', [COMMIT_LOCK]);
      return running;
    });
  }

  const countOf = async () => {
    const { rows } = await app.database.query<{ rows: number }>(
      'SELECT ((SELECT count(*) FROM drops) + (SELECT count(*) FROM users))::int AS rows',
    );
    return rows[0]?.rows ?? 0;
  };

  it.for(Object.entries(requests))('finds %s if the first run commits', async ([, request]) => {
    const before = await countOf();
    const response = await duringCommit(request, () => Promise.resolve());
    expect([response.status, response.body.code]).toEqual([201, undefined]);
    expect(response.headers).not.toHaveProperty('idempotency-replayed');
    expect(await countOf()).toBe(before + 1);
  });

  it.for(Object.entries(requests))('creates %s if the first run rolls back', async ([, request]) => {
    const before = await countOf();
    const response = await duringCommit(request, () => app.terminate(`query = 'COMMIT' AND wait_event = 'advisory'`));
    expect([response.status, response.body.code]).toEqual([201, undefined]);
    expect(await countOf()).toBe(before + 1);
  });
});
