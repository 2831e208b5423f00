import type { Benchmark, Variant } from '../benchmark.js';
import { violationsOfHolds, violationsOfOutcomes } from '../harness/invariants.js';
import type { BurstPlan, BurstResult } from '../processes/burst.js';
import type { ReservationServiceName } from '../variants/reservation-services.js';

const STOCK = 500;
const WARM_UP = { calls: 300, stock: 200 };

export const bursts: readonly Benchmark[] = [500, 2_000, 5_000].map((calls) => ({
  name: `burst-${calls}`,
  title: `Burst: ${calls} concurrent calls for ${STOCK} units, service layer`,
  unit: 'ms until all calls have returned',
  better: 'lower',
  subject: 'ours',
  connections: calls,
  variants: [
    { name: 'ours', title: 'ours', run: burst('ours') },
    {
      name: 'one-transaction',
      title: 'one Prisma transaction per request, with long timeouts',
      run: burst('one-transaction'),
    },
    {
      name: 'prisma-defaults',
      title: "one Prisma transaction per request, with Prisma's default timeouts",
      run: burst('prisma-defaults', { mayFail: true }),
    },
  ],
}));

/** @param options `mayFail`: errors and unsold units are no violation. */
function burst(implementation: ReservationServiceName, { mayFail } = { mayFail: false }): Variant['run'] {
  return async ({ children, connections: calls }, database) => {
    const dropId = await database.createDrop(STOCK);
    const warmUp = { dropId: await database.createDrop(WARM_UP.stock), calls: WARM_UP.calls };
    const plan: BurstPlan = { implementation, databaseUrl: database.url, dropId, calls, warmUp };
    const { durationMs, outcomes } = await children.run<BurstResult>('burst', plan);
    const { granted = 0, 'sold-out': soldOut = 0 } = outcomes;
    const expected = Math.min(calls, STOCK);
    return {
      value: durationMs,
      metrics: { 'units granted': granted, 'sold out': soldOut, errors: calls - granted - soldOut },
      violations: [
        ...(await violationsOfHolds(database, dropId, granted)),
        ...(mayFail ? [] : violationsOfOutcomes(outcomes, ['granted', 'sold-out'])),
        ...(mayFail || granted === expected ? [] : [`${granted} units were granted, expected ${expected}`]),
      ],
    };
  };
}
