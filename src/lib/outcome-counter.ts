import type { Counter } from 'prom-client';
import { RequestCancelledError } from './batcher.js';
import { toClientError } from './db/database-errors.js';
import { AppError } from './errors/index.js';

/** Counts the outcome of a request, and returns the same promise. */
type CountOutcome = <T extends object>(result: Promise<T>) => Promise<T>;

/**
 * Counts requests of one kind by outcome: `success`, `replayed` for a repeated idempotency key, the code of the problem, or
 * `caller-gone`.
 */
export function createOutcomeCounter(counter: Counter<'outcome'>, success: string): CountOutcome {
  // Initialized with 0: the first one shows as a rise.
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
