import type { BenchDatabase } from '../harness/database.js';
import { fillWithHolds } from '../harness/holds.js';
import type { SweepPlan, SweepResult } from '../processes/sweep.js';
import type { Bench, Measurement, Question } from '../question.js';

const HOLDS = 100_000;
const HOLDS_QUICK = 10_000;
/** ms. More than the fastest machine's slowest sweep of all takes. */
const PATIENCE = 60_000;

/** 100 000 overdue holds of one drop, as after a night without a worker: holds given back a second. */
export const expirySweep: Question = {
  name: 'expiry-sweep',
  title: `Expiry: a sweep of ${HOLDS} overdue holds of one drop`,
  unit: 'holds/s',
  better: 'higher',
  subject: 'ours',
  baseline: 'row-by-row',
  connections: 1,
  variants: [
    {
      name: 'ours',
      title: 'ours, all of them',
      async measure(bench, database) {
        const plan: SweepPlan = { databaseUrl: database.url, window: PATIENCE };
        const { finished, ...measured } = await sweep(bench, database, plan);
        return { ...measured, violations: finished ? [] : [`not all were given back within ${PATIENCE} ms`] };
      },
    },
    {
      name: 'row-by-row',
      title: 'one Prisma transaction a hold, as many as it gets to',
      async measure(bench, database) {
        const { window } = bench;
        const plan: SweepPlan = { databaseUrl: database.url, window, worker: 'row-by-row-worker.js' };
        const { finished: _, ...measured } = await sweep(bench, database, plan);
        return measured;
      },
    },
  ],
};

async function sweep(
  { children, quick }: Bench,
  database: BenchDatabase,
  plan: SweepPlan,
): Promise<Measurement & { finished: boolean }> {
  const holds = quick ? HOLDS_QUICK : HOLDS;
  await fillWithHolds(database.query, { drops: 1, holds, endIn: -60_000, spread: 30_000 });
  await database.query('VACUUM (ANALYZE) reservations');
  await database.query('CHECKPOINT');
  const { perSecond, finished, lock, transactions } = await children.run<SweepResult>('sweep', plan);
  return {
    value: perSecond,
    facts: { 'lock of the median batch, ms': lock.p50, 'lock, p99, ms': lock.p99, transactions },
    violations: [],
    finished,
  };
}
