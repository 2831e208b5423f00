/** A median with what lies around it. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** In ms. */
export interface Latencies {
  readonly p50: number;
  readonly p99: number;
}

/** The two baseline runs of a quiet round are within this factor of each other. */
const NOISE_LIMIT = 1.5;

/** @throws without values there is no median. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return {
    median: (at(sorted, Math.floor(middle)) + at(sorted, Math.ceil(middle))) / 2,
    min: at(sorted, 0),
    max: at(sorted, sorted.length - 1),
  };
}

/** Median and 99th percentile; zero of nothing. */
export function summarizeLatencies(values: readonly number[]): Latencies {
  if (values.length === 0) return { p50: 0, p99: 0 };
  const sorted = values.toSorted((a, b) => a - b);
  const percentile = (share: number) => at(sorted, Math.ceil(sorted.length * share) - 1);
  return { p50: percentile(0.5), p99: percentile(0.99) };
}

/** Whether two runs of the same thing differ by more than half: what else ran meanwhile decided, not the code. */
export function isNoisy(first: number, last: number): boolean {
  const [low, high] = first < last ? [first, last] : [last, first];
  return !(high <= low * NOISE_LIMIT);
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function at(values: readonly number[], index: number): number {
  const value = values[index];
  if (value === undefined) throw new RangeError('no values');
  return value;
}
