import { LRUCache } from 'lru-cache';
import type { CancellationSignal } from '../batcher.js';
import { createFairLimit } from '../fair-limit.js';
import type { BatchMetrics } from '../metrics.js';

/** Work with a password that needs the hashing threads, in a queue that is bounded by time and fair by address. */
export interface PasswordQueue {
  /**
   * Runs a task, at once or when its turn comes. The addresses take turns, and those with few tasks lately come first, so that
   * a flood from many addresses waits behind a person who signs in once.
   *
   * @throws {OverloadedError} if its turn is expected too late, or did not come in time.
   * @throws {RequestCancelledError} if the signal was aborted when its turn came.
   * @throws what the task throws.
   */
  run<Result>(address: string, task: () => Promise<Result>, signal?: CancellationSignal): Promise<Result>;
}

interface PasswordQueueOptions {
  /** Tasks that run at once: as many as there are hashing threads. */
  readonly maxRunning: number;
  /** The longest wait, after which a task still starts. */
  readonly maxWaitMs: number;
  readonly metrics: Pick<BatchMetrics, 'watchWaiting'>;
}

/** Only a bound of memory: the wait is bounded by time. */
const MAX_WAITING = 1_000;
/** Tasks of an address count for half after this time. */
const HALF_LIFE_MS = 10_000;
const MAX_ADDRESSES = 10_000;
/** Ranks of the queue: 1 task of an address lately, 2 or 3, 4 or more. */
const HIGHEST_RANK = 2;
/** What a task takes before one was measured. */
const INITIAL_TASK_MS = 80;
/** The weight of the last task in the average. */
const LAST_TASK_WEIGHT = 0.2;
/** A task that takes longer, as in an outage, counts as this. */
const MAX_TASK_MS = 500;

export function createPasswordQueue({ maxRunning, maxWaitMs, metrics }: PasswordQueueOptions): PasswordQueue {
  let taskMs = INITIAL_TASK_MS;
  const limit = createFairLimit({ maxRunning, maxWaiting: MAX_WAITING, maxWaitMs, taskMs: () => taskMs });
  const recent = new LRUCache<string, { readonly count: number; readonly at: number }>({ max: MAX_ADDRESSES });
  metrics.watchWaiting(limit.waiting);

  /** Counts a task of an address, and returns its rank. Tasks that are refused count as well. */
  function rankOf(address: string): number {
    const now = performance.now();
    const { count, at } = recent.get(address) ?? { count: 0, at: now };
    const current = count * 2 ** ((at - now) / HALF_LIFE_MS) + 1;
    recent.set(address, { count: current, at: now });
    // Two requests within a few seconds count a little less than 2.
    return Math.min(HIGHEST_RANK, Math.floor(Math.log2(current + 0.5)));
  }

  async function measure<Result>(task: () => Promise<Result>): Promise<Result> {
    const startedAt = performance.now();
    const result = await task();
    const tookMs = Math.min(MAX_TASK_MS, performance.now() - startedAt);
    taskMs += (tookMs - taskMs) * LAST_TASK_WEIGHT;
    return result;
  }

  return {
    run: (address, task, signal) => limit.run(address, () => measure(task), { signal, rank: rankOf(address) }),
  };
}
