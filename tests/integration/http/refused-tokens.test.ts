import { randomUUID } from 'node:crypto';
import { io } from 'socket.io-client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { startTestApp, TEST_PASSWORD, type TestApp, type TestUser } from '../../helpers/app.js';
import { recordedStatements } from '../../helpers/statements.js';
import { as, dataOf, expectProblem, hold } from './support.js';

const MAX_AGE_MS = 5_000;
const USERS = 20;

const statements = recordedStatements();
let app: TestApp;
let admin: TestUser;

beforeAll(async () => {
  app = await startTestApp({ PgClient: statements });
  admin = await app.createUser('admin');
});
afterAll(() => app.close());

// The age of a refusal is measured by a clock that stands still until a test moves it.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});
const outdate = () => {
  vi.advanceTimersByTime(MAX_AGE_MS);
};

const isBatch = (sql: string) => sql.includes('FOR UPDATE') && sql.includes('drops');
const isLookup = (sql: string) => sql.includes('pg_current_snapshot()') && sql.includes('FROM users');

/** Each kind of request that needs an account. The ids need not exist, because the account is checked first. */
const REQUESTS: Readonly<Record<string, (user: TestUser, dropId: string) => Promise<{ status: number }>>> = {
  reservation: (user, dropId) => app.reserve(user, dropId),
  purchase: (user) => app.purchase(user, randomUUID()),
  release: (user) => app.release(user, randomUUID()),
  'list of purchases': (user) => as(user, app.http.get('/api/purchases/mine')),
  'request that cannot be read': (user) => as(user, app.http.post('/api/reservations')).send({ dropId: 7 }),
};

/** Users with valid tokens whose accounts do not exist. */
function deletedUsers(count: number): TestUser[] {
  return Array.from({ length: count }, () => {
    const id = randomUUID();
    const token = app.context.tokens.sign({ id, role: 'user' });
    return { id, username: id, email: `${id}@example.com`, role: 'user', token };
  });
}

/** The error of a socket that connects with the token; null if it is accepted. */
async function connect({ token }: TestUser): Promise<string | null> {
  const socket = io(app.url, { auth: { token }, transports: ['websocket'], reconnection: false, forceNew: true });
  try {
    return await new Promise((resolve) => {
      socket.once('connect', () => {
        resolve(null);
      });
      socket.once('connect_error', ({ message }) => {
        resolve(message);
      });
    });
  } finally {
    socket.disconnect();
  }
}

async function reserveAll(users: readonly TestUser[], dropId: string) {
  return statements.during(async () => {
    const answers = await Promise.all(users.map((user) => app.reserve(user, dropId)));
    expect(answers.map(({ status }) => status)).toEqual(users.map(() => 401));
  });
}

describe('a token that was refused', () => {
  it('takes a place in a batch only the first time; after a while it is looked up with others', async () => {
    const [users, dropId] = [deletedUsers(USERS), await app.createDrop()];
    expect((await reserveAll(users, dropId)).filter(isBatch).length).toBeGreaterThan(0);
    expect(await reserveAll(users, dropId)).toEqual([]);
    outdate();
    const sent = await reserveAll(users, dropId);
    expect(sent.filter(isLookup)).toHaveLength(sent.length);
    expect(sent.length).toBeGreaterThan(0);
    // That counts as a refusal again.
    expect(await reserveAll(users, dropId)).toEqual([]);
  });

  it('control: without the memory, its requests take a place in a batch each time', async () => {
    vi.spyOn(app.context.refusedTokens, 'refusalOf').mockReturnValue(null);
    vi.spyOn(app.context.refusedTokens, 'has').mockReturnValue(false);
    const [users, dropId] = [deletedUsers(USERS), await app.createDrop()];
    for (let round = 0; round < 3; round += 1) {
      expect((await reserveAll(users, dropId)).filter(isBatch).length).toBeGreaterThan(0);
    }
  });

  it.each(Object.keys(REQUESTS))('costs no query for a while, whatever it is sent with: a %s', async (name) => {
    const [[user], dropId] = [deletedUsers(1) as [TestUser], await app.createDrop()];
    const send = REQUESTS[name] ?? app.reserve;
    expect((await send(user, dropId)).status).toBe(401);
    const sent = await statements.during(async () => {
      for (const request of Object.values(REQUESTS)) expect((await request(user, dropId)).status).toBe(401);
      expect(await connect(user)).toBe('Your account no longer exists');
    });
    expect(sent).toEqual([]);
  });

  it('costs none either if a socket has found it', async () => {
    const [[user], dropId] = [deletedUsers(1) as [TestUser], await app.createDrop()];
    expect(await connect(user)).toBe('Your account no longer exists');
    const sent = await statements.during(async () => {
      expectProblem(await app.reserve(user, dropId), 'unauthenticated');
      expect(await connect(user)).toBe('Your account no longer exists');
    });
    expect(sent).toEqual([]);
  });

  it('has the same response with a query and without', async () => {
    const [[user], dropId] = [deletedUsers(1) as [TestUser], await app.createDrop()];
    const answers = [await app.reserve(user, dropId), await app.reserve(user, dropId)];
    outdate();
    answers.push(await app.reserve(user, dropId));
    const contents = answers.map(({ status, headers, body }) => {
      const { requestId, ...problem } = body as { requestId: string };
      expect(requestId).toBe(headers['x-request-id']);
      return [status, problem, headers['www-authenticate'], headers['cache-control']];
    });
    expect(contents).toEqual(Array(3).fill(contents[0]));
    expect(contents[0]?.[1]).toMatchObject({ code: 'unauthenticated', reason: 'deleted' });
  });
});

