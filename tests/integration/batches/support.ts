import type { Context } from '../../../src/context.js';
import { AppError } from '../../../src/lib/errors/index.js';
import { createServices } from '../../../src/modules/index.js';
import type { TestApp, TestUser } from '../../helpers/app.js';

/** Maximum number of requests in one batch. */
export const MAX_BATCH_SIZE = 256;

/** The outcome of a request: `done` or another word for success, `replayed`, or the code of its refusal. */
export type Outcome = string;

/**
 * Returns the services behind the routes. Calls in one turn of the event loop go into one batch; requests over HTTP do so
 * only by chance.
 */
export function servicesOf({ context }: Pick<TestApp, 'context'>, stockBatches?: Context['stockBatches']) {
  const { reservations, purchases } = stockBatches ? createServices({ ...context, stockBatches }) : context.services;
  return {
    reserve: (user: TestUser, dropId: string, idempotencyKey?: string) =>
      reservations.reserve({ user: subjectOf(context, user), dropId, idempotencyKey }),
    release: (user: TestUser, reservationId: string) => reservations.release(user.id, reservationId),
    purchase: (user: TestUser, reservationId: string, idempotencyKey?: string) =>
      purchases.purchase({ user, reservationId, idempotencyKey }),
  };
}

/** The subject of a user's token, as a request has it. */
export function subjectOf({ authentication }: Context, { token }: TestUser) {
  return authentication.subjectOf(`Bearer ${token}`);
}

export type Services = ReturnType<typeof servicesOf>;

/** Returns the outcomes of requests in their order. Throws errors that are not refusals. */
export function outcomesOf(
  requests: readonly Promise<{ readonly replayed?: boolean }>[],
  success = 'done',
): Promise<Outcome[]> {
  return Promise.all(
    requests.map((request) =>
      request.then(
        ({ replayed }) => (replayed ? 'replayed' : success),
        (error: unknown) => {
          if (error instanceof AppError) return error.code;
          throw error;
        },
      ),
    ),
  );
}

/** Counts each outcome: `{ done: 1, 'sold-out': 199 }`. */
export function countOutcomes(outcomes: readonly Outcome[]): Record<Outcome, number> {
  const counts: Record<Outcome, number> = {};
  for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}
