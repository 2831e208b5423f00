import type { components } from './contract.js';

/** How the server describes a failure. */
export type Problem = components['schemas']['Problem'];
export type ProblemCode = Problem['code'];

/** The server refused a request, or could not answer it. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly problem: Problem,
    /** Seconds to wait before the next attempt; null: not given. */
    readonly retryAfter: number | null,
  ) {
    super(problem.detail);
  }

  get code(): ProblemCode {
    return this.problem.code;
  }
}

/** No complete answer came. The request may have been carried out. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';

  constructor(cause: unknown) {
    super('The server cannot be reached', { cause });
  }
}

/** The error for a response that is not successful. */
export async function errorOf(response: Response): Promise<Error> {
  const body: unknown = await response.json().catch(() => null);
  if (!isProblem(body)) return new NoAnswerError(new Error(`HTTP ${response.status} without a problem document`));
  const retryAfter = Number(response.headers.get('Retry-After') ?? NaN);
  return new ApiError(body, Number.isFinite(retryAfter) ? retryAfter : null);
}

function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'code' in body && 'detail' in body;
}

/** Whether the same request may succeed if it is sent again soon: no answer came, or the service was unavailable. */
export function isTransient(error: unknown): boolean {
  return error instanceof NoAnswerError || (error instanceof ApiError && error.problem.status === 503);
}

/** Whether the request may have been carried out although it did not succeed. */
export function isOutcomeUnknown(error: unknown): boolean {
  if (!(error instanceof ApiError)) return error instanceof NoAnswerError;
  return error.code === 'outcome-unknown' || error.problem.status === 500;
}

/** Whether the server refused with this problem code. */
export function isProblemOf<Code extends ProblemCode>(error: unknown, code: Code): error is ApiError {
  return error instanceof ApiError && error.code === code;
}
