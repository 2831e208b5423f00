import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { until } from '../../helpers/locks.js';
import { withoutProtection, withPause, type RewritingClient } from '../../helpers/without-protection.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** The write of a batch begins, reads its snapshot, and pauses before it locks the accounts. */
const PAUSE = [
  'WHERE u.id = ANY(string_to_array(',
  'WHERE (SELECT pg_sleep(1.5)) IS NOT NULL AND u.id = ANY(string_to_array(',
] as const;

/** Disables an account between the load and the write of its batch. Returns the status of the reservation and the active holds. */
async function raceOf(PgClient: RewritingClient): Promise<{ status: number; active: number | null }> {
  const app: TestApp = await startTestApp({ database, PgClient });
  try {
    const [user, dropId] = [await app.createUser(), await app.createDrop()];
    const reserving = app.reserve(user, dropId).then(({ status }) => status);
    await until('the batch to be between its load and its write', async () => {
      const { rowCount } = await database.query(
        "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'",
      );
      return rowCount === 1;
    });
    await database.query('UPDATE users SET disabled_at = now() WHERE id = $1', [user.id]);
    // The holds that have been committed so far are released; a later one would stay.
    await app.context.holdReleases.releaseOrLeaveToWorker(user.id, { skipLocked: true });
    const status = await reserving;
    const { rowCount } = await database.query("SELECT FROM reservations WHERE user_id = $1 AND status = 'active'", [
      user.id,
    ]);
    expect(await app.mismatches()).toEqual([]);
    PgClient.assertUsed();
    return { status, active: rowCount };
  } finally {
    await app.close();
  }
}

it('an account that is disabled while its batch is served gets no hold', async () => {
  expect(await raceOf(withPause(...PAUSE))).toEqual({ status: 401, active: 0 });
});

it('control: without the check under the lock of the account, its hold survives', async () => {
  const unprotected = withoutProtection('AND u.disabled_at IS NULL\n      FOR KEY SHARE', '', withPause(...PAUSE));
  expect(await raceOf(unprotected)).toEqual({ status: 201, active: 1 });
});
