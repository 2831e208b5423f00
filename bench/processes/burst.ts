import { loadUser } from '../harness/load-users.js';
import { openReservationService, type ReservationServiceName } from '../variants/reservation-services.js';
import type { ReservationService } from '../variants/support.js';
import { runChild } from './child.js';
import { increment, outcomeOf } from './throughput-recorder.js';

/** Concurrent calls of a reservation service in its own process, each by another load user. */
export interface BurstPlan {
  readonly implementation: ReservationServiceName;
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

async function burst({ reserve }: ReservationService, dropId: string, calls: number): Promise<BurstResult> {
  const users = Array.from({ length: calls }, (_, index) => loadUser(index));
  const outcomes: Record<string, number> = {};
  const begun = performance.now();
  const ended = users.map(async (user) => {
    increment(outcomes, await outcomeOf(reserve({ user, dropId })));
  });
  await Promise.all(ended);
  return { durationMs: performance.now() - begun, outcomes };
}

await runChild(async ({ implementation: name, databaseUrl, dropId, calls, warmUp }: BurstPlan) => {
  const service = await openReservationService(name, databaseUrl);
  await burst(service, warmUp.dropId, warmUp.calls);
  return { result: await burst(service, dropId, calls), close: service.close };
});
