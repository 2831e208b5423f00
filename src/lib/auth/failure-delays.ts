import { LRUCache } from 'lru-cache';

interface FailureDelayOptions {
  /** Failures of a key before its first delay. */
  readonly freeFailures: number;
  /** After this time one failure of a key no longer counts, after twice the time two, and so on. */
  readonly forgiveMs: number;
  /** The first delay is a second, each further failure doubles it, up to this. */
  readonly maxDelayMs: number;
  /** Beyond so many keys those are removed that have not failed for longest. */
  readonly maxKeys: number;
}

export interface FailureDelays {
  /** The time in ms until a key may try again; 0 if it may try now. */
  leftMs(key: string): number;
  /** Counts a failure: the delay of the key begins now. */
  fail(key: string): void;
  /** Begins the delay of the last failure anew. */
  restart(key: string): void;
  /** Takes back a failure, and ends the delay of the key. */
  forgive(key: string): void;
  /** Removes all failures of a key. */
  clear(key: string): void;
}

interface Failures {
  /** At `since`; it falls with the time. */
  readonly count: number;
  /** In the time of `performance.now()`, as all times here. */
  readonly since: number;
  readonly delayedUntil: number;
}

const FIRST_DELAY_MS = 1_000;
const NO_FAILURES: Failures = { count: 0, since: 0, delayedUntil: 0 };

/** Delays the next try of a key that has failed, by a growing time. Kept in the memory of this process. */
export function createFailureDelays({
  freeFailures,
  forgiveMs,
  maxDelayMs,
  maxKeys,
}: FailureDelayOptions): FailureDelays {
  const failures = new LRUCache<string, Failures>({ max: maxKeys });

  function countOf(key: string, now: number): number {
    const { count, since } = failures.get(key) ?? NO_FAILURES;
    return Math.max(0, count - (now - since) / forgiveMs);
  }

  function delayMs(count: number): number {
    // What was forgiven of a failure in part does not shorten the delay.
    const beyond = Math.ceil(count) - freeFailures;
    return beyond < 0 ? 0 : Math.min(maxDelayMs, FIRST_DELAY_MS * 2 ** beyond);
  }

  function store(key: string, count: number, now: number): void {
    failures.set(key, { count, since: now, delayedUntil: now + delayMs(count) });
  }

  return {
    leftMs: (key) => Math.max(0, (failures.peek(key) ?? NO_FAILURES).delayedUntil - performance.now()),

    fail(key) {
      const now = performance.now();
      store(key, countOf(key, now) + 1, now);
    },

    restart(key) {
      const now = performance.now();
      if (failures.has(key)) store(key, countOf(key, now), now);
    },

    forgive(key) {
      const now = performance.now();
      const count = countOf(key, now) - 1;
      if (count > 0) failures.set(key, { count, since: now, delayedUntil: 0 });
      else failures.delete(key);
    },

    clear(key) {
      failures.delete(key);
    },
  };
}
