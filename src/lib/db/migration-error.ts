import { OperatorError } from '../errors/operator-error.js';

/** The database could not be brought up to date. The message says why, which migration it was, and what to do. */
export class MigrationError extends OperatorError {
  override readonly name = 'MigrationError';
}

/** Node reports a host of several addresses that all refuse as an AggregateError without a message of its own. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
