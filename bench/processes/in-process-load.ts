import { loadUser } from '../harness/load-users.js';
import { openReservationService, type ReservationServiceName } from '../variants/reservation-services.js';
import type { ReservationService } from '../variants/support.js';
import { runChild } from './child.js';
import { createThroughputRecorder, outcomeOf, type LoadSummary } from './throughput-recorder.js';

/** Calls of a reservation service in its own process, one after the other in each of `concurrency` loops. */
export interface InProcessPlan {
  readonly implementation: ReservationServiceName;
  readonly databaseUrl: string;
  readonly dropId: string;
  readonly userCount: number;
  readonly concurrency: number;
  /** The outcome that counts. Unless it is `granted`, users call again after all have called. */
  readonly outcome: string;
  readonly warmUpMs: number;
  readonly windowMs: number;
}

async function generateLoad(plan: InProcessPlan, { reserve }: ReservationService): Promise<LoadSummary> {
  const users = Array.from({ length: plan.userCount }, (_, index) => loadUser(index));
  const recorder = createThroughputRecorder({ ...plan, clients: plan.concurrency, counted: plan.outcome });
  let next = 0;
  let ending = false;

  async function callInLoop(client: number): Promise<void> {
    while (!ending) {
      if (plan.outcome !== 'granted') next %= users.length;
      const user = users[next++];
      if (!user) throw new Error('there are too few load users: all have called');
      const begun = performance.now();
      const outcome = await outcomeOf(reserve({ user, dropId: plan.dropId }));
      recorder.record(client, outcome, performance.now() - begun);
    }
  }

  const loops = Promise.all(Array.from({ length: plan.concurrency }, (_, client) => callInLoop(client)));
  await Promise.race([recorder.run(), loops]);
  ending = true;
  await loops;
  return recorder.summarize();
}

await runChild(async (plan: InProcessPlan) => {
  const service = await openReservationService(plan.implementation, plan.databaseUrl);
  return { result: await generateLoad(plan, service), close: service.close };
});
