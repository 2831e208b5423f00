import type { Bench, Benchmark, Measurement } from '../benchmark.js';
import type { BenchDatabase } from '../harness/database.js';
import { insertHolds } from '../harness/fill-database.js';
import type { SweepPlan, SweepResult } from '../processes/sweep.js';

const HOLDS = 100_000;
const HOLDS_QUICK = 10_000;
/** Longer than the slowest sweep of all holds. */
const SWEEP_TIMEOUT_MS = 60_000;

/** 100 000 overdue holds of one drop, as after a night without a worker. */
export const expirySweep: Benchmark = {
  name: 'expiry-sweep',
  title: `Expiry: a sweep of ${HOLDS} overdue holds of one drop`,
  unit: 'holds/s',
  better: 'higher',
  subject: 'ours',
  connections: 1,
  variants: [
    {
      name: 'ours',
      title: 'ours, all holds',
      async run(bench, database) {
        const { finished, ...measured } = await sweep(bench, database, { timeoutMs: SWEEP_TIMEOUT_MS });
        return { ...measured, violations: finished ? [] : [`holds are left after ${SWEEP_TIMEOUT_MS} ms`] };
      },
    },
    {
      name: 'row-by-row',
      title: 'one Prisma transaction per hold, until the window ends',
      run: (bench, database) => sweep(bench, database, { timeoutMs: bench.windowMs, worker: 'row-by-row-worker.js' }),
    },
  ],
};

async function sweep(
  { children, quick }: Bench,
  database: BenchDatabase,
  options: Omit<SweepPlan, 'databaseUrl'>,
): Promise<Measurement & { finished: boolean }> {
  const holds = quick ? HOLDS_QUICK : HOLDS;
  await insertHolds(database.query, { drops: 1, holds, firstExpiryInMs: -60_000, spreadMs: 30_000 });
  await database.query('VACUUM (ANALYZE) reservations');
  await database.query('CHECKPOINT');
  const plan: SweepPlan = { databaseUrl: database.url, ...options };
  const { perSecond, finished, lock, transactions } = await children.run<SweepResult>('sweep', plan);
  return {
    value: perSecond,
    metrics: { 'lock of the median batch, ms': lock.p50, 'lock, p99, ms': lock.p99, transactions },
    violations: [],
    finished,
  };
}
