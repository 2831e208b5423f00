import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';
import { isDatabaseAway } from '../lib/db/database-errors.js';
import type { Database } from '../lib/db/database.js';
import type { FailureLog } from '../lib/failure-log.js';
import type { Logger } from '../lib/logger.js';
import type { InventoryMetrics } from '../inventory/inventory.metrics.js';
import type { DropLock, LockOptions } from '../inventory/stock-transaction.js';
import { MAX_BATCH_SIZE } from '../inventory/open-drop.js';
import { findDueDrops } from '../inventory/due-drops.js';

interface ExpiryWorkerDependencies {
  readonly db: Database;
  readonly dropLock: DropLock;
  readonly metrics: InventoryMetrics;
  readonly logger: Logger;
  readonly failures: FailureLog;
}

/** How many drops were swept, how many failed, and how many were left since somebody else had them locked. */
interface SweepResult {
  readonly swept: number;
  readonly failed: number;
  readonly locked: number;
}

export interface ExpiryWorker {
  /** Begins sweeping, until stop(). Never throws: a failing sweep is logged and tried again. */
  start(): void;
  /** Ends after the transactions under way. */
  stop(): Promise<void>;
  /** One transaction for each drop with overdue holds. */
  runOnce(): Promise<SweepResult>;
}

/** ms. See docs/adr/0011: a hold that nobody could foresee is late by no more than this. */
const LONGEST_SLEEP = 200;
/** ms. In a rush a hold ends every moment: what ends within a breath is given back together. */
const BREATH = 20;
/** ms. How soon a drop is tried again that somebody else had locked; how often, before it is looked up again. */
const LOCKED_PAUSE = 50;
const LOCKED_TRIES = 20;
/** ms. Between two attempts while the database is away: not longer, so that holds expire soon after it is back. */
const AWAY_PAUSE = 100;
/** ms. How long to leave alone a drop that fails, doubled each time up to the second. */
const FIRST_BACKOFF = 250;
const MAX_BACKOFF = 5_000;
/** Drops that wait for their turn to be swept, at most; more are not looked for. */
const MAX_WAITING = 100;
/** Transactions at once, each with a connection. More keep PostgreSQL's processors, and their locks, from the buyers. */
const SWEEPS_AT_ONCE = 2;
/**
 * The worker waits for nobody: whoever has the lock has released what was overdue then, and a session that keeps it must
 * not hold up the other drops.
 */
const SWEEP: LockOptions = { skipLocked: true, idempotent: true };

/**
 * Gives the units of expired holds back. Any number of workers may run at once, in any number of processes: each takes the
 * drop's lock, and what another released first is no longer there to release. The release itself is the first thing that
 * anybody does who takes the lock: all the worker adds is that somebody does.
 */
export function createExpiryWorker({
  db,
  dropLock,
  metrics,
  logger,
  failures,
}: ExpiryWorkerDependencies): ExpiryWorker {
  let running: { stopping: AbortController; ended: Promise<void> } | undefined;
  const inTurn = pLimit(SWEEPS_AT_ONCE);

  /** One transaction. */
  async function sweepSome(dropId: string): Promise<'done' | 'more' | 'locked'> {
    const swept = await dropLock.withDrop(dropId, ({ released }) => Promise.resolve(released), SWEEP);
    if (!swept) return 'locked';
    return swept.result < MAX_BATCH_SIZE ? 'done' : 'more';
  }

  /**
   * Sweeps a drop until nothing is left, or it was found locked for a second: perhaps it is no longer there. Its pauses are
   * its own: neither a stuck drop nor a full one delays another.
   */
  async function sweepAll(dropId: string, signal: AbortSignal): Promise<void> {
    let failed = 0;
    let hasReported = false;
    let lockedTries = 0;
    while (!signal.aborted && lockedTries < LOCKED_TRIES) {
      let pause = 0;
      try {
        // Each transaction queues again, behind those of the other drops.
        const outcome = await inTurn(() => (signal.aborted ? 'done' : sweepSome(dropId)));
        if (hasReported) logger.info({ dropId, failures: failed }, 'the drop is swept again');
        failed = 0;
        hasReported = false;
        if (outcome === 'done') return;
        lockedTries = outcome === 'locked' ? lockedTries + 1 : 0;
        if (outcome === 'locked') pause = LOCKED_PAUSE;
      } catch (err) {
        metrics.sweepFailures.inc();
        const isAway = isDatabaseAway(err);
        if (!isAway) failed += 1;
        pause = isAway ? AWAY_PAUSE : backoff(failed);
        if (!failures.record(err, 'sweep', { dropId }) && !hasReported) {
          logger.warn({ err, dropId }, 'a drop cannot be swept; it is tried again and again');
          hasReported = true;
        }
      }
      if (pause > 0) await sleepUntil(pause, signal);
    }
  }

  async function loop(signal: AbortSignal): Promise<void> {
    const sweeps = new Map<string, Promise<void>>();
    let hasReported = false;
    while (!signal.aborted) {
      const begun = performance.now();
      let pause: number;
      try {
        const room = MAX_WAITING - inTurn.pendingCount;
        const { dropIds, nextIn } = await findDueDrops(db, room, [...sweeps.keys()]);
        if (hasReported) logger.info('expired holds are swept again');
        hasReported = false;
        for (const dropId of dropIds) {
          const sweep = sweepAll(dropId, signal).finally(() => sweeps.delete(dropId));
          sweeps.set(dropId, sweep);
        }
        // However many drops there are to look at: no more than half of the time.
        const least = Math.max(sweeps.size > 0 ? BREATH : 0, performance.now() - begun);
        pause = dropIds.length === room ? BREATH : pauseUntil(nextIn, least);
      } catch (err) {
        pause = AWAY_PAUSE;
        metrics.sweepFailures.inc();
        if (!failures.record(err, 'sweep') && !hasReported) {
          logger.warn({ err }, 'due drops cannot be read; it is tried again and again');
          hasReported = true;
        }
      }
      await sleepUntil(pause, signal);
    }
    await Promise.all(sweeps.values());
  }

  return {
    start() {
      if (running) return;
      const stopping = new AbortController();
      running = { stopping, ended: loop(stopping.signal) };
    },
    async stop() {
      running?.stopping.abort();
      await running?.ended;
      running = undefined;
    },
    async runOnce() {
      const result = { swept: 0, failed: 0, locked: 0 };
      const { dropIds } = await findDueDrops(db, MAX_WAITING);
      const outcomes = await Promise.allSettled(dropIds.map((dropId) => inTurn(() => sweepSome(dropId))));
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') result.failed += 1;
        else result[outcome.value === 'locked' ? 'locked' : 'swept'] += 1;
      }
      return result;
    },
  };
}

/** ms to sleep after a look: until the next hold ends, but neither for long nor for less than `least`. */
function pauseUntil(nextIn: number | null, least: number): number {
  // A timer may fire a fraction of a millisecond early, and would find nothing.
  const next = nextIn === null ? LONGEST_SLEEP : nextIn + 1;
  return Math.min(LONGEST_SLEEP, Math.max(least, next));
}

function backoff(failures: number): number {
  return Math.min(MAX_BACKOFF, FIRST_BACKOFF * 2 ** (failures - 1));
}

async function sleepUntil(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
