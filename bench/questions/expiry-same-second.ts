import type { BenchDatabase } from '../harness/database.js';
import { service } from '../harness/over-http.js';
import type { ExpiryWatchPlan, ExpiryWatchResult } from '../processes/expiry-watch.js';
import type { Bench, Measurement, Question } from '../question.js';

const HOLDS = 10_000;
const DROPS = 10;
const CLIENTS = 10;
/** ms until the first ends. */
const LEAD_IN = 5_000;

/** 10 000 holds end in the same second: when are all of them gone? */
export const expirySameSecond: Question = {
  name: 'expiry-same-second',
  title: `Expiry: ${HOLDS} holds of ${DROPS} drops end in the same second`,
  unit: 'ms until all clients know all are gone',
  better: 'lower',
  subject: 'ours',
  baseline: 'same-moment',
  connections: CLIENTS,
  variants: [
    {
      name: 'ours',
      title: 'ours, the ends spread over the second',
      measure: (bench, database) => measureEnd(bench, database, 1_000),
    },
    {
      name: 'same-moment',
      title: 'ours, all at its beginning',
      measure: (bench, database) => measureEnd(bench, database, 0),
    },
  ],
};

async function measureEnd(bench: Bench, database: BenchDatabase, spread: number): Promise<Measurement> {
  const server = service(database.url)(bench);
  try {
    const plan: ExpiryWatchPlan = {
      databaseUrl: database.url,
      port: (await server.result).port,
      clients: CLIENTS,
      drops: DROPS,
      holds: HOLDS,
      endIn: LEAD_IN,
      spread,
      countFrom: 0,
      patience: 30_000,
    };
    const { allKnown, allReleased, toldAgain } = await bench.children.run<ExpiryWatchResult>('expiry-watch', plan);
    return {
      value: allKnown,
      facts: { 'all released, s': allReleased / 1000, 'all gone after, s': allKnown / 1000 },
      violations: toldAgain > 0 ? [`${toldAgain} times a client was told twice of a hold`] : [],
    };
  } finally {
    await server.stop();
  }
}
