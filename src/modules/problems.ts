import { STOCK_PROBLEMS } from '../inventory/inventory-errors.js';
import { HTTP_PROBLEMS, type Problem } from '../lib/errors/index.js';
import { CLOSING_PROBLEMS } from './accounts/accounts.errors.js';
import { ACCOUNT_PROBLEMS } from './auth/auth.errors.js';

/** A feature with a table of its own adds it here. */
const TABLES = {
  ...HTTP_PROBLEMS,
  ...ACCOUNT_PROBLEMS,
  ...CLOSING_PROBLEMS,
  ...STOCK_PROBLEMS,
  'outcome-unknown': {
    ...HTTP_PROBLEMS['outcome-unknown'],
    meaning:
      'The connection to the database was lost while the change was being saved. It may or may not have happened: ' +
      'repeat the request with the same Idempotency-Key, or check your reservations and purchases.',
  },
};

export type ProblemCode = keyof typeof TABLES;

/** Every problem of the service, by status. Problem responses, the OpenAPI document and the page at `/errors` come from it. */
export const PROBLEMS = Object.fromEntries(
  Object.entries(TABLES).sort(([, one], [, other]) => one.status - other.status),
) as unknown as typeof TABLES;

/** The problems with these codes, for the declaration of a route. */
export function problems(...codes: readonly ProblemCode[]): readonly Problem[] {
  return codes.map((code) => PROBLEMS[code]);
}
