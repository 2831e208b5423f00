/** A goal for the ratio of a benchmark's subject to another variant. */
export interface RatioGoal {
  readonly benchmark: string;
  /** The other variant. */
  readonly over: string;
  /** The limit: a maximum where lower is better, otherwise a minimum. */
  readonly floor: number;
  readonly target: number;
  /** Whether a quick run checks the goal. */
  readonly quick?: boolean;
}

export interface MetricGoal {
  readonly benchmark: string;
  /** Heading of the metric. */
  readonly metric: string;
  readonly better: 'higher' | 'lower';
  readonly floor: number;
  readonly target: number;
}

export const ratioGoals: readonly RatioGoal[] = [
  { benchmark: 'hot-drop-service', over: 'one-transaction', floor: 60, target: 80, quick: true },
  { benchmark: 'hot-drop-service', over: 'one-row-commits', floor: 6, target: 9, quick: true },
  { benchmark: 'hot-drop-http', over: 'bare-express', floor: 1.1, target: 1.5, quick: true },
  { benchmark: 'hot-drop-http', over: 'no-database', floor: 0.85, target: 0.95, quick: true },
  { benchmark: 'hot-drop-http', over: 'redis', floor: 1.3, target: 1.8, quick: true },
  { benchmark: 'hot-drop-http', over: 'one-transaction', floor: 10, target: 20 },
  { benchmark: 'hot-drop-history', over: 'without-history', floor: 0.9, target: 0.95 },
  { benchmark: 'stack-over-node', over: 'node-http', floor: 0.33, target: 0.45, quick: true },
  { benchmark: 'burst-5000', over: 'one-transaction', floor: 0.06, target: 0.03 },
  { benchmark: 'sold-out', over: 'bare-express', floor: 1.2, target: 1.6, quick: true },
  { benchmark: 'stats-refusals', over: 'not-counted', floor: 0.95, target: 0.98 },
  { benchmark: 'stats-reservations', over: 'without-stats', floor: 0.95, target: 0.98 },
  { benchmark: 'drop-list', over: 'query-per-drop', floor: 6, target: 12 },
  { benchmark: 'live-1000', over: 'emit-each', floor: 0.25, target: 0.1 },
  { benchmark: 'expiry-sweep', over: 'row-by-row', floor: 100, target: 150 },
];

export const metricGoals: readonly MetricGoal[] = [
  { benchmark: 'first-second', metric: 'over the steady state', better: 'higher', floor: 0.8, target: 0.95 },
  { benchmark: 'drop-start', metric: 'first 201 after the start, ms', better: 'lower', floor: 100, target: 50 },
  { benchmark: 'start-external', metric: 'until ready, ms', better: 'lower', floor: 2_000, target: 1_500 },
  { benchmark: 'start-embedded', metric: 'until ready, ms', better: 'lower', floor: 1_500, target: 1_200 },
  { benchmark: 'memory', metric: 'at most, MB', better: 'lower', floor: 200, target: 180 },
  // Below 1 000 because the last snapshot is sent up to 50 ms later, which is 2 % of a short run.
  { benchmark: 'live-1000', metric: 'changes/s delivered to all', better: 'higher', floor: 950, target: 970 },
  { benchmark: 'live-1000', metric: 'p99 beyond the 50 ms window, ms', better: 'lower', floor: 50, target: 25 },
  { benchmark: 'live-5000', metric: 'changes/s delivered to all', better: 'higher', floor: 950, target: 970 },
  { benchmark: 'live-5000', metric: 'memory per connection, kB', better: 'lower', floor: 30, target: 20 },
  { benchmark: 'live-idle', metric: 'p99, ms', better: 'lower', floor: 50, target: 15 },
  { benchmark: 'live-reconnect', metric: 'all clients, s', better: 'lower', floor: 5, target: 2 },
  { benchmark: 'expiry-lateness', metric: 'p99, ms', better: 'lower', floor: 250, target: 50 },
  // The last hold expires one second after the first.
  { benchmark: 'expiry-same-second', metric: 'all shown as expired, s', better: 'lower', floor: 2, target: 1.25 },
  { benchmark: 'expiry-sweep', metric: 'lock of the median batch, ms', better: 'lower', floor: 25, target: 15 },
  { benchmark: 'idle', metric: 'statements a minute', better: 'lower', floor: 20, target: 12 },
  { benchmark: 'idle', metric: '% of a core', better: 'lower', floor: 0.5, target: 0.2 },
];
