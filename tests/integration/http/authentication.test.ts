import { createHmac } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { as, expectProblem, expectSuccess, UNKNOWN_ID } from './support.js';

const SECRET = 'a secret of thirty-two bytes or more';
let app: TestApp;
let user: TestUser;
let admin: TestUser;

beforeAll(async () => {
  app = await startTestApp({ env: { JWT_SECRET: SECRET } });
  [user, admin] = [await app.createUser(), await app.createUser('admin')];
});
afterAll(() => app.close());

const me = (authorization: string) => app.http.get('/api/users/me').set('Authorization', authorization);

function sign(claims: object, options: jwt.SignOptions = {}, secret = SECRET): string {
  return jwt.sign({ sub: user.id, role: 'user', ...claims }, secret, { expiresIn: 60, ...options });
}

/** Signs a token without the library, which refuses to create invalid tokens. */
function forge(header: object, claims: object): string {
  const content = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${content}.${createHmac('sha256', SECRET).update(content).digest('base64url')}`;
}

describe('a token', () => {
  it('gives access to its account', async () => {
    const { data } = expectSuccess(await me(`Bearer ${user.token}`), 200);
    expect(data.id).toBe(user.id);
  });

  it('is signed with HS256 and has the user id, the role, the token version, an id, the time of issue and the expiry', () => {
    const { header, payload } = jwt.decode(user.token, { complete: true }) ?? {};
    expect(header?.alg).toBe('HS256');
    const { iat = 0, exp, jti, ...claims } = payload as jwt.JwtPayload;
    expect(claims).toEqual({ sub: user.id, role: 'user', ver: 0 });
    expect(jti).toMatch(/^[0-9a-f-]{36}$/);
    expect(exp).toBe(iat + 7 * 24 * 3600);
  });

  it('is accepted with any case of the scheme', async () => {
    expectSuccess(await me(`bearer  ${user.token}`), 200);
  });

  it('signed elsewhere with the same secret is accepted', async () => {
    expectSuccess(await me(`Bearer ${sign({})}`), 200);
  });
});

describe('401 is the response', () => {
  const now = () => Math.floor(Date.now() / 1000);

  it.each<[string, () => string]>([
    ['that has expired', () => sign({}, { expiresIn: -1 })],
    ['signed with another secret', () => sign({}, {}, `${SECRET}.`)],
    ['of HS512', () => sign({}, { algorithm: 'HS512' })],
    ['of HS384', () => sign({}, { algorithm: 'HS384' })],
    [
      'without a signature',
      () => jwt.sign({ sub: user.id, role: 'admin' }, null, { algorithm: 'none', expiresIn: 60 }),
    ],
    [
      'with "alg": "none" and a signature',
      () => forge({ alg: 'none' }, { sub: user.id, role: 'user', exp: now() + 60 }),
    ],
    ['with HS256 in its header and no signature', () => sign({}).replace(/[^.]+$/, '')],
    ['with a changed role', () => sign({}).replace(/\.[^.]+\./, `.${sign({ role: 'admin' }).split('.')[1]}.`)],
    ['without an expiry', () => forge({ alg: 'HS256' }, { sub: user.id, role: 'user', iat: now() })],
    ['without a subject', () => forge({ alg: 'HS256' }, { role: 'user', iat: now(), exp: now() + 60 })],
    ['whose subject is not a UUID', () => sign({ sub: "' OR true" })],
    ['of an unknown role', () => sign({ role: 'superuser' })],
    ['that is not valid yet', () => sign({}, { notBefore: 60 })],
    ['that is not a JWT', () => 'abc'],
    ['of an account that does not exist', () => sign({ sub: UNKNOWN_ID })],
  ])('to a token %s', async (_case, token) => {
    const response = await me(`Bearer ${token()}`);
    expectProblem(response, 'unauthenticated');
    expect(response.headers['www-authenticate']).toBe('Bearer error="invalid_token"');
  });

  it.each(['', 'Bearer', 'Bearer ', 'Basic dTpw', 'Bearer a b'])('to Authorization: %j', async (authorization) => {
    const response = await me(authorization);
    expectProblem(response, 'unauthenticated');
    expect(response.headers['www-authenticate']).toBe('Bearer');
  });

  it('to a token of an account that was deleted after sign-in', async () => {
    const deletedUser = await app.createUser();
    await app.database.query('DELETE FROM users WHERE id = $1', [deletedUser.id]);
    expectProblem(await me(`Bearer ${deletedUser.token}`), 'unauthenticated');
  });

  it.each([
    ['deleted', 'DELETE FROM users WHERE id = $1'],
    ['disabled', 'UPDATE users SET disabled_at = now() WHERE id = $1'],
    ['signed-out', 'UPDATE users SET token_version = token_version + 1 WHERE id = $1'],
  ])('with the reason: %s', async (reason, statement) => {
    const ended = await app.createUser();
    await app.database.query(statement, [ended.id]);
    expect((await me(`Bearer ${ended.token}`)).body).toMatchObject({ code: 'unauthenticated', reason });
    expect((await app.reserve(ended, await app.createDrop())).body).toMatchObject({ code: 'unauthenticated', reason });
  });

  it('to every reservation request of a deleted account, before any other check', async () => {
    const [deletedUser, dropId, soldOut] = await Promise.all([
      app.createUser(),
      app.createDrop(),
      app.createDrop({ total_stock: 1 }),
    ]);
    await app.reserve(user, soldOut).expect(201);
    await app.database.query('DELETE FROM users WHERE id = $1', [deletedUser.id]);
    for (const id of [dropId, soldOut, UNKNOWN_ID, 'no id']) {
      const refused = await app.reserve(deletedUser, id);
      expectProblem(refused, 'unauthenticated');
      expect(refused.headers['www-authenticate']).toBe('Bearer error="invalid_token"');
    }
    const malformed = as(deletedUser, app.http.post('/api/reservations'))
      .set('Content-Type', 'application/json')
      .send('{');
    expectProblem(await malformed, 'unauthenticated');
    expect(await app.mismatches()).toEqual([]);
  });
});

describe('roles', () => {
  const body = { name: 'Drop', price: '1.00', totalStock: 1 };
  const createDrop = (by: TestUser) => as(by, app.http.post('/api/drops')).send(body);

  it('only an admin can create drops', async () => {
    expectProblem(await createDrop(user), 'forbidden');
    expectSuccess(await createDrop(admin), 201);
  });

  it('the role in a token has no effect', async () => {
    expectProblem(await createDrop({ ...user, token: sign({ role: 'admin' }) }), 'forbidden');
  });

  it('a former admin loses the rights at once, with the same token', async () => {
    const former = await app.createUser('admin');
    expectSuccess(await createDrop(former), 201);
    await app.database.query("UPDATE users SET role = 'user' WHERE id = $1", [former.id]);
    expectProblem(await createDrop(former), 'forbidden');
  });

  it('a user who becomes an admin gets the rights at once', async () => {
    const promoted = await app.createUser();
    await app.database.query("UPDATE users SET role = 'admin' WHERE id = $1", [promoted.id]);
    expectSuccess(await createDrop(promoted), 201);
  });
});

it('JWT_EXPIRES_IN sets the lifetime of a token', async () => {
  const other = await startTestApp({ database: app.database, env: { JWT_SECRET: SECRET, JWT_EXPIRES_IN: '15m' } });
  try {
    const { iat = 0, exp } = jwt.decode(other.context.tokens.sign({ id: user.id, role: 'user' })) as jwt.JwtPayload;
    expect(exp).toBe(iat + 900);
  } finally {
    await other.close();
  }
});
