import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../lib/db/database.js';
import type { Logger } from '../lib/logger.js';
import type { Metrics } from '../lib/metrics.js';
import type { DropLock, LockOptions } from '../lib/stock/drop-lock.js';
import { dropsWithOverdueHolds } from '../lib/stock/open-drop.js';

interface ExpiryWorkerDependencies {
  readonly db: Database;
  readonly dropLock: DropLock;
  readonly metrics: Metrics;
  readonly logger: Logger;
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
  /** Ends after the sweep of the drop under way. */
  stop(): Promise<void>;
  /** One sweep of the drops with overdue holds. */
  runOnce(): Promise<SweepResult>;
}

/** ms. The longest sleep: what another process reserves, or an admin cancels, is noticed no later. */
const MAX_SLEEP = 500;
/** ms. How long to leave a database alone that does not answer, doubled each time up to the second. */
const FIRST_BACKOFF = 250;
const MAX_BACKOFF = 5_000;
/** Drops swept between two looks at what is due. */
const DROPS_PER_SWEEP = 100;
/**
 * The worker waits for nobody: whoever has the lock has released what was overdue then, and a session that keeps it must
 * not hold up the other drops.
 */
const SWEEP: LockOptions = { skipLocked: true };

/**
 * Gives the units of expired holds back. Any number of workers may run at once, in any number of processes: each takes the
 * drop's lock, and what another released first is no longer there to release. The release itself is the first thing that
 * anybody does who takes the lock: all the worker adds is that somebody does.
 */
export function createExpiryWorker({ db, dropLock, metrics, logger }: ExpiryWorkerDependencies): ExpiryWorker {
  let running: { stopping: AbortController; ended: Promise<void> } | undefined;
  /** The drops whose last sweep failed: each failure is logged when it begins, not twice a second. */
  const failing = new Set<string>();

  async function findDueDrops(): Promise<string[]> {
    const rows = await db.$queryRaw<{ id: string }[]>(dropsWithOverdueHolds(DROPS_PER_SWEEP));
    return rows.map(({ id }) => id);
  }

  async function sweep(signal?: AbortSignal): Promise<SweepResult> {
    const result = { swept: 0, failed: 0, locked: 0 };
    for (const dropId of await findDueDrops()) {
      if (signal?.aborted) break;
      try {
        const swept = await dropLock.withDrop(dropId, () => Promise.resolve(true), SWEEP);
        result[swept ? 'swept' : 'locked'] += 1;
        failing.delete(dropId);
      } catch (error) {
        result.failed += 1;
        metrics.sweepFailures.inc();
        if (!failing.has(dropId))
          logger.warn({ err: error, dropId }, 'a drop cannot be swept; it is tried again and again');
        failing.add(dropId);
      }
    }
    return result;
  }

  /** ms until the next hold ends, at most MAX_SLEEP; by the database's clock, as everything about a hold. */
  async function timeToNext(): Promise<number> {
    const [row] = await db.$queryRaw<{ ms: number | null }[]>`
      SELECT ceil(extract(epoch FROM min(expires_at) - clock_timestamp()) * 1000)::float8 AS ms
      FROM reservations WHERE status = 'active'`;
    return Math.min(MAX_SLEEP, Math.max(0, row?.ms ?? MAX_SLEEP));
  }

  async function loop(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      let pause: number;
      try {
        const { failed, locked } = await sweep(signal);
        failures = 0;
        // A drop that was left keeps its overdue holds: without a pause it would be looked at all the time; with a growing
        // one, the others would wait for it.
        pause = failed + locked > 0 ? MAX_SLEEP : await timeToNext();
      } catch (error) {
        failures += 1;
        pause = backoff(failures);
        metrics.sweepFailures.inc();
        if (failures === 1) logger.warn({ err: error }, 'expired holds cannot be swept: the database is away');
      }
      await sleep(pause, undefined, { signal }).catch(() => undefined);
    }
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
    runOnce: () => sweep(),
  };
}

function backoff(failures: number): number {
  return Math.min(MAX_BACKOFF, FIRST_BACKOFF * 2 ** (failures - 1));
}
