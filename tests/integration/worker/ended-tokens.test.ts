import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { until } from '../../helpers/locks.js';
import { as } from '../http/support.js';

let app: TestApp;

beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

/** Inserts ended tokens that have expired this long ago. */
async function endTokens(userId: string, count: number, age: string): Promise<void> {
  await app.database.query(
    `INSERT INTO ended_tokens (id, user_id, expires_at)
     SELECT gen_random_uuid(), $1, now() - $3::interval FROM generate_series(1, $2::int)`,
    [userId, count, age],
  );
}

async function tokensOf(userId: string): Promise<number | null> {
  return (await app.database.query('SELECT FROM ended_tokens WHERE user_id = $1', [userId])).rowCount;
}

it('the worker deletes ended tokens a day after they have expired, in statements of 1000 rows, and no others', async () => {
  const [expired, recent, user] = [await app.createUser(), await app.createUser(), await app.createUser()];
  await endTokens(expired.id, 2_500, '25 hours');
  await endTokens(recent.id, 3, '23 hours');
  await as(user, app.http.post('/api/users/logout')).expect(200);

  await app.context.accountWorker.runOnce();
  expect(await tokensOf(expired.id)).toBe(1_500);
  // As long as rows are left, it does not wait for the next minute.
  await app.context.accountWorker.runOnce();
  await app.context.accountWorker.runOnce();
  expect(await tokensOf(expired.id)).toBe(0);
  expect(await tokensOf(recent.id)).toBe(3);
  expect(await tokensOf(user.id)).toBe(1);
  await as(user, app.http.get('/api/users/me')).expect(401);
});

it('a running worker deletes them by itself, once also with several workers', async () => {
  const user = await app.createUser();
  await endTokens(user.id, 1_200, '2 days');
  const workers = await Promise.all(
    [1, 2].map(() => startTestApp({ database: app.database, env: { ROLE: 'worker' } })),
  );
  await until('the expired tokens to be deleted', async () => (await tokensOf(user.id)) === 0);
  await Promise.all(workers.map((worker) => worker.close()));
});

it('a token that never expires is ended for good', async () => {
  const user = await app.createUser();
  await app.database.query("INSERT INTO ended_tokens VALUES ($1, $2, '9999-12-31T00:00:00Z')", [randomUUID(), user.id]);
  await app.context.accountWorker.runOnce();
  expect(await tokensOf(user.id)).toBe(1);
});
