import { STOCK_PROBLEMS } from '../inventory/inventory-errors.js';
import { HTTP_PROBLEMS, type Problem } from '../lib/errors/index.js';
import { ACCOUNT_PROBLEMS } from './auth/auth.errors.js';

/** Every problem of the service. Problem responses, the OpenAPI document and the page at `/errors` come from it. */
export const PROBLEMS = { ...HTTP_PROBLEMS, ...ACCOUNT_PROBLEMS, ...STOCK_PROBLEMS };

export type ProblemCode = keyof typeof PROBLEMS;

/** The problems with these codes, for the declaration of a route. */
export function problems(...codes: readonly ProblemCode[]): readonly Problem[] {
  return codes.map((code) => PROBLEMS[code]);
}
