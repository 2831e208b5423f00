/** What happened so far. */
export interface Tally {
  /** ms, of every answer to a reservation. */
  readonly latencies: number[];
  holds: number;
  soldOutAnswers: number;
  lapses: number;
  purchases: number;
  /** Buyers who wait for a unit to come back. */
  waiting: number;
  /** Answers that a buyer should never see, and failures of the connection. */
  readonly surprises: string[];
}

export function createTally(): Tally {
  return { latencies: [], holds: 0, soldOutAnswers: 0, lapses: 0, purchases: 0, waiting: 0, surprises: [] };
}

/** The value that a share (0 to 1) of the sorted numbers does not exceed; 0 for none. */
export function percentile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}
