import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { openDatabaseProxy, type DatabaseProxy } from '../../helpers/database-proxy.js';
import { as, expectProblem, expectSuccess } from './support.js';

let database: TestDatabase;
let proxy: DatabaseProxy;
let app: TestApp;
let user: TestUser;
let dropId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  proxy = await openDatabaseProxy(database.url);
  app = await startTestApp({ expectsServerErrors: true, database, env: { DATABASE_URL: proxy.url } });
  [user, dropId] = [await app.createUser(), await app.createDrop()];
});
afterAll(async () => {
  await app.close();
  await proxy.close();
  await database.drop();
});

describe('while the database is unreachable,', () => {
  beforeAll(() => proxy.cut());
  afterAll(() => proxy.restore());

  it.each(['/livez', '/api/health'])('%s is 200', async (path) => {
    const response = await app.http.get(path);
    expect([response.status, response.body]).toEqual([200, { status: 'ok' }]);
  });

  it('/readyz is 503', async () => {
    expectProblem(await app.http.get('/readyz'), 'unavailable');
  });

  it.each<[string, () => Promise<Parameters<typeof expectProblem>[0]>]>([
    ['listing drops', () => app.http.get('/api/drops')],
    ['showing a drop', () => app.http.get(`/api/drops/${dropId}`)],
    ['signing in', () => app.http.post('/api/users/login').send({ email: 'a', password: 'b' })],
    ['reading the profile', () => as(user, app.http.get('/api/users/me'))],
    ['reserving', () => app.reserve(user, dropId)],
  ])('%s is 503 with a Retry-After', async (_what, request) => {
    const response = await request();
    expectProblem(response, 'unavailable');
    expect(response.headers['retry-after']).toMatch(/^\d+$/);
    expect(response.text).not.toMatch(/ECONN|127\.0\.0\.1:|prisma/i);
  });
});

describe('once the database is reachable again,', () => {
  it('every request works', async () => {
    expect((await app.http.get('/readyz')).status).toBe(200);
    expectSuccess(await app.reserve(user, dropId), 201);
    expect(await app.mismatches()).toEqual([]);
  });
});

it('once a shutdown begins, /readyz is 503 and /livez 200', async () => {
  app.context.readiness.closing = true;
  try {
    expect(expectProblem(await app.http.get('/readyz'), 'unavailable').detail).toBe('The service is shutting down');
    expect((await app.http.get('/livez')).status).toBe(200);
  } finally {
    app.context.readiness.closing = false;
  }
});
