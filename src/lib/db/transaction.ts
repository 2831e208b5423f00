import { setTimeout as sleep } from 'node:timers/promises';
import { OutcomeUnknownError } from '../errors/index.js';
import type { Database, Transaction } from './database.js';
import { classifyDatabaseError, toClientError } from './database-errors.js';
import { isReadTimeout } from './service-client.js';

const MAX_ATTEMPTS = 4;
const RETRY_BASE_MS = 10;
/** ms. A database that has been away for so long is not waited for: its clients are told. */
const RECONNECT_WITHIN = 2_000;

/** ms. Prisma's defaults (2 s to get a connection, 5 s to finish) fail a crowd that is merely waiting its turn. */
const TRANSACTION_LIMITS = { maxWait: 10_000, timeout: 10_000 };

/** Why a transaction runs again: it was in another's way, its connection was lost, or the answer to its COMMIT was. */
export type RetryCause = 'conflict' | 'connection' | 'commit';

export interface TransactionOptions {
  /**
   * `work` can tell, by ids chosen before, what an earlier run of it has done already, if that was committed. Then it is
   * run again, and so finds out, when the connection is lost during COMMIT.
   */
  readonly idempotent?: boolean;
  /** Called before `work` runs again. */
  readonly onRetry?: (cause: RetryCause, error: unknown) => void;
}

/**
 * Runs `work` in one interactive transaction, READ COMMITTED. `work` holds nothing but SQL: it runs again, three times at
 * most, when PostgreSQL ended it for a deadlock, a serialization failure or a prepared statement that cannot be used, or the
 * connection was lost before COMMIT.
 *
 * @param work is told whether an earlier run may have been committed.
 * @throws {UnavailableError} the database is away; nothing happened.
 * @throws {OverloadedError} a lock or a connection was waited for too long; nothing happened.
 * @throws {OutcomeUnknownError} the connection was lost during COMMIT; it may have happened.
 * @throws whatever `work` throws; the transaction is rolled back.
 */
export async function inTransaction<T>(
  db: Database,
  work: (tx: Transaction, mayHaveCommitted: boolean) => Promise<T>,
  { idempotent = false, onRetry }: TransactionOptions = {},
): Promise<T> {
  let awaySince = performance.now();
  let lost: OutcomeUnknownError | undefined;
  for (let attempt = 1; ; attempt += 1) {
    let workDone = false;
    try {
      return await db.$transaction(async (tx) => {
        try {
          const result = await work(tx, lost !== undefined);
          workDone = true;
          awaySince = performance.now();
          return result;
        } catch (error) {
          // It was there until now, however long a lock was waited for; unless it had been silent all the time.
          if (!isReadTimeout(error)) awaySince = performance.now();
          throw error;
        }
      }, TRANSACTION_LIMITS);
    } catch (error) {
      const failure = toClientError(error, workDone);
      if (failure instanceof OutcomeUnknownError) lost = failure;
      const cause = causeToRetry(error, failure);
      const mayRetry =
        cause === 'conflict' ||
        (cause === 'commit' && idempotent) ||
        (cause === 'connection' && performance.now() - awaySince < RECONNECT_WITHIN);
      // Once a commit was lost, no later failure makes it undone.
      if (!mayRetry || attempt === MAX_ATTEMPTS) throw lost ?? failure;
      onRetry?.(cause, error);
      // Jitter, so that the two that collided do not meet again; doubled each time.
      await sleep(Math.random() * RETRY_BASE_MS * 2 ** attempt);
    }
  }
}

function causeToRetry(error: unknown, failure: unknown): RetryCause | null {
  if (failure instanceof OutcomeUnknownError) return 'commit';
  switch (classifyDatabaseError(error)?.kind) {
    case 'conflict':
      return 'conflict';
    case 'unavailable':
      return 'connection';
    default:
      return null;
  }
}
