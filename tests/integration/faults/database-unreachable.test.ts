import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Response } from 'supertest';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { openDatabaseProxy, type DatabaseProxy } from '../../helpers/database-proxy.js';
import { dropRowLock, until, untilWaiting, whileLocked } from '../../helpers/locks.js';
import { listenTo } from '../../helpers/sockets.js';
import { smallest } from '../../helpers/timing.js';

/** Longer than the service caches a list of drops. */
const CACHE_TTL_MS = 300;

/** Below every time limit of the pool: no request waits for such a limit. */
const MAX_RESPONSE_MS = 3_000;

let database: TestDatabase;
let proxy: DatabaseProxy;
let app: TestApp;
let user: TestUser;
let dropId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  proxy = await openDatabaseProxy(database.url);
  app = await startTestApp({ database, env: { DATABASE_URL: proxy.url, ROLE: 'all' }, expectsServerErrors: true });
  [user, dropId] = await Promise.all([app.createUser(), app.createDrop()]);
});

afterAll(async () => {
  await app.close();
  await proxy.close();
  await database.drop();
});

function expectUnavailable({ status, headers, body }: Response): void {
  expect({ status, code: body.code, retryAfter: headers['retry-after'] }).toEqual({
    status: 503,
    code: 'unavailable',
    retryAfter: '1',
  });
}

it('the service answers 503 at once while the database is away, and recovers by itself', async () => {
  const listener = await listenTo(app);
  await app.http.get('/api/drops').expect(200);
  await proxy.cut();
  await sleep(CACHE_TTL_MS);

  const smallestMs = await smallest(MAX_RESPONSE_MS, async () => {
    const start = performance.now();
    const responses = await Promise.all([
      app.http.get('/api/drops'),
      app.http.get(`/api/drops/${dropId}`),
      app.http.post('/api/users/login').send({ email: user.email, password: 'whatever' }),
      app.reserve(user, dropId),
      app.purchase(user, dropId),
      app.http.get('/readyz'),
    ]);
    responses.forEach(expectUnavailable);
    await app.http.get('/livez').expect(200);
    await app.http.get('/api/health').expect(200);
    return performance.now() - start;
  });
  expect(smallestMs).toBeLessThan(MAX_RESPONSE_MS);
  expect(listener.socket.connected).toBe(true);

  await proxy.restore();
  await until('readiness', async () => (await app.http.get('/readyz')).status === 200);
  await app.http.get('/api/drops').expect(200);
  const { body } = await app.reserve(user, dropId).expect(201);
  await app.purchase(user, body.data.reservation.id).expect(201);
  expect(await app.mismatches()).toEqual([]);
  listener.close();
});

it('a request in flight gets 503 when the database goes away, and changes nothing', async () => {
  const response = await whileLocked(database, dropRowLock(dropId), async () => {
    const running = Promise.resolve(app.reserve(user, dropId));
    await untilWaiting(database);
    await proxy.cut();
    return running;
  });
  expectUnavailable(response);
  await proxy.restore();
  await until('readiness', async () => (await app.http.get('/readyz')).status === 200);
  const { rows } = await database.query(`SELECT id FROM reservations WHERE status = 'active'`);
  expect(rows).toEqual([]);
  expect(await app.mismatches()).toEqual([]);
});
