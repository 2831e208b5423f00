/** A median with the range around it. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Milliseconds. */
export interface Latencies {
  readonly p50: number;
  readonly p99: number;
}

/** @throws {RangeError} if there are no values. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return {
    median: (at(sorted, Math.floor(middle)) + at(sorted, Math.ceil(middle))) / 2,
    min: at(sorted, 0),
    max: at(sorted, sorted.length - 1),
  };
}

/** Median and 99th percentile; zero without values. */
export function summarizeLatencies(values: readonly number[]): Latencies {
  if (values.length === 0) return { p50: 0, p99: 0 };
  const sorted = values.toSorted((a, b) => a - b);
  const percentile = (share: number) => at(sorted, Math.ceil(sorted.length * share) - 1);
  return { p50: percentile(0.5), p99: percentile(0.99) };
}

function at(values: readonly number[], index: number): number {
  const value = values[index];
  if (value === undefined) throw new RangeError('no values');
  return value;
}

const BUCKETS_PER_MS = 20;
/** Longer durations count as this. */
const MAX_DURATION_MS = 60_000;

/** Counts millions of durations with a resolution of a twentieth of a millisecond. */
export function createHistogram() {
  const buckets = new Uint32Array(MAX_DURATION_MS * BUCKETS_PER_MS + 1);
  let count = 0;
  return {
    add(durationMs: number) {
      const bucket = Math.min(buckets.length - 1, Math.max(0, Math.ceil(durationMs * BUCKETS_PER_MS)));
      buckets[bucket] = (buckets[bucket] ?? 0) + 1;
      count += 1;
    },
    /** The duration that this share of all durations does not exceed, in ms; zero without durations. */
    percentile(share: number) {
      let rest = Math.ceil(count * share);
      if (rest === 0) return 0;
      return buckets.findIndex((found) => (rest -= found) <= 0) / BUCKETS_PER_MS;
    },
    get count() {
      return count;
    },
  };
}
