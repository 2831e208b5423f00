import type { Counter } from 'prom-client';
import { RequestCancelledError } from './batcher.js';
import { toClientError } from './db/database-errors.js';
import { AppError } from './errors/index.js';

/** Counts what a request comes to, when it has; hands it on as it is. */
export type CountOutcome = <T extends object>(result: Promise<T>) => Promise<T>;

/**
 * Counts requests of one kind by their outcome: `success`, `replayed` where an earlier request with the same key was answered
 * again, the code of the problem, or `caller-gone`.
 */
export function createOutcomeCounter(counter: Counter<'outcome'>, success: string): CountOutcome {
  // From the beginning, so that the first one is a rise.
  for (const outcome of [success, 'replayed']) counter.inc({ outcome }, 0);

  return (result) => {
    result.then(
      (answer) => {
        counter.inc({ outcome: 'replayed' in answer && answer.replayed ? 'replayed' : success });
      },
      (error: unknown) => {
        counter.inc({ outcome: outcomeOf(error) });
      },
    );
    return result;
  };
}

function outcomeOf(error: unknown): string {
  if (error instanceof RequestCancelledError) return 'caller-gone';
  const known = toClientError(error);
  return known instanceof AppError ? known.code : 'internal-error';
}
