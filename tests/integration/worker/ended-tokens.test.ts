import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { createTestDatabase } from '../../helpers/database.js';
import { until, waitingSessions, whileLocked } from '../../helpers/locks.js';
import { removeFromTrigger } from '../../helpers/trigger-protection.js';
import { as } from '../http/support.js';

let app: TestApp;

beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

/** Inserts ended tokens that have expired this long ago. */
async function endTokens(userId: string, count: number, age: string, { query } = app.database): Promise<void> {
  await query(
    `INSERT INTO ended_tokens (id, user_id, expires_at)
     SELECT gen_random_uuid(), $1, now() - $3::interval FROM generate_series(1, $2::int)`,
    [userId, count, age],
  );
}

/** Runs a worker that has not run before: one that has waits for an hour. */
async function runOtherWorker(): Promise<void> {
  const other = await startTestApp({ database: app.database });
  await other.context.accountWorker.runOnce();
  await other.close();
}

async function isMarked(userId: string): Promise<boolean | undefined> {
  const { rows } = await app.database.query<{ marked: boolean }>(
    'SELECT has_ended_tokens AS marked FROM users WHERE id = $1',
    [userId],
  );
  return rows[0]?.marked;
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

it('the mark of an account is taken away with its last ended token, and set again by the next', async () => {
  const [user, other] = [await app.createUser(), await app.createUser()];
  await endTokens(user.id, 2, '2 days');
  await endTokens(other.id, 1, '2 days');
  await as(other, app.http.post('/api/users/logout')).expect(200);
  expect(await isMarked(user.id)).toBe(true);
  await runOtherWorker();
  expect([await tokensOf(user.id), await isMarked(user.id)]).toEqual([0, false]);
  expect([await tokensOf(other.id), await isMarked(other.id)]).toEqual([1, true]);
  await as(other, app.http.get('/api/users/me')).expect(401);

  const second = { ...user, token: app.context.tokens.sign({ id: user.id, role: 'user' }) };
  await as(user, app.http.post('/api/users/logout')).expect(200);
  expect(await isMarked(user.id)).toBe(true);
  await as(user, app.http.get('/api/users/me')).expect(401);
  await as(second, app.http.get('/api/users/me')).expect(200);
});

describe('a token that is ended while the mark is being taken away', () => {
  /** What the trigger of the users does before it takes the mark away: it waits for tokens that are being ended. */
  const WAIT_OF_TRIGGER = /PERFORM FROM users u WHERE u\.id = OLD\.id FOR UPDATE;(?=\s+NEW\.has_ended_tokens)/;

  /** Ends a token in a transaction that commits when the worker waits for it, or has taken the mark away. */
  async function race({ isProtected }: { readonly isProtected: boolean }) {
    const database = await createTestDatabase();
    const own = await startTestApp({ database });
    try {
      if (!isProtected) await removeFromTrigger(database, 'users_before_access_change', WAIT_OF_TRIGGER);
      const user = await own.createUser();
      await endTokens(user.id, 1, '2 days', database);
      const { id, expiresAt } = own.context.authentication.subjectOf(`Bearer ${user.token}`).token;
      const ending = {
        sql: 'INSERT INTO ended_tokens (id, user_id, expires_at) VALUES ($1, $2, to_timestamp($3))',
        params: [id, user.id, expiresAt],
      };
      await whileLocked(database, ending, async ({ unlock }) => {
        let isDone = false;
        const working = own.context.accountWorker.runOnce().then(() => {
          isDone = true;
        });
        await until('the worker to wait or to be done', async () => isDone || (await waitingSessions(database)) > 0);
        await unlock();
        await working;
      });
      const { status } = await as(user, own.http.get('/api/users/me'));
      return status;
    } finally {
      await own.close();
      await database.drop();
    }
  }

  it('is refused', async () => {
    expect(await race({ isProtected: true })).toBe(401);
  });

  it('control: without the wait of the trigger it is valid again', async () => {
    expect(await race({ isProtected: false })).toBe(200);
  });
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
