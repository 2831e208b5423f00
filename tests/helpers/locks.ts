import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { TestDatabase } from './database.js';
import { withClient } from './test-server.js';

/** Ends a test that hangs. No test depends on it, so it is long enough for any machine. */
const TIMEOUT_MS = 240_000;

/**
 * Waits until a condition holds.
 *
 * @param timeoutMs set only where the test is about that time.
 * @throws {Error} naming the condition.
 */
export async function until(
  description: string,
  condition: () => Promise<boolean> | boolean,
  timeoutMs = TIMEOUT_MS,
): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`Timed out after ${timeoutMs} ms: ${description}`);
    await sleep(10);
  }
}

/** Returns how many sessions of a database wait for a lock of another session. */
export async function waitingSessions(database: TestDatabase): Promise<number> {
  const { rowCount } = await database.query(
    `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  );
  return rowCount ?? 0;
}

/** Waits until `count` sessions of a database wait for a lock of another session. */
export function untilWaiting(database: TestDatabase, count = 1): Promise<void> {
  return until(`${count} sessions to wait for a lock`, async () => (await waitingSessions(database)) >= count);
}

/**
 * Runs `work` while another session holds the lock that the statement `lock` takes. The lock ends when `work` calls `unlock()`
 * or returns.
 */
export function whileLocked<T>(
  { url }: TestDatabase,
  lock: { sql: string; params: unknown[] },
  work: (session: { unlock: () => Promise<void>; client: pg.Client }) => Promise<T>,
): Promise<T> {
  return withClient(url, async (client) => {
    await client.query('BEGIN');
    await client.query(lock.sql, lock.params);
    return work({
      client,
      unlock: async () => {
        await client.query('COMMIT');
      },
    });
  });
}

/** The lock of a drop's row: every transaction that changes the drop's stock waits for it, with the service's lock or without. */
export function dropRowLock(dropId: string): { sql: string; params: unknown[] } {
  // NO KEY: the INSERT of a reservation without the drop's lock does not wait here, only the UPDATE of the counters does.
  return { sql: 'SELECT FROM drops WHERE id = $1 FOR NO KEY UPDATE', params: [dropId] };
}

/** Work that locks a drop, and then a user. */
interface DeadlockingRequest<T> {
  readonly dropId: string;
  readonly userId: string;
  readonly work: () => Promise<T>;
}

/**
 * Runs work into a deadlock with a session that has locked the user and waits for the drop. PostgreSQL ends the session that
 * has waited for a second first. If that is the other session, other work is prepared for another deadlock.
 *
 * @returns the outcome of the work that PostgreSQL ended.
 */
export async function inDeadlock<T>(database: TestDatabase, prepare: () => Promise<DeadlockingRequest<T>>): Promise<T> {
  for (;;) {
    const { dropId, userId, work } = await prepare();
    const lock = { sql: 'SELECT FROM users WHERE id = $1 FOR UPDATE', params: [userId] };
    const { hasDrop, outcome } = await whileLocked(database, lock, async ({ client, unlock }) => {
      const running = work();
      await untilWaiting(database);
      const hasDrop = await client.query('SELECT FROM drops WHERE id = $1 FOR UPDATE', [dropId]).then(
        () => true,
        (error: pg.DatabaseError) => error.code !== '40P01',
      );
      await unlock();
      return { hasDrop, outcome: await running };
    });
    if (hasDrop) return outcome;
  }
}
