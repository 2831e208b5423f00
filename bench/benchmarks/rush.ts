import type { Bench, Benchmark, Measurement } from '../benchmark.js';
import { bareServer } from '../harness/hot-drop.js';
import { violationsOfHolds, violationsOfOutcomes } from '../harness/invariants.js';
import { reserving, service, withServer, type StartServer } from '../harness/over-http.js';
import type { RushPlan, RushResult } from '../processes/rush.js';

const BUYERS = 20_000;
const CONNECTIONS = 5_000;
const STOCK = 500;
const WITHIN_MS = 1_000;
const TIMEOUT_MS = 60_000;

/** The start of a drop: each buyer clicks once, and most of them are refused. */
export const rush: Benchmark = {
  name: 'rush-20000',
  title: `Rush: ${BUYERS} buyers over ${CONNECTIONS} connections click within one second, for ${STOCK} units`,
  unit: 'ms from the first click until the last answer',
  better: 'lower',
  subject: 'ours',
  connections: CONNECTIONS,
  variants: [
    {
      name: 'ours',
      title: 'ours',
      async run(bench, database) {
        const dropId = await database.createDrop(STOCK);
        const { granted, ...measured } = await measure(bench, service(database.url), dropId, ['201', '409']);
        const wrong = granted === STOCK ? [] : [`${granted} units were granted, expected ${STOCK}`];
        const holds = await violationsOfHolds(database, dropId, granted);
        return { ...measured, violations: [...measured.violations, ...wrong, ...holds] };
      },
    },
    {
      name: 'bare-express',
      title: 'a bare Express handler that does nothing',
      run: async (bench, database) =>
        measure(bench, bareServer({ kind: 'express' }), await database.createDrop(STOCK), ['201']),
    },
  ],
};

async function measure(
  bench: Bench,
  start: StartServer,
  dropId: string,
  expected: readonly string[],
): Promise<Measurement & { granted: number }> {
  return withServer(start(bench), async ({ port }) => {
    const load = { port, connections: CONNECTIONS, buyers: BUYERS, withinMs: WITHIN_MS, timeoutMs: TIMEOUT_MS };
    const plan: RushPlan = { ...reserving(bench, dropId), ...load };
    const { outcomes, unanswered, lastAnswerMs, latencies } = await bench.children.run<RushResult>('rush', plan);
    const { 201: granted = 0 } = outcomes;
    const errors = Object.entries(outcomes).reduce(
      (sum, [status, count]) => sum + (expected.includes(status) ? 0 : count),
      unanswered,
    );
    return {
      value: lastAnswerMs,
      metrics: { errors, 'units granted': granted, 'p50, ms': latencies.p50, 'p99, ms': latencies.p99 },
      violations: [
        ...violationsOfOutcomes(outcomes, expected),
        ...(unanswered > 0 ? [`${unanswered} buyers got no answer`] : []),
      ],
      granted,
    };
  });
}
