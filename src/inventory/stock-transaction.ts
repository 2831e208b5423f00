import type { Database, Transaction } from '../lib/db/database.js';
import { PREPARED } from '../lib/db/prepared-statements.js';
import { inTransaction, type RetryCause } from '../lib/db/transaction.js';
import type { FailureLog } from '../lib/failure-log.js';
import type { Logger } from '../lib/logger.js';
import type { Publish } from '../lib/publish.js';
import type { DropRow } from './drop-row.js';
import type { InventoryMetrics } from './inventory.metrics.js';
import { toInventoryUpdate, type StockEvents } from './inventory.schema.js';
import type { StockContext, ReclaimedHold } from './stock-context.js';
import { findStillReclaimed } from './queries/reclaim.queries.js';

/** What the load, decide and write steps of a stock transaction return. */
export interface StockChange<Result> {
  readonly result: Result;
  /** The drop as the transaction leaves it. */
  readonly drop: DropRow;
  readonly reclaimed: readonly ReclaimedHold[];
  /** Whether the drop's counters were written. */
  readonly hasChanged: boolean;
}

/**
 * Steps 2 to 4: load, decide, write. They contain nothing but SQL and pure functions. A refusal is part of the result: an
 * exception would roll back the holds that the load step reclaimed.
 */
type StockSteps<Result> = (context: StockContext) => Promise<StockChange<Result>>;

interface StockTransactionOptions {
  /**
   * Returns null instead of waiting if another transaction holds the lock, and never keeps other transactions waiting for
   * longer than a second, even if this process stalls.
   */
  readonly skipLocked?: boolean;
  /** The steps find the rows that an earlier run wrote, and so may run again after the answer to a COMMIT was lost. */
  readonly idempotent?: boolean;
}

export interface StockTransactions {
  /**
   * Runs one stock transaction: locks the drop, runs `steps`, commits, and publishes every change of stock.
   *
   * @returns the result and the drop after the transaction; null if the drop does not exist.
   * @throws {UnavailableError | OverloadedError | OutcomeUnknownError} as {@link inTransaction}. The last also if the drop was
   * deleted after a COMMIT whose answer was lost.
   */
  run<Result>(
    dropId: string,
    steps: StockSteps<Result>,
    options?: StockTransactionOptions,
  ): Promise<{ readonly result: Result; readonly drop: DropRow } | null>;
}

interface StockTransactionDependencies {
  readonly db: Database;
  readonly publish: Publish<StockEvents>;
  readonly metrics: InventoryMetrics;
  readonly logger: Logger;
  readonly failures: FailureLog;
}

/** Creates the only way to change the stock of a drop that exists. */
export function createStockTransactions({
  db,
  publish,
  metrics,
  logger,
  failures,
}: StockTransactionDependencies): StockTransactions {
  async function lock(tx: Transaction, dropId: string): Promise<boolean> {
    const startedAt = performance.now();
    try {
      return await lockDrop(tx, dropId);
    } finally {
      // Failed waits are recorded as well.
      metrics.lockWait.observe((performance.now() - startedAt) / 1000);
    }
  }

  function publishChange({ drop, reclaimed, hasChanged }: Omit<StockChange<unknown>, 'result'>): void {
    const expired = reclaimed.filter(({ status }) => status === 'expired');
    metrics.holdsExpired.inc(expired.length);
    for (const { id: reservationId, userId, lateSeconds } of expired) {
      metrics.expiryLateness.observe(lateSeconds);
      publish('reservation_update', { reservationId, dropId: drop.id, userId, availableStock: drop.availableStock });
    }
    if (hasChanged) publish('inventory_update', toInventoryUpdate(drop));
  }

  function onRetry(dropId: string, cause: RetryCause, err: unknown): void {
    metrics.transactionFallbacks.inc({ way: `retry after ${cause}` });
    const isLogged = failures.record(err, 'transaction run again', { dropId, retry: cause });
    if (!isLogged) logger.warn({ err, dropId, cause }, 'Retrying a stock transaction');
  }

  return {
    async run<Result>(dropId: string, steps: StockSteps<Result>, options: StockTransactionOptions = {}) {
      const { skipLocked = false, idempotent = false } = options;
      let reclaimed: readonly ReclaimedHold[] = [];

      const change = await inTransaction(
        db,
        async (tx, mayHaveCommitted) => {
          // 1. Lock. After a lost COMMIT the outcome has to be found, however long another transaction holds the lock.
          const isLocked = skipLocked && !mayHaveCommitted ? await tryToLockDrop(tx, dropId) : await lock(tx, dropId);
          if (!isLocked && mayHaveCommitted) {
            throw new Error(`drop ${dropId} was deleted after a commit whose answer was lost`);
          }
          if (!isLocked) return null;

          // 2 to 4. Load, decide, write
          const done = await steps({ tx, dropId, mayHaveCommitted });

          // Holds that a committed earlier run reclaimed are not reclaimed again, and not published yet.
          const earlier = mayHaveCommitted ? await findStillReclaimed(tx, reclaimed) : [];
          reclaimed = unionById(earlier, done.reclaimed);
          return { ...done, hasChanged: done.hasChanged || mayHaveCommitted };
        },
        {
          idempotent,
          onRetry: (cause, error) => {
            onRetry(dropId, cause, error);
          },
        },
      );

      // 5. Publish: inTransaction() has committed
      if (!change) return null;
      publishChange({ ...change, reclaimed });
      return { result: change.result, drop: change.drop };
    },
  };
}

/**
 * Locks the drop's row. A statement of its own: what a locking SELECT computes may be computed before it waits for the lock.
 *
 * @returns false if the drop does not exist.
 */
async function lockDrop(tx: Transaction, dropId: string): Promise<boolean> {
  const rows = await tx.$queryRaw<unknown[]>`${PREPARED}
    SELECT d.id FROM drops d WHERE d.id = ${dropId}::uuid FOR UPDATE`;
  return rows.length > 0;
}

/**
 * Locks the drop's row unless another transaction holds the lock. For the rest of the transaction, a row that is locked is
 * waited for 250 ms at most, and PostgreSQL ends the session after it has been idle for 750 ms; the limits of a request are
 * longer (lib/db/pool-settings.ts).
 *
 * @returns false if the drop is locked or does not exist.
 */
async function tryToLockDrop(tx: Transaction, dropId: string): Promise<boolean> {
  const rows = await tx.$queryRaw<unknown[]>`${PREPARED}
    SELECT d.id, set_config('lock_timeout', '250ms', true), set_config('idle_in_transaction_session_timeout', '750ms', true)
    FROM drops d WHERE d.id = ${dropId}::uuid FOR UPDATE SKIP LOCKED`;
  return rows.length > 0;
}

function unionById(some: readonly ReclaimedHold[], others: readonly ReclaimedHold[]): ReclaimedHold[] {
  return [...new Map([...some, ...others].map((hold) => [hold.id, hold])).values()];
}
