import PQueue from 'p-queue';
import { OverloadedError } from '../errors/index.js';

export interface TurnLimits {
  /** How many run at once. */
  readonly maxRunning: number;
  /** Of them for one key: one that is stuck must not take the turns of all. Half if left out. */
  readonly maxRunningPerKey?: number;
  /** How many may wait: 20 000 if left out. Who is urgent always may. */
  readonly maxWaiting?: number;
  /** ms. How long one may wait for its turn: 10 s if left out. */
  readonly turnTimeout?: number;
}

export interface TurnOptions {
  /** Gives up waiting for a turn when it fires, since the client has gone; what has begun is finished. */
  readonly signal?: AbortSignal;
  /** Goes before those who wait for a unit: who holds one, and the sweeper, must not stand in that crowd's queue. */
  readonly urgent?: boolean;
}

export interface Turns {
  /**
   * Runs `run` when its turn has come: in order of arrival for each key, the urgent first.
   *
   * @throws {OverloadedError} too many wait, or this one waited too long; `run` was not called.
   */
  take<T>(key: string, run: () => Promise<T>, options: TurnOptions): Promise<T>;
}

const DEFAULT_MAX_WAITING = 20_000;
const DEFAULT_TURN_TIMEOUT = 10_000;

export function createTurns(limits: TurnLimits): Turns {
  const { maxRunning, maxWaiting = DEFAULT_MAX_WAITING, turnTimeout = DEFAULT_TURN_TIMEOUT } = limits;
  const { maxRunningPerKey = Math.ceil(maxRunning / 2) } = limits;
  const all = new PQueue({ concurrency: maxRunning });
  const byKey = new Map<string, PQueue>();
  /** Of those who are not urgent. */
  let waiting = 0;

  function queueOf(key: string): PQueue {
    const known = byKey.get(key);
    if (known) return known;
    const queue = new PQueue({ concurrency: maxRunningPerKey });
    byKey.set(key, queue);
    queue.once('idle', () => byKey.delete(key));
    return queue;
  }

  return {
    async take(key, run, { signal, urgent = false }) {
      signal?.throwIfAborted();
      if (!urgent && waiting >= maxWaiting) throw new OverloadedError();

      const wait = beginWait(turnTimeout, signal);
      const weight = urgent ? 0 : 1;
      waiting += weight;
      let waits = true;
      const endWait = () => {
        if (waits) waiting -= weight;
        waits = false;
        wait.end();
      };
      // Once its turn has come it is no longer given up: the change is made, and the caller has it to announce.
      const takenUp = () => {
        endWait();
        return run();
      };
      const options = { signal: wait.signal, priority: urgent ? 1 : 0 };
      try {
        return await queueOf(key).add(() => all.add(takenUp, options), options);
      } finally {
        endWait();
      }
    },
  };
}

/** A signal that fires when the client has gone, or when it has waited too long, unless the wait ends before. */
function beginWait(timeout: number, gone: AbortSignal | undefined): { signal: AbortSignal; end: () => void } {
  const wait = new AbortController();
  const giveUp = () => {
    wait.abort(gone?.reason);
  };
  const timer = setTimeout(() => {
    wait.abort(new OverloadedError());
  }, timeout);
  gone?.addEventListener('abort', giveUp, { once: true });
  return {
    signal: wait.signal,
    end() {
      clearTimeout(timer);
      gone?.removeEventListener('abort', giveUp);
    },
  };
}
