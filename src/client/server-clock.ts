interface Sample {
  /** The server's clock minus the local clock, in milliseconds. */
  readonly offsetMs: number;
  readonly errorMs: number;
  /** When the sample was taken, by the local clock. */
  readonly at: number;
}

/** Two clocks that are not adjusted drift apart by less than this, in milliseconds per millisecond. */
const MAX_DRIFT = 0.0001;
/** Times on the wire have no microseconds. */
const RESOLUTION_MS = 1;

/** Makes an estimate of the server's clock from the times in its responses. */
export function createServerClock(now: () => number = Date.now) {
  let best: Sample | undefined;
  const errorOf = ({ errorMs, at }: Sample) => errorMs + Math.abs(now() - at) * MAX_DRIFT;

  return {
    /** Milliseconds since 1970 by the server's clock; by the local clock before the first sample. */
    now: () => now() + (best?.offsetMs ?? 0),
    /** The largest error of `now` in milliseconds, in either direction; Infinity before the first sample. */
    accuracy: () => (best ? errorOf(best) : Infinity),
    /** Adds a sample: the time in a response that has just arrived, to a request sent at `sentAt` by the local clock. */
    addSample(serverTime: string, sentAt: number) {
      const at = now();
      // The server read its clock between request and response: assume the middle, with an error of half the duration.
      const errorMs = (at - sentAt) / 2 + RESOLUTION_MS;
      const sample = { offsetMs: Date.parse(serverTime) - (sentAt + at) / 2, errorMs, at };
      // A difference larger than both errors means that the local clock was adjusted: the old sample is wrong.
      const wasAdjusted = best !== undefined && Math.abs(best.offsetMs - sample.offsetMs) > errorMs + errorOf(best);
      if (!best || wasAdjusted || errorMs <= errorOf(best)) best = sample;
    },
  };
}
