import type { Prisma } from '../generated/prisma/client.js';
import { createBatcher, type Batcher } from '../lib/batcher.js';
import { AppError } from '../lib/errors/index.js';
import type { Logger } from '../lib/logger.js';
import type { Metrics } from '../lib/metrics.js';
import type { InventoryMetrics } from './inventory.metrics.js';
import { runOrSplit } from './run-or-split.js';
import type { DropLock, LockedDrop } from './stock-transaction.js';
import { toIso } from '../lib/time.js';
import type { DropRow } from './drop-row.js';
import { MAX_BATCH_SIZE } from './open-drop.js';

/** How one kind of request is served in batches. */
interface BatchSpec<Request, Decision, Facts> {
  /** The kind, for the metrics and the log. */
  readonly name: string;
  /** One a batch: by which user. The second request of a user finds what the first has come to. */
  readonly userOf: (request: Request) => string;
  /**
   * What has to be known under the lock, as an SQL expression about the drop `d`. If an earlier run may have been committed:
   * also each row that it may have written, found by the id chosen before.
   */
  readonly facts: (requests: readonly Request[], mayHaveCommitted: boolean) => Prisma.Sql;
  /**
   * Serves a batch under the lock: one decision a request, in their order; a refusal is an AppError. It may run again after
   * it was committed. Then the decision on a request whose row is there is that row as it is now, never a refusal.
   */
  readonly work: (drop: LockedDrop<Facts>, requests: readonly Request[]) => Promise<readonly (Decision | AppError)[]>;
}

/** What one request came to, and the drop as its batch left it. */
export interface Decided<Decision> {
  readonly decision: Decision;
  readonly row: DropRow;
  /** When `row` was read, by the database's clock: ISO 8601. */
  readonly serverTime: string;
}

/**
 * Makes a batcher whose key is a drop's id, and whose batches are one transaction each, under the drop's lock. It gives null
 * if there is no such drop.
 */
export type DropBatches = <Request, Decision, Facts>(
  spec: BatchSpec<Request, Decision, Facts>,
) => Batcher<Request, Decided<Decision> | null>;

interface DropBatchesDependencies {
  readonly dropLock: DropLock;
  readonly metrics: Metrics & InventoryMetrics;
  readonly logger: Logger;
  /** Transactions at once of each kind; each has a connection. */
  readonly maxRunning: number;
  /** As {@link createBatcher}. */
  readonly maxWaiting?: number;
  /** ms. As {@link createBatcher}. */
  readonly maxWait?: number;
}

export function createDropBatches({ dropLock, metrics, logger, ...limits }: DropBatchesDependencies): DropBatches {
  return <Request, Decision, Facts>({ name, userOf, facts, work }: BatchSpec<Request, Decision, Facts>) => {
    async function runWhole(dropId: string, requests: readonly Request[]) {
      const done = await dropLock.withDrop<readonly (Decision | AppError)[], Facts>(
        dropId,
        (drop) => work(drop, requests),
        {
          users: requests.map(userOf),
          facts: (mayHaveCommitted) => facts(requests, mayHaveCommitted),
          idempotent: true,
        },
      );
      if (!done) return requests.map(() => null);
      const { result, row } = done;
      const serverTime = toIso(row.readAt);
      return result.map((decision) => (decision instanceof AppError ? decision : { decision, row, serverTime }));
    }

    return createBatcher<Request, Decided<Decision> | null>({
      ...limits,
      maxBatch: MAX_BATCH_SIZE,
      distinctBy: userOf,
      metrics: metrics.ofBatcher(name),
      run: (dropId, requests) =>
        runOrSplit(
          requests,
          (part) => runWhole(dropId, part),
          // The service's own errors say that the database is away or overloaded: that is nobody's fault.
          (error) => !(error instanceof AppError),
          (err, size) => {
            metrics.transactionFallbacks.inc({ way: 'split' });
            logger.warn({ err, batcher: name, dropId, size }, 'a batch failed and is split');
          },
        ),
    });
  };
}
