import { crowdUser } from '../harness/crowd.js';
import { openReserver, type ReserverName } from '../variants/open-reserver.js';
import type { Reserver } from '../variants/reserver.js';
import { runChild } from './child.js';
import { createMeter, type Reading } from './meter.js';
import { outcomeOf } from './outcome.js';

/** Callers of the reservation service within its own process, each time a user who has not called before. */
export interface CallersPlan {
  readonly reserver: ReserverName;
  readonly databaseUrl: string;
  readonly dropId: string;
  readonly crowd: number;
  readonly callers: number;
  /** What is counted: `granted` if left out. Whoever is refused may call again, when everybody has called. */
  readonly good?: string;
  /** ms, see {@link createMeter}. */
  readonly warmUp: number;
  /** ms. */
  readonly window: number;
}

async function callInLoops(plan: CallersPlan, { reserve }: Reserver): Promise<Reading> {
  const { good = 'granted' } = plan;
  const users = Array.from({ length: plan.crowd }, (_, index) => crowdUser(index));
  const meter = createMeter({ ...plan, good });
  let next = 0;
  let ending = false;

  async function call(caller: number): Promise<void> {
    while (!ending) {
      if (good !== 'granted') next %= users.length;
      const user = users[next++];
      if (!user) throw new Error('the crowd is too small: nobody is left who has not called');
      const begun = performance.now();
      const outcome = await outcomeOf(reserve({ user, dropId: plan.dropId }));
      meter.record(caller, outcome, performance.now() - begun);
    }
  }

  const calls = Promise.all(Array.from({ length: plan.callers }, (_, caller) => call(caller)));
  await Promise.race([meter.run(), calls]);
  ending = true;
  await calls;
  return meter.read();
}

await runChild(async (plan: CallersPlan) => {
  const reserver = await openReserver(plan.reserver, plan.databaseUrl);
  return { result: await callInLoops(plan, reserver), close: () => reserver.close() };
});
