import { OperatorError } from '../lib/errors/operator-error.js';

/** The embedded PostgreSQL cannot be used. The message says why and what to do. */
export class EmbeddedPostgresError extends OperatorError {}

/** An alternative for the end of such messages. */
export const USE_DATABASE_URL = 'set DATABASE_URL to use a PostgreSQL server of your own';

/** The code of a Node or PostgreSQL error ("ENOENT", "57P03"), if it has one. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