describe('is not locked out:', () => {
  it('another token of the account', async () => {
    const [user, dropId] = [await app.createUser(), await app.createDrop()];
    const second = { ...user, token: app.context.tokens.sign({ id: user.id, role: 'user' }) };
    await as(user, app.http.post('/api/users/logout')).expect(200);
    expectProblem(await app.reserve(user, dropId), 'unauthenticated');
    await app.reserve(second, dropId).expect(201);
    expect(await connect(second)).toBeNull();
  });

  it('an account that is enabled again, with the token of its next sign-in', async () => {
    const [user, dropId] = [await app.createUser(), await app.createDrop()];
    await as(admin, app.http.post(`/api/users/${user.id}/disable`)).expect(200);
    expectProblem(await app.reserve(user, dropId), 'unauthenticated');
    await as(admin, app.http.post(`/api/users/${user.id}/enable`)).expect(200);
    expectProblem(await app.reserve(user, dropId), 'unauthenticated');
    const { token } = dataOf<{ token: string }>(
      await app.http.post('/api/users/login').send({ email: user.email, password: TEST_PASSWORD }),
    );
    await app.reserve({ ...user, token }, dropId).expect(201);
    outdate();
    // The old one is ended for good.
    expectProblem(await app.reserve(user, dropId), 'unauthenticated');
  });

  it.each([
    [
      'deleted',
      ['DELETE FROM users WHERE id = $1'],
      ["INSERT INTO users (id, username, email, password_hash) VALUES ($1, 'back', 'back@example.com', 'x')"],
    ],
    [
      'signed-out',
      ['UPDATE users SET token_version = token_version + 1 WHERE id = $1'],
      [
        'ALTER TABLE users DISABLE TRIGGER USER',
        'UPDATE users SET token_version = 0 WHERE id = $1',
        'ALTER TABLE users ENABLE TRIGGER USER',
      ],
    ],
    [
      'disabled',
      ['UPDATE users SET disabled_at = now() WHERE id = $1'],
      [
        'ALTER TABLE users DISABLE TRIGGER USER',
        'UPDATE users SET disabled_at = NULL, token_version = 0, has_holds_to_release = false WHERE id = $1',
        'ALTER TABLE users ENABLE TRIGGER USER',
      ],
    ],
  ])('an account that was %s and is as before, after a restore or by hand', async (reason, closing, restoring) => {
    const [user, dropId] = [await app.createUser(), await app.createDrop()];
    const run = async (all: readonly string[]) => {
      for (const sql of all) await app.database.query(sql, sql.includes('$1') ? [user.id] : []);
    };
    await run(closing);
    expect((await app.reserve(user, dropId)).body).toMatchObject({ code: 'unauthenticated', reason });
    await run(restoring);
    outdate();
    await hold(app, user, dropId);
    expect(app.context.refusedTokens.has({ ...user, token: tokenOf(user) })).toBe(false);
    expect(await connect(user)).toBeNull();
    expect(await app.mismatches()).toEqual([]);
  });
});

function tokenOf({ token }: TestUser) {
  return app.context.authentication.subjectOf(`Bearer ${token}`).token;
}
