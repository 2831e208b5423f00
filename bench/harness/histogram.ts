/** Counts durations, very many of them, to a twentieth of a millisecond. */
export interface Histogram {
  /** ms; may be given as often as it was found. */
  add(ms: number): void;
  /** The duration that such a share of all is not above, in ms; zero of nothing. */
  percentile(share: number): number;
  readonly count: number;
}

const PER_MS = 20;
/** ms. What took longer counts as this. */
const LONGEST = 60_000;

export function createHistogram(): Histogram {
  const buckets = new Uint32Array(LONGEST * PER_MS + 1);
  let count = 0;
  return {
    add(ms) {
      const bucket = Math.min(buckets.length - 1, Math.max(0, Math.ceil(ms * PER_MS)));
      buckets[bucket] = (buckets[bucket] ?? 0) + 1;
      count += 1;
    },
    percentile(share) {
      let rest = Math.ceil(count * share);
      if (rest === 0) return 0;
      const bucket = buckets.findIndex((found) => (rest -= found) <= 0);
      return bucket / PER_MS;
    },
    get count() {
      return count;
    },
  };
}
