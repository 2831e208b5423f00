import { createBatcher, type Batcher } from '../lib/batcher.js';
import { AppError } from '../lib/errors/index.js';
import type { Logger } from '../lib/logger.js';
import type { Metrics } from '../lib/metrics.js';
import { toIso } from '../lib/time.js';
import type { DropRow } from './drop-row.js';
import type { InventoryMetrics } from './inventory.metrics.js';
import { MAX_BATCH_SIZE, type StockContext } from './stock-context.js';
import type { StockChange, StockTransactions } from './stock-transaction.js';

/** One outcome for each request of a batch, in their order. A refusal is an AppError. */
export type BatchOutcomes<Outcome> = readonly (Outcome | AppError)[];

interface BatchSpec<Request, Outcome> {
  /** The kind of request, for the metrics and the log. */
  readonly name: string;
  /** A batch has one request of each user: a later one finds in its own batch what the first one did. */
  readonly userOf: (request: Request) => string;
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
  return <Request, Outcome>({ name, userOf, run }: BatchSpec<Request, Outcome>) => {
    async function runBatch(dropId: string, requests: readonly Request[]) {
      const done = await stockTransactions.run(dropId, (context) => run(context, requests), { idempotent: true });
      if (!done) return requests.map(() => null);
      const { result, drop } = done;
      const serverTime = toIso(drop.readAt);
      return result.map((outcome) => (outcome instanceof AppError ? outcome : { outcome, drop, serverTime }));
    }

    return createBatcher<Request, BatchResult<Outcome> | null>({
      ...limits,
      maxBatchSize: MAX_BATCH_SIZE,
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

/**
 * Runs a batch. If it fails for a reason that one of its requests may have caused, runs each half by itself, and so on: a
 * faulty request fails alone, and the others are served.
 *
 * @param run serves the requests together, or throws with nothing done.
 * @param maySplit whether a single request may have caused the failure; otherwise the failure is thrown.
 * @param onSplit called before each split.
 * @returns one outcome for each request, in their order; an Error for a request that failed.
 */
export async function runOrSplit<Request, Result>(
  requests: readonly Request[],
  run: (requests: readonly Request[]) => Promise<readonly (Result | Error)[]>,
  maySplit: (error: unknown) => boolean,
  onSplit: (error: unknown, size: number) => void,
): Promise<readonly (Result | Error)[]> {
  try {
    return await run(requests);
  } catch (error) {
    if (requests.length === 1 || !maySplit(error)) throw error;
    onSplit(error, requests.length);
    const middle = Math.ceil(requests.length / 2);
    const outcomes: (Result | Error)[] = [];
    // One after the other: both lock the same row, and the first half arrived first.
    for (const half of [requests.slice(0, middle), requests.slice(middle)]) {
      const outcome = await runOrSplit(half, run, maySplit, onSplit).catch((failure: unknown) =>
        half.map(() => (failure instanceof Error ? failure : new Error(String(failure)))),
      );
      outcomes.push(...outcome);
    }
    return outcomes;
  }
}
