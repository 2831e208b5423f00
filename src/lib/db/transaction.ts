import { setTimeout as sleep } from 'node:timers/promises';
import type { Database, Transaction } from './database.js';
import { classifyDatabaseError, toClientError } from './database-errors.js';

const MAX_ATTEMPTS = 4;
const RETRY_BASE_MS = 10;

/** ms. Prisma's defaults (2 s to get a connection, 5 s to finish) fail a crowd that is merely waiting its turn. */
const TRANSACTION_LIMITS = { maxWait: 10_000, timeout: 10_000 };

/**
 * Runs `work` in one interactive transaction, READ COMMITTED. `work` holds nothing but SQL: it may run again, three times
 * at most, when PostgreSQL ended it for a deadlock or a serialization failure.
 *
 * @throws {UnavailableError} the database is away; nothing happened.
 * @throws {OverloadedError} a lock or a connection was waited for too long; nothing happened.
 * @throws {OutcomeUnknownError} the connection was lost during COMMIT; it may have happened.
 * @throws whatever `work` throws; the transaction is rolled back.
 */
export async function inTransaction<T>(db: Database, work: (tx: Transaction) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    let workDone = false;
    try {
      return await db.$transaction(async (tx) => {
        const result = await work(tx);
        workDone = true;
        return result;
      }, TRANSACTION_LIMITS);
    } catch (error) {
      const passing = classifyDatabaseError(error)?.kind === 'conflict';
      if (!passing || attempt === MAX_ATTEMPTS) throw toClientError(error, workDone);
      // Jitter, so that the two that collided do not meet again; doubled each time.
      await sleep(Math.random() * RETRY_BASE_MS * 2 ** attempt);
    }
  }
}
