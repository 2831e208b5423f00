import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import {
  as,
  expectInvalid,
  expectMembers,
  expectProblem,
  expectSuccess,
  ISO_UTC,
  MEMBERS,
  UNKNOWN_ID,
} from './support.js';

let app: TestApp;
let ada: { id: string; token: string };

const ADA = { username: 'Ada_L', email: 'Ada@Example.com', password: 'correct horse' };
const register = (body: object) => app.http.post('/api/users/register').send(body);
const login = (body: object) => app.http.post('/api/users/login').send(body);

let count = 0;
/** A valid registration body with a new username and e-mail address. */
function newAccount(changes: object = {}) {
  count += 1;
  return { username: `account${count}`, email: `account${count}@example.com`, password: '123456', ...changes };
}

/** bcrypt's cost factor in production: hashes and durations are subjects of these tests. */
const PASSWORD_COST = 10;

beforeAll(async () => {
  app = await startTestApp({ passwordCost: PASSWORD_COST });
  const { data } = expectSuccess(await register(ADA), 201);
  ada = { id: data.user.id, token: data.token };
});
afterAll(() => app.close());

describe('registration', () => {
  it('returns the account and a valid token', async () => {
    const body = newAccount({ username: 'a-.' });
    const { data } = expectSuccess(await register(body), 201);
    expectMembers(data, ['user', 'token']);
    expectMembers(data.user, MEMBERS.user);
    expect(data.user).toMatchObject({ username: 'a-.', email: body.email, role: 'user' });
    expectSuccess(await as(data, app.http.get('/api/users/me')), 200);
  });

  it('ignores a role and other unknown members', async () => {
    const unknownMembers = {
      role: 'admin',
      id: UNKNOWN_ID,
      isAdmin: true,
      createdAt: '2000-01-01T00:00:00Z',
      passwordHash: 'x',
    };
    const { data } = expectSuccess(await register(newAccount(unknownMembers)), 201);
    expect(data.user.role).toBe('user');
    expect(data.user.id).not.toBe(UNKNOWN_ID);
    const { rows } = await app.database.query('SELECT role FROM users WHERE id = $1', [data.user.id]);
    expect(rows).toEqual([{ role: 'user' }]);
  });

  it.each([
    ['email-taken', { email: ADA.email }],
    ['email-taken', { email: ADA.email.toUpperCase() }],
    ['username-taken', { username: ADA.username }],
    ['username-taken', { username: ADA.username.toLowerCase() }],
  ] as const)('fails with %s for %j', async (code, taken) => {
    expectProblem(await register(newAccount(taken)), code);
  });

  it.each<[field: string, values: unknown[]]>([
    ['username', ['ab', 'x'.repeat(33), 'a b', 'ünïcode', '', 'a@b', 'abc\n', 5, null, ['abc']]],
    ['email', ['', 'ada', 'ada@', '@example.com', 'ada@example', 'a da@example.com', ` ${ADA.email}`, 5, null]],
    ['email', [`${'x'.repeat(250)}@example.com`]],
    ['password', ['', '12345', 'x'.repeat(73), 'ä'.repeat(37), 123456, null, ['123456']]],
  ])('rejects invalid values of %s: %j', async (field, values) => {
    for (const value of values) expectInvalid(await register(newAccount({ [field]: value })), `body.${field}`);
  });

  it('names every missing field', async () => {
    const { errors } = expectProblem(await register({}), 'validation-failed');
    expect(errors).toEqual(
      ['username', 'email', 'password'].map((f) => ({ path: `body.${f}`, message: 'is required' })),
    );
  });

  it('reports one error per field, the most specific one', async () => {
    const { errors } = expectProblem(await register({ username: 5, email: 5, password: [] }), 'validation-failed');
    expect(errors).toEqual([
      { path: 'body.username', message: 'must be a string' },
      { path: 'body.email', message: 'must be an e-mail address' },
      { path: 'body.password', message: 'must be a string' },
    ]);
  });

  it.each(['x'.repeat(72), 'ä'.repeat(36), '😀'.repeat(18), 'pass word', '      '])(
    'uses all characters of the password %s',
    async (password) => {
      const body = newAccount({ password });
      expectSuccess(await register(body), 201);
      expectSuccess(await login(body), 200);
      expectProblem(await login({ ...body, password: [...password].slice(0, -1).join('') }), 'invalid-credentials');
    },
  );

  it('stores a bcrypt hash of cost 10 or more instead of the password', async () => {
    const { rows } = await app.database.query<{ user: string; hash: string }>(
      'SELECT u::text AS user, password_hash AS hash FROM users u WHERE id = $1',
      [ada.id],
    );
    expect(rows[0]?.hash).toMatch(/^\$2[aby]\$1\d\$.{53}$/);
    expect(rows[0]?.user).not.toContain(ADA.password);
  });

  it('creates one account when the same name is registered concurrently', async () => {
    const body = newAccount();
    const responses = await Promise.all([register(body), register(body), register(body)]);
    expect(responses.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
  });
});

describe('sign-in', () => {
  it.each([ADA.email, 'ada@example.com', 'ADA@EXAMPLE.COM'])(
    'as %s returns the same account as registration',
    async (email) => {
      const { data } = expectSuccess(await login({ email, password: ADA.password }), 200);
      expect(data).toEqual({
        user: { id: ada.id, username: ADA.username, email: ADA.email, role: 'user' },
        token: expect.any(String),
      });
    },
  );

  it('returns the same error for a wrong e-mail and a wrong password', async () => {
    const responses = [
      await login({ email: 'eve@example.com', password: ADA.password }),
      await login({ email: ADA.email, password: 'correct horsf' }),
      await login({ email: ADA.email, password: ADA.password.toUpperCase() }),
      await login({ email: "' OR true --", password: 'x' }),
      await login({ email: '%', password: ADA.password }),
    ].map((response) => {
      const { requestId, ...problem } = expectProblem(response, 'invalid-credentials');
      expect(requestId).toEqual(expect.any(String));
      return { problem, challenge: response.headers['www-authenticate'] };
    });
    expect(new Set(responses.map((response) => JSON.stringify(response))).size).toBe(1);
    expect(responses[0]).toMatchObject({ problem: { detail: 'Wrong e-mail or password' }, challenge: 'Bearer' });
  });

  it('takes as long for a wrong e-mail as for a wrong password', async () => {
    async function durationMsOf(body: object): Promise<number> {
      const start = performance.now();
      await login(body);
      return performance.now() - start;
    }
    // Hashing takes most of the time: without it, an unknown e-mail would be refused about ten times faster. The
    // fastest of several attempts is the least affected by load on the machine.
    let [wrongPassword, wrongEmail] = [Infinity, Infinity];
    const ratio = () => wrongEmail / wrongPassword;
    for (let round = 0; round < 5 || (round < 60 && (ratio() <= 1 / 3 || ratio() >= 3)); round += 1) {
      wrongPassword = Math.min(wrongPassword, await durationMsOf({ email: ADA.email, password: 'wrong password' }));
      wrongEmail = Math.min(wrongEmail, await durationMsOf({ email: 'eve@example.com', password: 'wrong password' }));
    }
    expect(ratio()).toBeGreaterThan(1 / 3);
    expect(ratio()).toBeLessThan(3);
  });

  it('does not accept a password that extends the right one beyond 72 bytes', async () => {
    const body = newAccount({ password: 'x'.repeat(72) });
    expectSuccess(await register(body), 201);
    expectProblem(await login({ ...body, password: 'x'.repeat(73) }), 'invalid-credentials');
  });

  it('fails with the usual error for an account without a usable hash', async () => {
    const { id, email } = await app.createUser();
    await app.database.query("UPDATE users SET password_hash = 'unusable' WHERE id = $1", [id]);
    expectProblem(await login({ email, password: 'unusable' }), 'invalid-credentials');
  });

  it('rejects values that are not text', async () => {
    expectInvalid(await login({ email: { $ne: null }, password: ['x'] }), 'body.email', 'body.password');
    expectInvalid(await login({ email: '', password: '' }), 'body.email', 'body.password');
  });
});

describe('profiles', () => {
  let admin: TestUser;
  beforeAll(async () => {
    admin = await app.createUser('admin');
  });
  const profile = (by: { token: string }, id: string) => as(by, app.http.get(`/api/users/${id}`));

  it('are visible to their owner, at /me and by id', async () => {
    for (const id of ['me', ada.id, ada.id.toUpperCase()]) {
      const { data } = expectSuccess(await profile(ada, id), 200);
      expectMembers(data, [...MEMBERS.user, ...MEMBERS.accountState]);
      expect(data).toMatchObject({ id: ada.id, email: ADA.email, createdAt: expect.stringMatching(ISO_UTC) });
    }
  });

  it('of other users are visible to admins', async () => {
    expect(expectSuccess(await profile(admin, ada.id), 200).data.username).toBe(ADA.username);
  });

  it('of other users are forbidden, whether they exist or not', async () => {
    const [existing, missing] = [await profile(ada, admin.id), await profile(ada, UNKNOWN_ID)];
    expect(expectProblem(existing, 'forbidden').detail).toBe(expectProblem(missing, 'forbidden').detail);
  });

  it('that do not exist are 404 for admins', async () => {
    expectProblem(await profile(admin, UNKNOWN_ID), 'user-not-found');
  });
});
