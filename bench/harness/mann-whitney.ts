/** Whether values of two samples tend to differ, by the U test of Mann and Whitney. */
export interface UTest {
  /** In how many pairs of one value of each sample the first is greater; a tie counts as a half. */
  readonly u: number;
  /** The probability of a difference of this size or more if both samples come from one distribution; two-sided. */
  readonly p: number;
}

/** The U test with the normal approximation, corrected for ties and continuity: for samples of twenty values or more. */
export function mannWhitney(first: readonly number[], second: readonly number[]): UTest {
  const pairs = first.length * second.length;
  const total = first.length + second.length;
  const ranks = ranksOf([...first, ...second]);
  const rankSum = ranks.slice(0, first.length).reduce((sum, rank) => sum + rank, 0);
  const u = rankSum - (first.length * (first.length + 1)) / 2;
  const ties = [...countsOf(ranks).values()].reduce((sum, count) => sum + count ** 3 - count, 0);
  const deviation = Math.sqrt((pairs / 12) * (total + 1 - ties / (total * (total - 1))));
  if (deviation === 0) return { u, p: 1 };
  const z = Math.max(0, Math.abs(u - pairs / 2) - 0.5) / deviation;
  return { u, p: Math.min(1, 2 * upperTail(z)) };
}

/** The rank of each value, from 1; equal values share the mean of theirs. */
function ranksOf(values: readonly number[]): number[] {
  const sorted = values.toSorted((a, b) => a - b);
  const rankOf = new Map<number, number>();
  for (let start = 0; start < sorted.length;) {
    const value = sorted[start] ?? 0;
    let end = start;
    while (sorted[end] === value) end += 1;
    rankOf.set(value, (start + 1 + end) / 2);
    start = end;
  }
  return values.map((value) => rankOf.get(value) ?? 0);
}

function countsOf(values: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

/** The share of a normal distribution above z ≥ 0: formula 26.2.17 of Abramowitz and Stegun, within 7.5e-8. */
function upperTail(z: number): number {
  const t = 1 / (1 + 0.2316419 * z);
  const polynomial = [1.330274429, -1.821255978, 1.781477937, -0.356563782, 0.31938153].reduce(
    (sum, coefficient) => (sum + coefficient) * t,
    0,
  );
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * polynomial;
}
