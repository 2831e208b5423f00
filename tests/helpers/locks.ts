import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { PgClientClass } from '../../src/lib/db/database.js';
import type { TestDatabase } from './database.js';
import { withClient } from './test-server.js';

/** Ends a test that hangs, and says why; no test depends on it, so that it may be long enough for any machine. */
const LIMIT_MS = 90_000;

/**
 * Waits until a condition holds.
 *
 * @param limitMs give one only where the test is about that time.
 * @throws {Error} saying what did not come about.
 */
export async function until(what: string, holds: () => Promise<boolean> | boolean, limitMs = LIMIT_MS): Promise<void> {
  const end = Date.now() + limitMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`Not within ${limitMs} ms: ${what}`);
    await sleep(10);
  }
}

/** How many sessions of a database wait for a lock that another one holds. */
export async function waitingSessions(database: TestDatabase): Promise<number> {
  const { rowCount } = await database.query(
    `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  );
  return rowCount ?? 0;
}

/** Waits until so many sessions of a database wait for a lock that another one holds. */
export function untilWaiting(database: TestDatabase, count = 1): Promise<void> {
  return until(`${count} sessions that wait for a lock`, async () => (await waitingSessions(database)) >= count);
}

/**
 * Runs `work` while a session of its own holds a lock: what `lock` selects. `work` may end it with `letGo()`; it ends with
 * `work` otherwise.
 */
export function whileLocked<T>(
  { url }: TestDatabase,
  lock: { sql: string; params: unknown[] },
  work: (session: { letGo: () => Promise<void>; client: pg.Client }) => Promise<T>,
): Promise<T> {
  return withClient(url, async (client) => {
    await client.query('BEGIN');
    await client.query(lock.sql, lock.params);
    return work({
      client,
      letGo: async () => {
        await client.query('COMMIT');
      },
    });
  });
}

/** The lock that the service takes too: whoever wants to change the drop's stock waits for it, locked first or not. */
export function rowOfDrop(dropId: string): { sql: string; params: unknown[] } {
  // NO KEY: who inserts a reservation without having locked the drop is stopped at the drop's counters, not before.
  return { sql: 'SELECT FROM drops WHERE id = $1 FOR NO KEY UPDATE', params: [dropId] };
}

/** Work that takes a drop, and then needs a user. */
interface DropThenUser<T> {
  readonly dropId: string;
  readonly userId: string;
  readonly work: () => Promise<T>;
}

/**
 * Has work run into a deadlock with a session that has the user and wants the drop. PostgreSQL ends whoever has waited for a
 * second, which is the service if the other one does not come later than that; if it does, other work is prepared for another
 * deadlock.
 *
 * @returns what the work comes to that PostgreSQL ended.
 */
export async function inDeadlock<T>(database: TestDatabase, prepare: () => Promise<DropThenUser<T>>): Promise<T> {
  for (;;) {
    const { dropId, userId, work } = await prepare();
    const lock = { sql: 'SELECT FROM users WHERE id = $1 FOR UPDATE', params: [userId] };
    const { hasDrop, outcome } = await whileLocked(database, lock, async ({ client, letGo }) => {
      const running = work();
      await untilWaiting(database);
      const hasDrop = await client.query('SELECT FROM drops WHERE id = $1 FOR UPDATE', [dropId]).then(
        () => true,
        (error: pg.DatabaseError) => error.code !== '40P01',
      );
      await letGo();
      return { hasDrop, outcome: await running };
    });
    if (hasDrop) return outcome;
  }
}

/** A client class for the service's pool that waits so many ms for a lock, in place of 5 s, and longer for a statement. */
export function withLockTimeout(timeout: number): PgClientClass {
  return class extends pg.Client {
    constructor(config?: string | pg.ClientConfig) {
      super({
        ...(config as pg.ClientConfig),
        lock_timeout: timeout,
        statement_timeout: Math.max(10_000, 2 * timeout),
      });
    }
  };
}
