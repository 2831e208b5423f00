import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp } from '../../helpers/app.js';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { untilWaiting, whileLocked } from '../../helpers/locks.js';
import { withoutProtection, type RewritingClient } from '../../helpers/without-protection.js';
import { as, hold } from '../http/support.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/**
 * Disables an account while a batch holds the lock of a foreign key on the account of the admin. Returns whether
 * the request is answered, or waits for that lock.
 */
async function disableDuringBatchOfAdmin(PgClient?: RewritingClient): Promise<'answered' | 'waits'> {
  const app = await startTestApp({ database, ...(PgClient && { PgClient }) });
  try {
    const [admin, user] = [await app.createUser('admin'), await app.createUser()];
    const lock = { sql: 'SELECT FROM users WHERE id = $1 FOR KEY SHARE', params: [admin.id] };
    return await whileLocked(database, lock, async ({ unlock }) => {
      const disabling = as(admin, app.http.post(`/api/users/${user.id}/disable`)).then(({ status }) => status);
      const first = await Promise.race([
        disabling.then(() => 'answered' as const),
        untilWaiting(database).then(() => 'waits' as const),
      ]);
      await unlock();
      expect(await disabling).toBe(200);
      PgClient?.assertUsed();
      return first;
    });
  } finally {
    await app.close();
  }
}

it('disabling an account does not wait for a batch that refers to the admin, so the two cannot wait for each other', async () => {
  expect(await disableDuringBatchOfAdmin()).toBe('answered');
});

it('control: with a lock that conflicts with foreign keys, it waits', async () => {
  const unprotected = withoutProtection(/FOR NO KEY UPDATE$/, 'FOR UPDATE');
  expect(await disableDuringBatchOfAdmin(unprotected)).toBe('waits');
});

/**
 * Disables an account, and enables it while the release of its hold waits for a drop. Its user signs in and reserves another drop.
 * Returns the status of that reservation when the release has ended.
 */
async function reserveAfterEnabling(PgClient?: RewritingClient): Promise<string | undefined> {
  const app = await startTestApp({ database, ...(PgClient && { PgClient }) });
  try {
    const [admin, user] = [await app.createUser('admin'), await app.createUser()];
    const [contested, other] = [await app.createDrop(), await app.createDrop()];
    await hold(app, user, contested);
    const lock = { sql: 'SELECT FROM drops WHERE id = $1 FOR UPDATE', params: [contested] };
    const { reservationId, disabling } = await whileLocked(database, lock, async () => {
      const request = as(admin, app.http.post(`/api/users/${user.id}/disable`)).then(({ status }) => status);
      await untilWaiting(database);
      await as(admin, app.http.post(`/api/users/${user.id}/enable`)).expect(200);
      const { rows } = await database.query<{ token_version: number }>(
        'SELECT token_version FROM users WHERE id = $1',
        [user.id],
      );
      const tokenVersion = rows[0]?.token_version ?? 0;
      const token = app.context.tokens.sign({ id: user.id, role: 'user', tokenVersion });
      const { id } = await hold(app, { ...user, token }, other);
      return { reservationId: id, disabling: request };
    });
    expect(await disabling).toBe(200);
    expect(await app.mismatches()).toEqual([]);
    PgClient?.assertUsed();
    const { rows } = await database.query<{ status: string }>('SELECT status FROM reservations WHERE id = $1', [
      reservationId,
    ]);
    return rows[0]?.status;
  } finally {
    await app.close();
  }
}

it('a hold that is made after the account was enabled stays, while those from before are released', async () => {
  expect(await reserveAfterEnabling()).toBe('active');
});

it('control: without the check that the account is closed, it is released', async () => {
  const unprotected = withoutProtection('SELECT u.has_holds_to_release FROM', 'SELECT true FROM');
  expect(await reserveAfterEnabling(unprotected)).toBe('released');
});
