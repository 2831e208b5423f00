import { crowdUser } from '../harness/crowd.js';
import { summarizeLatencies, type Latencies } from '../harness/statistics.js';
import { openReserver, type ReserverName } from '../variants/open-reserver.js';
import type { Reserver } from '../variants/reserver.js';
import { runChild } from './child.js';
import { count, outcomeOf } from './outcome.js';

/** Callers of the reservation service within its own process, each time a user who has not called before. */
export interface CallersPlan {
  readonly reserver: ReserverName;
  readonly databaseUrl: string;
  readonly dropId: string;
  readonly crowd: number;
  readonly callers: number;
  /** ms, after which counting begins. */
  readonly warmUp: number;
  /** ms. */
  readonly window: number;
}

export interface CallersResult {
  /** Reservations in the window, a second. */
  readonly perSecond: number;
  /** Every call by what came of it, see {@link outcomeOf}; those before and after the window too. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Of the reservations in the window, in ms. */
  readonly latencies: Latencies;
}

async function callInLoops(plan: CallersPlan, { reserve }: Reserver): Promise<CallersResult> {
  const users = Array.from({ length: plan.crowd }, (_, index) => crowdUser(index));
  const outcomes: Record<string, number> = {};
  const latencies: number[] = [];
  let next = 0;
  const from = performance.now() + plan.warmUp;
  const to = from + plan.window;

  async function call(): Promise<void> {
    while (performance.now() < to) {
      const user = users[next++];
      if (!user) throw new Error('the crowd is too small: nobody is left who has not called');
      const begun = performance.now();
      const outcome = await outcomeOf(reserve({ user, dropId: plan.dropId }));
      const now = performance.now();
      count(outcomes, outcome);
      if (outcome === 'granted' && now >= from && now < to) latencies.push(now - begun);
    }
  }

  await Promise.all(Array.from({ length: plan.callers }, call));
  return {
    perSecond: latencies.length / (plan.window / 1000),
    outcomes,
    latencies: summarizeLatencies(latencies),
  };
}

await runChild(async (plan: CallersPlan) => {
  const reserver = await openReserver(plan.reserver, plan.databaseUrl);
  return { result: await callInLoops(plan, reserver), close: reserver.close };
});
