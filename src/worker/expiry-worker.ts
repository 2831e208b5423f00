import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';
import { MAX_BATCH_SIZE, type StockContext } from '../inventory/stock-context.js';
import { findDueDrops } from '../inventory/queries/due-drops.queries.js';
import { reclaimOverdueHolds, writeReclaimedUnits } from '../inventory/queries/stock.queries.js';
import type { StockChange, StockTransactions } from '../inventory/stock-transaction.js';
import { isDatabaseAway } from '../lib/db/database-errors.js';
import type { Database, DatabaseHandle } from '../lib/db/database.js';
import type { Listening } from '../lib/db/listen.js';
import type { FailureLog } from '../lib/failure-log.js';
import type { Logger } from '../lib/logger.js';
import { createPollingLoop } from '../lib/polling-loop.js';
import type { InventoryMetrics } from '../inventory/inventory.metrics.js';

interface ExpiryWorkerDependencies {
  readonly db: Database;
  /** As in {@link DatabaseHandle}. */
  readonly listen: DatabaseHandle['listen'];
  readonly stockTransactions: StockTransactions;
  readonly metrics: InventoryMetrics;
  readonly logger: Logger;
  readonly failures: FailureLog;
}

/** See docs/adr/0011: a hold whose deadline the worker could not foresee expires at most this much late. */
const MAX_SLEEP_MS = 200;
/** While no hold is active. The first one wakes the worker, unless it was made elsewhere and nothing notifies: docs/adr/0040. */
const MAX_IDLE_SLEEP_MS = 7_500;
/** As in the trigger drops_notify_first_hold. */
const FIRST_HOLD = { name: 'drop_inventory_first_hold', lockKey: 4_067_243_101 };
/** Holds that expire within this window are reclaimed in one transaction. */
const COALESCE_WINDOW_MS = 20;
const LOCKED_RETRY_MS = 50;
/** After this many attempts on a locked drop, the worker checks whether the drop is still due. */
const MAX_LOCKED_ATTEMPTS = 20;
/** Short, so that holds expire soon after the database is back. */
const UNAVAILABLE_RETRY_MS = 100;
/** Pauses between attempts on a drop that fails: doubled each time. */
const MIN_BACKOFF_MS = 250;
const MAX_BACKOFF_MS = 5_000;
/** Due drops that may wait for a sweep; more are not read. */
const MAX_WAITING_DROPS = 100;
/** Each takes a connection. More would compete with buyers for PostgreSQL's processors. */
const MAX_CONCURRENT_SWEEPS = 2;

/**
 * Reclaims the units of expired holds. Any number of workers may run, in any number of processes: each sweep takes the drop's
 * lock. Every stock transaction reclaims overdue holds first; the worker only makes sure that there is one.
 */
