import { setTimeout as sleep } from 'node:timers/promises';
import { OutcomeUnknownError } from '../errors/index.js';
import type { Database, Transaction } from './database.js';
import { classifyDatabaseError, toClientError } from './database-errors.js';
import { isReadTimeout } from './service-client.js';

const MAX_ATTEMPTS = 4;
const RETRY_BASE_MS = 10;
/** After a longer outage a transaction is not retried: its clients get 503. */
const MAX_RECONNECT_MS = 2_000;

/** Why a transaction runs again: a conflict with another one, a lost connection, or a lost answer to its COMMIT. */
export type RetryCause = 'conflict' | 'connection' | 'commit';

interface TransactionOptions {
  /**
   * `handler` finds the rows of an earlier run by ids that were chosen before it. It then also runs again when the connection
   * is lost during COMMIT, and so determines whether that was committed.
   */
  readonly idempotent?: boolean;
  readonly onRetry?: (cause: RetryCause, error: unknown) => void;
}

/**
 * Runs `handler` in one interactive transaction, READ COMMITTED. `handler` contains nothing but SQL: it runs again, at most
 * three times, after a deadlock, a serialization failure, a prepared statement that cannot be used, or a connection that was
 * lost before COMMIT.
 *
 * @param handler receives whether an earlier run may have been committed.
 * @throws {UnavailableError} the database is unavailable; nothing was written.
 * @throws {OverloadedError} the wait for a lock or a connection took too long; nothing was written.
 * @throws {OutcomeUnknownError} the connection was lost during COMMIT; the transaction may have been committed.
 * @throws whatever `handler` throws; the transaction is rolled back.
 */
export async function inTransaction<T>(
  db: Database,
  handler: (tx: Transaction, mayHaveCommitted: boolean) => Promise<T>,
  { idempotent = false, onRetry }: TransactionOptions = {},
): Promise<T> {
  /** When the database last answered, by `performance.now()`. */
  let answeredAt = performance.now();
  let lost: OutcomeUnknownError | undefined;
  for (let attempt = 1; ; attempt += 1) {
    let handlerDone = false;
    try {
      return await db.$transaction(async (tx) => {
        try {
          const result = await handler(tx, lost !== undefined);
          handlerDone = true;
          answeredAt = performance.now();
          return result;
        } catch (error) {
          // The database answered just now, however long it waited for a lock, unless the read timeout ended the wait.
          if (!isReadTimeout(error)) answeredAt = performance.now();
          throw error;
        }
      });
    } catch (error) {
      const failure = toClientError(error, handlerDone);
      if (failure instanceof OutcomeUnknownError) lost = failure;
      const cause = causeToRetry(error, failure);
      const mayRetry =
        cause === 'conflict' ||
        (cause === 'commit' && idempotent) ||
        (cause === 'connection' && performance.now() - answeredAt < MAX_RECONNECT_MS);
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
