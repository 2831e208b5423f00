import { createBatcher, runOrSplit, type Batcher } from '../lib/batcher.js';
import type { Database, Transaction } from '../lib/db/database.js';
import { inTransaction, type RetryCause } from '../lib/db/transaction.js';
import { AppError } from '../lib/errors/index.js';
import type { FailureLog } from '../lib/failure-log.js';
import type { Logger } from '../lib/logger.js';
import type { Metrics } from '../lib/metrics.js';
import type { Publish } from '../lib/publish.js';
import { toIso } from '../lib/time.js';
import type { DropRow } from './drop-row.js';
import type { InventoryMetrics } from './inventory.metrics.js';
import { toInventorySnapshot } from './inventory-snapshot.js';
import type { StockEvents } from './inventory.schema.js';
import { MAX_BATCH_SIZE, type ReclaimedHold, type StockContext } from './stock-context.js';
import { findStillReclaimed, lockDrop, tryToLockDrop } from './queries/stock.queries.js';

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
    for (const { lateSeconds } of expired) metrics.expiryLateness.observe(lateSeconds);
    const { id: dropId, availableStock } = drop;
    for (const { id: reservationId, userId, status, reason } of reclaimed) {
      publish('reservation_update', {
        reservationId,
        dropId,
        userId,
        availableStock,
        status,
        ...(reason && { reason }),
      });
    }
    if (hasChanged) publish('inventory_update', toInventorySnapshot(drop));
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

function unionById(some: readonly ReclaimedHold[], others: readonly ReclaimedHold[]): ReclaimedHold[] {
  return [...new Map([...some, ...others].map((hold) => [hold.id, hold])).values()];
}

/** One outcome for each request of a batch, in their order. A refusal is an AppError. */
export type BatchOutcomes<Outcome> = readonly (Outcome | AppError)[];

interface BatchSpec<Request, Outcome> {
  /** The kind of request, for the metrics and the log. */
  readonly name: string;
  /** A batch has one request of each user: a later one finds in its own batch what the first one did. */
  readonly userOf: (request: Request) => string;
  /** Default: {@link MAX_BATCH_SIZE}. */
  readonly maxBatchSize?: number;
  /**
   * Loads, decides and writes for a batch, under the drop's lock. After a lost COMMIT it runs again: the outcome of a request
   * whose row exists is that row as it is now, never a refusal.
   */
  readonly run: (context: StockContext, requests: readonly Request[]) => Promise<StockChange<BatchOutcomes<Outcome>>>;
}

export interface BatchResult<Outcome> {
  readonly outcome: Outcome;
  readonly drop: DropRow;
  /** When `drop` was read, by the database's clock: ISO 8601. */
  readonly serverTime: string;
}

/**
 * Creates a batcher whose key is a drop's id and whose batches are one stock transaction each. Its result is null if the drop
 * does not exist.
 */
export type StockBatches = <Request, Outcome>(
  spec: BatchSpec<Request, Outcome>,
) => Batcher<Request, BatchResult<Outcome> | null>;

interface StockBatchesDependencies {
  readonly stockTransactions: StockTransactions;
  readonly metrics: Metrics & InventoryMetrics;
  readonly logger: Logger;
  /** The most transactions of one kind at a time; each takes a connection. */
  readonly maxRunning: number;
  /** As in {@link createBatcher}. */
  readonly maxWaiting?: number;
  /** As in {@link createBatcher}. */
  readonly queueTimeoutMs?: number | undefined;
}

export function createStockBatches({
  stockTransactions,
  metrics,
  logger,
  ...limits
}: StockBatchesDependencies): StockBatches {
  return <Request, Outcome>({ name, userOf, maxBatchSize = MAX_BATCH_SIZE, run }: BatchSpec<Request, Outcome>) => {
    async function runBatch(dropId: string, requests: readonly Request[]) {
      const done = await stockTransactions.run(dropId, (context) => run(context, requests), { idempotent: true });
      if (!done) return requests.map(() => null);
      const { result, drop } = done;
      const serverTime = toIso(drop.readAt);
      return result.map((outcome) => (outcome instanceof AppError ? outcome : { outcome, drop, serverTime }));
    }

    return createBatcher<Request, BatchResult<Outcome> | null>({
      ...limits,
      maxBatchSize,
      distinctBy: userOf,
      metrics: metrics.ofBatcher(name),
      run: (dropId, requests) =>
        runOrSplit(
          requests,
          (part) => runBatch(dropId, part),
          // An AppError means that the database is unavailable or overloaded: no single request causes that.
          (error) => !(error instanceof AppError),
          (err, size) => {
            metrics.transactionFallbacks.inc({ way: 'split' });
            logger.warn({ err, batcher: name, dropId, size }, 'Splitting a batch that failed');
          },
        ),
    });
  };
}
