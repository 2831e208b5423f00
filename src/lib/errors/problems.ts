/** A kind of failure that clients see. */
export interface Problem<Code extends string = string> {
  /** For programs. A promise: it never changes. */
  readonly code: Code;
  /** The HTTP status. */
  readonly status: number;
  readonly title: string;
  /** What it means for a client, and what the client may do. */
  readonly meaning: string;
}

/** Problems by code. */
export type ProblemTable<Code extends string = string> = { readonly [C in Code]: Problem<C> };

/** Makes a table of problems from rows without their codes. */
export function defineProblems<Code extends string>(
  rows: Readonly<Record<Code, Omit<Problem, 'code'>>>,
): ProblemTable<Code> {
  const entries = Object.entries<Omit<Problem, 'code'>>(rows).map(([code, row]) => [code, { code, ...row }]);
  return Object.fromEntries(entries) as ProblemTable<Code>;
}

/** The problems of any HTTP service. Each feature adds its own; src/modules/problems.ts has them all. */
export const HTTP_PROBLEMS = defineProblems({
  'validation-failed': {
    status: 400,
    title: 'Validation failed',
    meaning: 'A part of the request is not valid; `errors` names each field.',
  },
  'malformed-json': { status: 400, title: 'Malformed JSON', meaning: 'The body is not valid JSON.' },
  unauthenticated: {
    status: 401,
    title: 'Not signed in',
    meaning: 'The token is missing, wrong, expired or ended, or its account is deleted or disabled. Sign in again.',
  },
  forbidden: { status: 403, title: 'Forbidden', meaning: 'The account may not do this.' },
  'route-not-found': { status: 404, title: 'Route not found', meaning: 'No route has this path. See /docs.' },
  'method-not-allowed': {
    status: 405,
    title: 'Method not allowed',
    meaning: 'The path has no such method; the `Allow` header lists its methods.',
  },
  'request-timeout': {
    status: 408,
    title: 'Request timeout',
    meaning: 'The request did not arrive within 10 s. Nothing was done; send it again on a new connection.',
  },
  'payload-too-large': {
    status: 413,
    title: 'Payload too large',
    meaning: 'The body is over 16 kB. The rest of it is not read, and the connection is closed.',
  },
  'unsupported-media-type': {
    status: 415,
    title: 'Unsupported media type',
    meaning: 'Bodies are sent as application/json, in UTF-8, plain or compressed with gzip, deflate or br.',
  },
  'idempotency-key-reused': {
    status: 422,
    title: 'Idempotency key reused',
    meaning: 'The Idempotency-Key was used before, for a different request. Use a new key for a new request.',
  },
  'rate-limited': {
    status: 429,
    title: 'Too many requests',
    meaning: 'Too many requests. Retry after the time in `Retry-After`.',
  },
  'headers-too-large': {
    status: 431,
    title: 'Headers too large',
    meaning: 'The address and the headers of the request are over 16 kB.',
  },
  'internal-error': {
    status: 500,
    title: 'Internal error',
    meaning: 'A defect in the server. The `requestId` finds it in the log.',
  },
  unavailable: {
    status: 503,
    title: 'Unavailable',
    meaning:
      'The database cannot be reached, or the server has no connection free. Nothing was changed; try again after `Retry-After`.',
  },
  overloaded: {
    status: 503,
    title: 'Overloaded',
    meaning: 'Too many requests are waiting, or this one waited too long. Nothing was changed; try again.',
  },
  'outcome-unknown': {
    status: 503,
    title: 'Outcome unknown',
    meaning:
      'The connection to the database was lost while the change was being saved. It may or may not have happened: ' +
      'repeat the request with the same Idempotency-Key, or check first whether it was done.',
  },
});
