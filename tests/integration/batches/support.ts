import type { Context } from '../../../src/context.js';
import { AppError } from '../../../src/lib/errors/index.js';
import { createServices } from '../../../src/modules/index.js';
import type { TestApp, TestUser } from '../../helpers/app.js';

/** Requests in one batch, at most. */
export const FULL = 256;

/** What a request came to: `granted`, `replayed`, `bought`, `released`, or the code of its refusal. */
export type Outcome = string;

/**
 * The services behind the routes. What is asked of them in one turn of the event loop goes into one batch, which requests
 * over HTTP would do by luck only.
 */
export function servicesOf({ context }: Pick<TestApp, 'context'>, stockBatches?: Context['stockBatches']) {
  const { reservations, purchases } = stockBatches ? createServices({ ...context, stockBatches }) : context.services;
  return {
    reserve: (user: TestUser, dropId: string, idempotencyKey?: string) =>
      reservations.reserve({ user, dropId, idempotencyKey }),
    release: (user: TestUser, reservationId: string) => reservations.release(user.id, reservationId),
    purchase: (user: TestUser, reservationId: string, idempotencyKey?: string) =>
      purchases.purchase({ user, reservationId, idempotencyKey }),
  };
}

export type Services = ReturnType<typeof servicesOf>;

/** What requests came to, in their order. What is no refusal is thrown. */
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

/** How often each outcome was: `{ done: 1, 'sold-out': 199 }`. */
export function tally(outcomes: readonly Outcome[]): Record<Outcome, number> {
  const counts: Record<Outcome, number> = {};
  for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}
