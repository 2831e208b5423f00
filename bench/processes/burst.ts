import { crowdUser } from '../harness/crowd.js';
import { openReserver, type ReserverName } from '../variants/open-reserver.js';
import type { Reserver } from '../variants/reserver.js';
import { runChild } from './child.js';
import { count, outcomeOf } from './outcome.js';

/** Callers of the reservation service within its own process, all in the same moment, each a user of the crowd. */
export interface BurstPlan {
  readonly reserver: ReserverName;
  readonly databaseUrl: string;
  readonly dropId: string;
  readonly callers: number;
  /** A smaller burst on another drop comes first: connections are open then, and the code is compiled. */
  readonly warmUp: { readonly dropId: string; readonly callers: number };
}

export interface BurstResult {
  /** ms until the last caller had its answer. */
  readonly took: number;
  /** Every call by what came of it, see {@link outcomeOf}. */
  readonly outcomes: Readonly<Record<string, number>>;
}

async function burst({ reserve }: Reserver, dropId: string, callers: number): Promise<BurstResult> {
  const users = Array.from({ length: callers }, (_, index) => crowdUser(index));
  const outcomes: Record<string, number> = {};
  const begun = performance.now();
  const calls = users.map(async (user) => {
    count(outcomes, await outcomeOf(reserve({ user, dropId })));
  });
  await Promise.all(calls);
  return { took: performance.now() - begun, outcomes };
}

await runChild(async ({ reserver: name, databaseUrl, dropId, callers, warmUp }: BurstPlan) => {
  const reserver = await openReserver(name, databaseUrl);
  await burst(reserver, warmUp.dropId, warmUp.callers);
  return { result: await burst(reserver, dropId, callers), close: reserver.close };
});
