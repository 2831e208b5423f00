import { OverloadedError } from './errors/index.js';
import { RequestCancelledError, type CancellationSignal } from './batcher.js';

interface FairLimitOptions {
  /** Tasks that run at once. */
  readonly maxRunning: number;
  /** Tasks that wait, of all keys together. */
  readonly maxWaiting: number;
  /** The longest wait after which a task still starts. */
  readonly maxWaitMs: number;
}

export interface FairLimit {
  /**
   * Runs a task, at once or when its turn comes. The keys take turns, and the tasks of a key run in their order.
   *
   * @param signal aborted when the result is no longer needed: the task does not start.
   * @throws {OverloadedError} at once if the key has as many waiting tasks as there are free places, so that one key takes at
   * most half of the places, two keys a third each, and there is always one left for another key. And after too long a wait.
   * @throws {RequestCancelledError} if the signal was aborted when its turn came.
   * @throws what the task throws.
   */
  run<Result>(key: string, task: () => Promise<Result>, signal?: CancellationSignal): Promise<Result>;
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

/** Limits how many tasks run at once, and shares the waiting time fairly between their keys. */
export function createFairLimit({ maxRunning, maxWaiting, maxWaitMs }: FairLimitOptions): FairLimit {
  /** By key, in the order of their turns; a served key moves to the end. No queue is empty. */
  const queues = new Map<string, Waiting[]>();
  let running = 0;
  let waiting = 0;

  function turn(key: string, signal: CancellationSignal | undefined): Promise<void> {
    const queue = queues.get(key) ?? [];
    if (queue.length >= maxWaiting - waiting) return Promise.reject(new OverloadedError());
    return new Promise((start, reject) => {
      queue.push({ signal, since: performance.now(), start, reject });
      queues.set(key, queue);
      waiting += 1;
      startWaiting();
    });
  }

  function takeNext(): Waiting | undefined {
    for (const [key, queue] of queues) {
      const next = queue.shift();
      queues.delete(key);
      if (queue.length > 0) queues.set(key, queue);
      waiting -= 1;
      return next;
    }
    return undefined;
  }

  function startWaiting(): void {
    while (waiting > 0 && running < maxRunning) {
      const next = takeNext();
      if (next?.signal?.aborted) next.reject(new RequestCancelledError('The caller was cancelled'));
      else if (next && performance.now() - next.since > maxWaitMs) next.reject(new OverloadedError());
      else {
        running += 1;
        next?.start();
      }
    }
  }

  return {
    async run(key, task, signal) {
      if (waiting === 0 && running < maxRunning) running += 1;
      else await turn(key, signal);
      try {
        return await task();
      } finally {
        running -= 1;
        startWaiting();
      }
    },
    waiting: () => waiting,
  };
}
