import { OverloadedError } from './errors/index.js';
import { RequestCancelledError, type CancellationSignal } from './batcher.js';
import { createFairQueue } from './fair-queue.js';

interface FairLimitOptions {
  /** Tasks that run at once. */
  readonly maxRunning: number;
  /** Tasks that wait, of all keys together. */
  readonly maxWaiting: number;
  /** The longest wait after which a task still starts. */
  readonly maxWaitMs: number;
  /** How long a task takes, by experience. Given, a task that would wait too long is refused before it waits. */
  readonly taskMs?: () => number;
}

interface TaskOptions {
  /** Aborted when the result is no longer needed: the task does not start. */
  readonly signal?: CancellationSignal | undefined;
  /** Tasks of a lower rank start first; default 0. The waiting tasks of the key that have a lower one get this one as well. */
  readonly rank?: number;
}

export interface FairLimit {
  /**
   * Runs a task, at once or when its turn comes. Within a rank the keys take turns, and the tasks of a key run in their order.
   *
   * @throws {OverloadedError} at once if the key has as many waiting tasks as there are free places, so that one key takes at
   * most half of the places, two keys a third each, and there is always one left for another key; or if its turn is expected
   * too late. And after too long a wait.
   * @throws {RequestCancelledError} if the signal was aborted when its turn came.
   * @throws what the task throws.
   */
  run<Result>(key: string, task: () => Promise<Result>, options?: TaskOptions): Promise<Result>;
  /** The number of waiting tasks. */
  waiting(): number;
}

interface Waiting {
  readonly signal: CancellationSignal | undefined;
  /** In the time of `performance.now()`. */
  readonly since: number;
  readonly start: () => void;
  readonly reject: (error: Error) => void;
}

/** Tasks whose time is up within this time are rejected together. */
const DEADLINE_STEP_MS = 20;

/** Limits how many tasks run at once, and shares the waiting time fairly between their keys. */
export function createFairLimit({ maxRunning, maxWaiting, maxWaitMs, taskMs }: FairLimitOptions): FairLimit {
  const queue = createFairQueue<Waiting>();
  let running = 0;
  let deadline: NodeJS.Timeout | undefined;

  function mayWait(key: string, rank: number): boolean {
    if (queue.sizeOf(key, rank) >= maxWaiting - queue.size()) return false;
    // The tasks that run now count as one more before it.
    return !taskMs || ((queue.countBefore(key, rank) + 1) * taskMs()) / maxRunning <= maxWaitMs;
  }

  function turn(key: string, { signal, rank = 0 }: TaskOptions): Promise<void> {
    queue.demote(key, rank);
    if (!mayWait(key, rank)) return Promise.reject(new OverloadedError());
    return new Promise((start, reject) => {
      queue.add(key, rank, { signal, since: performance.now(), start, reject });
      watchDeadlines();
      startWaiting();
    });
  }

  function startWaiting(): void {
    while (running < maxRunning) {
      const next = queue.take();
      if (!next) return;
      if (next.signal?.aborted) next.reject(new RequestCancelledError('The caller was cancelled'));
      else if (performance.now() - next.since > maxWaitMs) next.reject(new OverloadedError());
      else {
        running += 1;
        next.start();
      }
    }
  }

  /** Rejects what has waited too long even if no running task ends. One timer serves all tasks. */
  function watchDeadlines(): void {
    const oldest = queue.oldest();
    if (deadline || !oldest) return;
    const leftMs = oldest.since + maxWaitMs - performance.now();
    deadline = setTimeout(rejectOverdue, Math.max(0, leftMs) + DEADLINE_STEP_MS).unref();
  }

  function rejectOverdue(): void {
    deadline = undefined;
    const lastMoment = performance.now() - maxWaitMs;
    for (const { reject } of queue.removeUntil(({ since }) => since >= lastMoment)) reject(new OverloadedError());
    watchDeadlines();
  }

  return {
    async run(key, task, options = {}) {
      if (queue.size() === 0 && running < maxRunning) running += 1;
      else await turn(key, options);
      try {
        return await task();
      } finally {
        running -= 1;
        startWaiting();
      }
    },
    waiting: queue.size,
  };
}
