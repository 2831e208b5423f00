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

/** What is promised of a figure of a question's subject itself. */
export interface FigureGoal {
  readonly question: string;
  /** Heading of the figure, among the facts of a measurement. */
  readonly fact: string;
  readonly better: 'higher' | 'lower';
  /** Must hold. */
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
  { question: 'live-1000', over: 'emit-each', floor: 0.25, target: 0.1 },
  { question: 'expiry-sweep', over: 'row-by-row', floor: 50, target: 150 },
];

// Of 1 000 changes a second all: the picture of the last one is sent up to 50 ms later, which is a fiftieth of a short run.
export const figureGoals: readonly FigureGoal[] = [
  { question: 'live-1000', fact: 'changes/s that all know of', better: 'higher', floor: 950, target: 970 },
  { question: 'live-1000', fact: 'p99 beyond the 50 ms of a window, ms', better: 'lower', floor: 50, target: 25 },
  { question: 'live-5000', fact: 'changes/s that all know of', better: 'higher', floor: 950, target: 970 },
  { question: 'live-5000', fact: 'memory a connection, kB', better: 'lower', floor: 30, target: 20 },
  { question: 'live-idle', fact: 'p99, ms', better: 'lower', floor: 50, target: 15 },
  { question: 'live-reconnect', fact: 'all have it, s', better: 'lower', floor: 5, target: 2 },
  { question: 'expiry-lateness', fact: 'p99, ms', better: 'lower', floor: 250, target: 50 },
  // The last of them ends a second after the first.
  { question: 'expiry-same-second', fact: 'all gone after, s', better: 'lower', floor: 2, target: 1.25 },
  { question: 'expiry-sweep', fact: 'lock of the median batch, ms', better: 'lower', floor: 25, target: 15 },
];
