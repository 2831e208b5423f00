/** What is promised of a question: the ratio of its subject over another of its variants. */
export interface Goal {
  readonly question: string;
  /** The other variant. */
  readonly over: string;
  /** Must hold. Where lower is better it is the most, elsewhere the least. */
  readonly floor: number;
  /** The aim. */
  readonly target: number;
}

export const goals: readonly Goal[] = [
  { question: 'hot-drop-service', over: 'one-transaction', floor: 25, target: 60 },
  { question: 'hot-drop-service', over: 'one-row-commits', floor: 5, target: 9 },
  { question: 'hot-drop-http', over: 'one-transaction', floor: 10, target: 20 },
  { question: 'hot-drop-http', over: 'no-database', floor: 0.55, target: 0.8 },
  { question: 'hot-drop-http', over: 'bare-express', floor: 0.35, target: 1 },
  { question: 'burst-5000', over: 'one-transaction', floor: 0.1, target: 0.03 },
  { question: 'sold-out', over: 'bare-express', floor: 0.5, target: 0.7 },
  { question: 'drop-list', over: 'query-per-drop', floor: 6, target: 12 },
];
