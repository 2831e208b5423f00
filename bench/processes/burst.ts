import { loadUser } from '../harness/load-users.js';
import { openReserver, type ReserverName } from '../variants/open-reserver.js';
import type { Reserver } from '../variants/support.js';
import { runChild } from './child.js';
import { increment, outcomeOf } from './throughput-recorder.js';

/** Concurrent calls of a reservation service in its own process, each by another load user. */
export interface BurstPlan {
  readonly reserver: ReserverName;
  readonly databaseUrl: string;
  readonly dropId: string;
  readonly calls: number;
  /** A smaller burst on another drop comes first: it opens the connections and compiles the code. */
  readonly warmUp: { readonly dropId: string; readonly calls: number };
}

export interface BurstResult {
  /** Time until the last call returned. */
  readonly durationMs: number;
  /** See {@link outcomeOf}. */
  readonly outcomes: Readonly<Record<string, number>>;
}

async function burst({ reserve }: Reserver, dropId: string, calls: number): Promise<BurstResult> {
  const users = Array.from({ length: calls }, (_, index) => loadUser(index));
  const outcomes: Record<string, number> = {};
  const begun = performance.now();
  const ended = users.map(async (user) => {
    increment(outcomes, await outcomeOf(reserve({ user, dropId })));
  });
  await Promise.all(ended);
  return { durationMs: performance.now() - begun, outcomes };
}

await runChild(async ({ reserver: name, databaseUrl, dropId, calls, warmUp }: BurstPlan) => {
  const reserver = await openReserver(name, databaseUrl);
  await burst(reserver, warmUp.dropId, warmUp.calls);
  return { result: await burst(reserver, dropId, calls), close: reserver.close };
});
