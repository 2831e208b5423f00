import { violationsOfHolds, violationsOfOutcomes } from '../harness/invariants.js';
import type { BenchDatabase } from '../harness/database.js';
import type { BurstPlan, BurstResult } from '../processes/burst.js';
import type { Bench, Measurement, Question } from '../question.js';
import type { ReserverName } from '../variants/open-reserver.js';

const STOCK = 500;
const WARM_UP = { callers: 300, stock: 200 };

/** 500, 2 000 and 5 000 callers in the same moment on 500 units: how long until every one has its answer? */
export const bursts: readonly Question[] = [500, 2_000, 5_000].map(burstOf);

function burstOf(callers: number): Question {
  const measure = (name: ReserverName, mayFail: boolean) => (bench: Bench, database: BenchDatabase) =>
    measureBurst(bench, database, { name, callers, mayFail });
  return {
    name: `burst-${callers}`,
    title: `Burst: ${callers} callers at once on ${STOCK} units, service layer`,
    unit: 'ms until all are answered',
    better: 'lower',
    subject: 'ours',
    baseline: 'one-transaction',
    variants: [
      { name: 'ours', title: 'ours', measure: measure('ours', false) },
      {
        name: 'one-transaction',
        title: 'one Prisma transaction a request, with limits that let all wait',
        measure: measure('one-transaction', false),
      },
      {
        name: 'prisma-defaults',
        title: "one Prisma transaction a request, with Prisma's default limits",
        measure: measure('prisma-defaults', true),
      },
    ],
  };
}

interface BurstOptions {
  readonly name: ReserverName;
  readonly callers: number;
  /** Whether errors, and units left over, are what there is to be seen. */
  readonly mayFail: boolean;
}

async function measureBurst(
  { children }: Bench,
  database: BenchDatabase,
  { name, callers, mayFail }: BurstOptions,
): Promise<Measurement> {
  const dropId = await database.createDrop(STOCK);
  const warmUp = { dropId: await database.createDrop(WARM_UP.stock), callers: WARM_UP.callers };
  const plan: BurstPlan = { reserver: name, databaseUrl: database.url, dropId, callers, warmUp };
  const { took, outcomes } = await children.run<BurstResult>('burst', plan);
  const { granted = 0, 'sold-out': soldOut = 0 } = outcomes;
  const exact = Math.min(callers, STOCK);
  return {
    value: took,
    facts: { 'units granted': granted, 'sold out': soldOut, errors: callers - granted - soldOut },
    violations: [
      ...(await violationsOfHolds(database, dropId, granted)),
      ...(mayFail ? [] : violationsOfOutcomes(outcomes, ['granted', 'sold-out'])),
      ...(mayFail || granted === exact ? [] : [`${granted} units were granted, and it should be ${exact}`]),
    ],
  };
}