export function createExpiryWorker(dependencies: ExpiryWorkerDependencies) {
  const { db, listen, stockTransactions, metrics, logger, failures } = dependencies;
  const sweeps = new Map<string, Promise<void>>();
  /** Whether the last poll found no active hold. */
  let isIdle = false;
  /** Whether a hold may have become active since the last poll began. */
  let mayHaveNewHolds = false;
  let listening: Listening | undefined;
  const limitConcurrency = pLimit(MAX_CONCURRENT_SWEEPS);

  /** Runs one stock transaction that only reclaims: it has no requests to decide about. */
  async function sweep(context: StockContext): Promise<StockChange<number>> {
    const { drop, reclaimed } = await reclaimOverdueHolds(context);
    const written = reclaimed.length > 0 ? await writeReclaimedUnits(context, reclaimed) : null;
    return { result: reclaimed.length, drop: written ?? drop, reclaimed, hasChanged: written !== null };
  }

  async function sweepOnce(dropId: string): Promise<'done' | 'more' | 'locked'> {
    // A locked drop is skipped: the transaction that holds the lock reclaims, and a stalled one must not delay other drops.
    const swept = await stockTransactions.run(dropId, sweep, { skipLocked: true, idempotent: true });
    if (!swept) return 'locked';
    return swept.result < MAX_BATCH_SIZE ? 'done' : 'more';
  }

  /**
   * Sweeps a drop until nothing is overdue, or until it has been locked for a second: it may have been deleted. The pauses
   * are this drop's own: a stuck or a large drop does not delay others.
   */
  async function sweepUntilDone(dropId: string, signal: AbortSignal): Promise<void> {
    let failedAttempts = 0;
    let hasReported = false;
    let lockedAttempts = 0;
    while (!signal.aborted && lockedAttempts < MAX_LOCKED_ATTEMPTS) {
      let pauseMs = 0;
      try {
        // Each transaction waits behind the transactions of other drops.
        const outcome = await limitConcurrency(() => (signal.aborted ? 'done' : sweepOnce(dropId)));
        if (hasReported) logger.info({ dropId, failures: failedAttempts }, 'Sweeping the drop works again');
        failedAttempts = 0;
        hasReported = false;
        if (outcome === 'done') return;
        lockedAttempts = outcome === 'locked' ? lockedAttempts + 1 : 0;
        if (outcome === 'locked') pauseMs = LOCKED_RETRY_MS;
      } catch (err) {
        metrics.sweepFailures.inc();
        const isAway = isDatabaseAway(err);
        if (!isAway) failedAttempts += 1;
        pauseMs = isAway ? UNAVAILABLE_RETRY_MS : backoffMs(failedAttempts);
        if (!failures.record(err, 'sweep', { dropId }) && !hasReported) {
          logger.warn({ err, dropId }, 'Cannot sweep a drop, retrying');
          hasReported = true;
        }
      }
      if (pauseMs > 0) await sleepUntil(pauseMs, signal);
    }
  }

  /** Starts a sweep of each due drop that has none. Returns the time to sleep. */
  async function poll(signal: AbortSignal): Promise<number> {
    const startedAt = performance.now();
    mayHaveNewHolds = false;
    const room = MAX_WAITING_DROPS - limitConcurrency.pendingCount;
    const { dropIds, nextInMs } = await findDueDrops(db, room, [...sweeps.keys()]);
    for (const dropId of dropIds) {
      const ended = sweepUntilDone(dropId, signal).finally(() => sweeps.delete(dropId));
      sweeps.set(dropId, ended);
    }
    isIdle = nextInMs === null && sweeps.size === 0 && !mayHaveNewHolds;
    if (isIdle) return pauseWhileIdle();
    if (listening?.isRequested) await listening.cancel();
    if (dropIds.length === room) return COALESCE_WINDOW_MS;
    // The pause is at least as long as the query took, so that reading due drops takes half of the time at most.
    const minMs = Math.max(sweeps.size > 0 ? COALESCE_WINDOW_MS : 0, performance.now() - startedAt);
    return pauseUntil(nextInMs, minMs);
  }

  async function pauseWhileIdle(): Promise<number> {
    if (!listening || listening.isRequested) return MAX_IDLE_SLEEP_MS;
    const outcome = await listening.request();
    // Holds that were committed before the lock was taken are found by one more poll.
    if (outcome === 'taken') return 0;
    return outcome === 'sending' ? MAX_SLEEP_MS : MAX_IDLE_SLEEP_MS;
  }

  const loop = createPollingLoop({
    poll,
    retryDelayMs: UNAVAILABLE_RETRY_MS,
    onError: () => {
      metrics.sweepFailures.inc();
    },
    report: {
      logger,
      failures,
      affected: 'sweep',
      failed: 'Cannot read due drops, retrying',
      recovered: 'Reading due drops works again',
    },
  });

  function wake(): void {
    mayHaveNewHolds = true;
    if (isIdle) loop.wake();
  }

  return {
    /** Sweeps until stop(). Never throws: a failed sweep is logged and retried. */
    start() {
      loop.start();
      listening ??= listen(FIRST_HOLD, wake);
    },
    /** Looks for due holds soon: call it after a commit with which a hold is active. */
    wake,
    /** Whether no hold was active at the last poll. */
    get isIdle() {
      return isIdle;
    },
    /** Resolves when the transactions in flight have ended. */
    async stop() {
      await loop.stop();
      await listening?.stop();
      listening = undefined;
      await Promise.all(sweeps.values());
    },
    /**
     * Runs one transaction for each drop with overdue holds. Returns how many drops were swept, how many failed, and how many
     * were skipped because another transaction held their lock.
     */
    async runOnce() {
      const result = { swept: 0, failed: 0, locked: 0 };
      const { dropIds } = await findDueDrops(db, MAX_WAITING_DROPS);
      const outcomes = await Promise.allSettled(dropIds.map((dropId) => limitConcurrency(() => sweepOnce(dropId))));
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') result.failed += 1;
        else result[outcome.value === 'locked' ? 'locked' : 'swept'] += 1;
      }
      return result;
    },
  };
}

/** Milliseconds to sleep until the next hold expires, but at least `minMs` and at most {@link MAX_SLEEP_MS}. */
function pauseUntil(nextInMs: number | null, minMs: number): number {
  // A timer may fire a fraction of a millisecond early, before the hold is overdue.
  const next = nextInMs === null ? MAX_SLEEP_MS : nextInMs + 1;
  return Math.min(MAX_SLEEP_MS, Math.max(minMs, next));
}

function backoffMs(failedAttempts: number): number {
  return Math.min(MAX_BACKOFF_MS, MIN_BACKOFF_MS * 2 ** (failedAttempts - 1));
}

async function sleepUntil(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
