import { service } from '../harness/over-http.js';
import type { BenchDatabase } from '../harness/database.js';
import type { ExpiryWatchPlan, ExpiryWatchResult } from '../processes/expiry-watch.js';
import type { ServerPlan } from '../processes/server.js';
import type { Bench, Measurement, Question } from '../question.js';

const DROPS = 20;
const PER_SECOND = 100;
const CLIENTS = 10;
/** ms: as long as two looks of the variant that polls. */
const SPREAD = 10_000;
/** ms until the first ends. */
const LEAD_IN = 3_000;

/** Holds that end one after the other: how late are the screens told? */
export const expiryLateness: Question = {
  name: 'expiry-lateness',
  title: `Expiry: ${PER_SECOND} holds end a second, from the deadline to ${CLIENTS} clients`,
  unit: 'ms, p99',
  better: 'lower',
  subject: 'ours',
  baseline: 'poll',
  connections: CLIENTS,
  variants: [
    { name: 'ours', title: 'ours', measure: (bench, database) => measureLateness(bench, database) },
    {
      name: 'poll',
      title: 'a worker that looks every 5 s, same stack',
      measure: (bench, database) => measureLateness(bench, database, { 'expiry-worker.js': 'polling-worker.js' }),
    },
  ],
};

async function measureLateness(
  bench: Bench,
  database: BenchDatabase,
  replace: ServerPlan['replace'] = {},
): Promise<Measurement> {
  const server = service(database.url, replace)(bench);
  try {
    const plan: ExpiryWatchPlan = {
      databaseUrl: database.url,
      port: (await server.result).port,
      clients: CLIENTS,
      drops: DROPS,
      holds: (PER_SECOND * SPREAD) / 1_000,
      endIn: LEAD_IN,
      spread: SPREAD,
      countFrom: bench.warmUp,
      patience: 10_000,
    };
    const { late, notTold, toldAgain } = await bench.children.run<ExpiryWatchResult>('expiry-watch', plan);
    return {
      value: late.p99,
      facts: { 'p50, ms': late.p50, 'p99, ms': late.p99 },
      violations: [
        ...(toldAgain > 0 ? [`${toldAgain} times a client was told twice of a hold`] : []),
        // Of many at once not all are told to everybody: the one that polls finds them so.
        ...(replace['expiry-worker.js'] === undefined && notTold > 0
          ? [`${notTold} times a client was not told of a hold`]
          : []),
      ],
    };
  } finally {
    await server.stop();
  }
}
