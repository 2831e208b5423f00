import type { BenchDatabase } from '../harness/database.js';
import type { LiveIdlePlan, LiveIdleResult } from '../processes/live-idle.js';
import type { LiveServerPlan, LiveServerResult } from '../processes/live-server.js';
import type { Bench, Measurement, Question } from '../question.js';

const CLIENTS = 20;
const CHANGES = 100;
const CHANGES_QUICK = 30;
/** ms */
const EVERY = 75;

/** An idle system, a reservation now and then: how long from the COMMIT to the screens? */
export const liveIdle: Question = {
  name: 'live-idle',
  title: `Live: a lone change, ${CLIENTS} sockets, from the commit to the client`,
  unit: 'ms, median',
  better: 'lower',
  subject: 'ours',
  baseline: 'emit-each',
  variants: [
    { name: 'ours', title: 'ours', measure: (bench, database) => measureIdle(bench, database, {}) },
    {
      name: 'emit-each',
      title: 'every change sent at once, same stack',
      measure: (bench, database) => measureIdle(bench, database, { channel: 'emit-each.js' }),
    },
  ],
};

async function measureIdle(
  { children, tokensFile, quick }: Bench,
  database: BenchDatabase,
  variant: Pick<LiveServerPlan, 'channel'>,
): Promise<Measurement> {
  const dropId = await database.createDrop(1_000);
  const server = children.start<LiveServerResult>('live-server', { databaseUrl: database.url, ...variant });
  try {
    const changes = quick ? CHANGES_QUICK : CHANGES;
    const plan: LiveIdlePlan = {
      ...(await server.result),
      dropId,
      tokensFile,
      clients: CLIENTS,
      changes,
      every: EVERY,
    };
    const { p50, p99, heard } = await children.run<LiveIdleResult>('live-idle', plan);
    const expected = CLIENTS * changes;
    return {
      value: p50,
      facts: { 'p99, ms': p99 },
      violations: heard === expected ? [] : [`${heard} pictures came, and ${expected} should have`],
    };
  } finally {
    await server.stop();
  }
}
