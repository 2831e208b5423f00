import type { Counter } from 'prom-client';
import { CallerGoneError } from './batcher.js';
import { toClientError } from './db/database-errors.js';
import { AppError } from './errors/index.js';

/** Counts what a request comes to, when it has; hands it on as it is. */
export type CountOutcome = <T extends object>(result: Promise<T>) => Promise<T>;

/**
 * Counts requests of one kind by their outcome: `success`, `replayed` where an earlier request with the same key was answered
 * again, the code of the problem, or `caller-gone`.
 */
export function createOutcomeCounter(counter: Counter<'outcome'>, success: string): CountOutcome {
  // Looked up once each: a crowd's refusals come by the thousand.
  const known = new Map([success, 'replayed'].map((outcome) => [outcome, counter.labels(outcome)]));
  // From the beginning, so that the first one is an increase.
  for (const child of known.values()) child.inc(0);

  function count(outcome: string): void {
    const child = known.get(outcome) ?? counter.labels(outcome);
    known.set(outcome, child);
    child.inc();
  }

  return (result) => {
    result.then(
      (answer) => {
        count('replayed' in answer && answer.replayed ? 'replayed' : success);
      },
      (error: unknown) => {
        count(outcomeOf(error));
      },
    );
    return result;
  };
}

function outcomeOf(error: unknown): string {
  if (error instanceof CallerGoneError) return 'caller-gone';
  const known = toClientError(error);
  return known instanceof AppError ? known.code : 'internal-error';
}
