import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../lib/db/database.js';
import type { Logger } from '../lib/logger.js';
import type { Metrics } from '../lib/metrics.js';
import type { DropLock } from '../lib/stock/drop-lock.js';
import { dropsWithOverdueHolds } from '../lib/stock/release-overdue.js';

interface ExpiryWorkerDependencies {
  readonly db: Database;
  readonly dropLock: DropLock;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

export interface ExpiryWorker {
  /** Begins sweeping, until stop(). Never throws: a failing sweep is logged and tried again. */
  start(): void;
  /** Ends after the sweep of the drop under way. */
  stop(): Promise<void>;
  /** One sweep of every drop with overdue holds; returns how many drops were swept and how many failed. */
  runOnce(): Promise<{ swept: number; failed: number }>;
}

/** ms. The longest sleep: what another process reserves, or an admin cancels, is noticed no later. */
const MAX_SLEEP = 500;
/** ms. How long to leave the database alone after a failure, doubled each time up to the second. */
const FIRST_BACKOFF = 250;
const MAX_BACKOFF = 5_000;
/** Drops swept between two looks at what is due. */
const DROPS_PER_SWEEP = 100;
/** Holds released in one transaction, so that buyers never wait long for the lock. */
const HOLDS_PER_BATCH = 1_000;

/**
 * Gives the units of expired holds back. Any number of workers may run at once, in any number of processes: each takes the
 * drop's lock, and what another released first is no longer there to release. The release itself is the first thing that
 * anybody does who takes the lock: all the worker adds is that somebody does.
 */
export function createExpiryWorker({ db, dropLock, metrics, logger }: ExpiryWorkerDependencies): ExpiryWorker {
  let running: { stopping: AbortController; ended: Promise<void> } | undefined;

  async function findDueDrops(): Promise<string[]> {
    const rows = await db.$queryRaw<{ id: string }[]>(dropsWithOverdueHolds(DROPS_PER_SWEEP));
    return rows.map(({ id }) => id);
  }

  async function sweep(signal?: AbortSignal): Promise<{ swept: number; failed: number }> {
    let swept = 0;
    let failed = 0;
    for (const dropId of await findDueDrops()) {
      if (signal?.aborted) break;
      try {
        await dropLock.withDrop(dropId, () => Promise.resolve(), { urgent: true, releaseAtMost: HOLDS_PER_BATCH });
        swept += 1;
      } catch (error) {
        failed += 1;
        metrics.sweepFailures.inc();
        logger.warn({ err: error, dropId }, 'a drop could not be swept; it will be tried again');
      }
    }
    return { swept, failed };
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
        const { failed } = await sweep(signal);
        failures = failed > 0 ? failures + 1 : 0;
        pause = failures > 0 ? backoff(failures) : await timeToNext();
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
