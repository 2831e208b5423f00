import jwt from 'jsonwebtoken';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, TEST_PASSWORD, TEST_SECRET, type TestApp, type TestUser } from '../../helpers/app.js';
import { as, dataOf, expectProblem, hold, UNKNOWN_ID } from './support.js';

const NEW_PASSWORD = 'another password 8';

let app: TestApp;
/** Another process on the same database. */
let other: TestApp;

beforeAll(async () => {
  app = await startTestApp();
  other = await startTestApp({ database: app.database });
});
afterAll(async () => {
  await other.close();
  await app.close();
});

/** The same user with another token. */
async function signedIn({ id, email, ...user }: TestUser, password = TEST_PASSWORD): Promise<TestUser> {
  const { body } = await app.http.post('/api/users/login').send({ email, password }).expect(200);
  const { token } = (body as { data: { token: string } }).data;
  return { ...user, id, email, token };
}

/** What a user gets from a route that loads the account first, and from one that loads it with its batch, by each process. */
async function answersTo(user: TestUser): Promise<(number | string)[]> {
  const answers = [app, other].flatMap(({ http }) => [
    as(user, http.get('/api/users/me')),
    as(user, http.post('/api/reservations')).send({ dropId: UNKNOWN_ID }),
    as(user, http.post('/api/reservations')).send({}),
  ]);
  return (await Promise.all(answers)).map(({ body, status }) => (body as { code?: string }).code ?? status);
}
const SERVED = [200, 'drop-not-found', 'validation-failed', 200, 'drop-not-found', 'validation-failed'];
const REFUSED = Array(6).fill('unauthenticated');

const post = (user: TestUser, path: string) => as(user, app.http.post(path));

describe('logout', () => {
  it('ends the token of the request, in every process, and no other', async () => {
    const first = await app.createUser();
    const second = await signedIn(first);
    dataOf(await post(first, '/api/users/logout'));
    expect(await answersTo(first)).toEqual(REFUSED);
    expect(await answersTo(second)).toEqual(SERVED);
    expectProblem(await post(first, '/api/users/logout'), 'unauthenticated');
    dataOf(await post(second, '/api/users/logout'));
    expect(await answersTo(second)).toEqual(REFUSED);
    expect(await answersTo(await signedIn(first))).toEqual(SERVED);
  });

  it('ends the token however its signature is written', async () => {
    const user = await app.createUser();
    // The last character of the signature has bits that are no part of it.
    const last = user.token.at(-1) ?? '';
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const sibling = alphabet[alphabet.indexOf(last) ^ 1] ?? '';
    const rewritten = { ...user, token: user.token.slice(0, -1) + sibling };
    await post(user, '/api/users/logout').expect(200);
    expect(await answersTo(rewritten)).toEqual(REFUSED);
  });

  it('of a token from an earlier release, which has no id, ends all tokens', async () => {
    const user = await app.createUser();
    const old = { ...user, token: jwt.sign({ role: 'user' }, TEST_SECRET, { subject: user.id, expiresIn: 60 }) };
    expect(await answersTo(old)).toEqual(SERVED);
    await post(old, '/api/users/logout').expect(200);
    expect(await answersTo(old)).toEqual(REFUSED);
    expect(await answersTo(user)).toEqual(REFUSED);
  });
});

it('logout-all ends every token of the user, and none of others', async () => {
  const [user, bystander] = [await app.createUser(), await app.createUser()];
  const second = await signedIn(user);
  dataOf(await post(user, '/api/users/logout-all'));
  expect(await answersTo(user)).toEqual(REFUSED);
  expect(await answersTo(second)).toEqual(REFUSED);
  expect(await answersTo(bystander)).toEqual(SERVED);
  expect(await answersTo(await signedIn(user))).toEqual(SERVED);
});

describe('a change of the password', () => {
  const change = (user: TestUser, body: object) => as(user, app.http.patch('/api/users/me/password')).send(body);

  it('ends all tokens but the one that it returns, and the old password', async () => {
    const user = await app.createUser();
    const second = await signedIn(user);
    const response = await change(user, { currentPassword: TEST_PASSWORD, newPassword: NEW_PASSWORD });
    const { token } = dataOf<{ token: string }>(response);
    expect(response.headers['cache-control']).toBe('no-store');
    expect(await answersTo({ ...user, token })).toEqual(SERVED);
    expect(await answersTo(user)).toEqual(REFUSED);
    expect(await answersTo(second)).toEqual(REFUSED);
    const { email } = user;
    expectProblem(
      await app.http.post('/api/users/login').send({ email, password: TEST_PASSWORD }),
      'invalid-credentials',
    );
    expect(await answersTo(await signedIn(user, NEW_PASSWORD))).toEqual(SERVED);
  });

  it('needs the current password, and a new one that could be registered', async () => {
    const user = await app.createUser();
    expectProblem(await change(user, { currentPassword: 'wrong', newPassword: NEW_PASSWORD }), 'invalid-credentials');
    for (const newPassword of ['12345', 'x'.repeat(73), undefined]) {
      expectProblem(await change(user, { currentPassword: TEST_PASSWORD, newPassword }), 'validation-failed');
    }
    expect(await answersTo(user)).toEqual(SERVED);
  });

  it('of two at the same time, one succeeds', async () => {
    const user = await app.createUser();
    const changes = [1, 2].map((n) =>
      change(user, { currentPassword: TEST_PASSWORD, newPassword: `${NEW_PASSWORD}${n}` }),
    );
    const statuses = (await Promise.all(changes)).map(({ status }) => status);
    expect(statuses.sort()).toEqual([200, 401]);
  });

  it('by another writer ends all tokens as well', async () => {
    const user = await app.createUser();
    await app.database.query("UPDATE users SET password_hash = 'locked' WHERE id = $1", [user.id]);
    expect(await answersTo(user)).toEqual(REFUSED);
  });

  it('is limited per user', async () => {
    const limited = await startTestApp({
      database: app.database,
      env: { RATE_LIMIT_ENABLED: 'true', RATE_LIMIT_SIGN_IN: '2/3600' },
    });
    try {
      const user = await app.createUser();
      const tryOne = () =>
        as(user, limited.http.patch('/api/users/me/password')).send({
          currentPassword: 'x',
          newPassword: NEW_PASSWORD,
        });
      const statuses = [await tryOne(), await tryOne(), await tryOne()].map(({ status }) => status);
      expect(statuses).toEqual([401, 401, 429]);
      const erase = as(user, limited.http.delete('/api/users/me')).send({ password: 'x' });
      expectProblem(await erase, 'rate-limited');
    } finally {
      await limited.close();
    }
  });
});

it('ended tokens are refused before anything else, and a hold stays with its user', async () => {
  const [user, dropId] = [await app.createUser(), await app.createDrop()];
  const { id } = await hold(app, user, dropId, 'key');
  const second = await signedIn(user);
  await post(user, '/api/users/logout').expect(200);
  expectProblem(await app.reserve(user, dropId, 'key'), 'unauthenticated');
  expectProblem(await app.purchase(user, id), 'unauthenticated');
  expectProblem(await app.release(user, id), 'unauthenticated');
  await app.purchase(second, id).expect(201);
  expect(await app.mismatches()).toEqual([]);
});
