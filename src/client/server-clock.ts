/** The server's clock, as far as it can be told from here. */
export interface ServerClock {
  /** ms since 1970 by the server's clock; by this machine's as long as nothing was heard. */
  now(): number;
  /** ms that {@link now} may be off, either way; Infinity as long as nothing was heard. */
  accuracy(): number;
  /** Takes the time that an answer carried; the question was asked, by this machine's clock, at `askedAt`. */
  heard(serverTime: string, askedAt: number): void;
}

interface Sample {
  /** What to add to this machine's clock. */
  readonly offset: number;
  /** ms */
  readonly error: number;
  readonly at: number;
}

/** Clocks that nobody sets drift apart by less than this, in ms a ms. */
const DRIFT = 0.0001;
/** ms. Times are sent without their microseconds. */
const RESOLUTION = 1;

export function createServerClock(now: () => number = Date.now): ServerClock {
  let best: Sample | undefined;
  const errorOf = ({ error, at }: Sample) => error + Math.abs(now() - at) * DRIFT;

  return {
    now: () => now() + (best?.offset ?? 0),
    accuracy: () => (best ? errorOf(best) : Infinity),
    heard(serverTime, askedAt) {
      const at = now();
      // It was read between the question and the answer, nobody knows when: in the middle, give or take half of it.
      const error = (at - askedAt) / 2 + RESOLUTION;
      const sample = { offset: Date.parse(serverTime) - (askedAt + at) / 2, error, at };
      // Further apart than both may err: this machine's clock was set, and what was known is wrong.
      const wasSet = best !== undefined && Math.abs(best.offset - sample.offset) > error + errorOf(best);
      if (!best || wasSet || error <= errorOf(best)) best = sample;
    },
  };
}
