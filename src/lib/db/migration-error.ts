import { OperatorError } from '../errors/operator-error.js';

/** The database could not be brought up to date. The message says why, which migration it was, and what to do. */
export class MigrationError extends OperatorError {
  override readonly name = 'MigrationError';
}
