/**
 * Every way a request can fail: the `code` of the problem, its HTTP status and title, and what a client may do.
 * The error mapper, the OpenAPI document and the page at `/errors` are all made from this table.
 */
export const PROBLEMS = {
  'validation-failed': {
    status: 400,
    title: 'Validation failed',
    meaning: 'A part of the request is not what was expected; `errors` names each field.',
  },
  'malformed-json': { status: 400, title: 'Malformed JSON', meaning: 'The body is not valid JSON.' },
  unauthenticated: {
    status: 401,
    title: 'Not signed in',
    meaning: 'The token is missing, wrong or expired, or its user is gone. Sign in again.',
  },
  'invalid-credentials': {
    status: 401,
    title: 'Invalid credentials',
    meaning: 'No account has this e-mail and password. Which of the two is wrong is not told.',
  },
  forbidden: { status: 403, title: 'Forbidden', meaning: 'The account may not do this.' },
  'not-your-reservation': {
    status: 403,
    title: 'Not your reservation',
    meaning: 'The reservation belongs to somebody else.',
  },
  'drop-not-found': { status: 404, title: 'Drop not found', meaning: 'No drop has this id.' },
  'reservation-not-found': { status: 404, title: 'Reservation not found', meaning: 'No reservation has this id.' },
  'user-not-found': { status: 404, title: 'User not found', meaning: 'No user has this id.' },
  'route-not-found': { status: 404, title: 'Route not found', meaning: 'Nothing lives at this path. See /docs.' },
  'method-not-allowed': {
    status: 405,
    title: 'Method not allowed',
    meaning: 'The path exists, the method does not; the `Allow` header lists those that do.',
  },
  'email-taken': { status: 409, title: 'E-mail taken', meaning: 'An account with this e-mail exists.' },
  'username-taken': { status: 409, title: 'Username taken', meaning: 'An account with this username exists.' },
  'sold-out': {
    status: 409,
    title: 'Sold out',
    meaning: 'No unit is free right now. Units come back when holds expire or are released.',
  },
  'already-reserved': {
    status: 409,
    title: 'Already reserved',
    meaning: 'The user already holds a unit of this drop: the member `reservation` shows it.',
  },
  'limit-reached': {
    status: 409,
    title: 'Limit reached',
    meaning: 'The user has as many units of this drop, bought and held, as one user may have.',
  },
  'drop-not-started': {
    status: 409,
    title: 'Drop not started',
    meaning: 'The drop opens at the time in the member `startsAt`.',
  },
  'drop-paused': { status: 409, title: 'Drop paused', meaning: 'The drop is paused; try again later.' },
  'drop-ended': { status: 410, title: 'Drop ended', meaning: 'The drop is over or was cancelled.' },
  'reservation-expired': {
    status: 410,
    title: 'Reservation expired',
    meaning: 'The time of the hold ran out and its unit is back on sale.',
  },
  'reservation-settled': {
    status: 410,
    title: 'Reservation settled',
    meaning: 'The reservation was already purchased, or was released.',
  },
  'payload-too-large': { status: 413, title: 'Payload too large', meaning: 'The body is over 16 kB.' },
  'unsupported-media-type': {
    status: 415,
    title: 'Unsupported media type',
    meaning: 'Bodies are sent as application/json, in UTF-8, plain or compressed with gzip, deflate or br.',
  },
  'idempotency-key-reused': {
    status: 422,
    title: 'Idempotency key reused',
    meaning: 'The Idempotency-Key was used before, for a different request. Make a new one for a new request.',
  },
  'rate-limited': {
    status: 429,
    title: 'Too many requests',
    meaning: 'Wait as long as `Retry-After` says.',
  },
  'internal-error': {
    status: 500,
    title: 'Internal error',
    meaning: 'A defect in the server. The `requestId` finds it in the log.',
  },
  unavailable: {
    status: 503,
    title: 'Unavailable',
    meaning: 'The database is away. Nothing was changed; try again after `Retry-After`.',
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
      'repeat the request with the same Idempotency-Key, or look at your reservations and purchases.',
  },
} as const satisfies Record<string, { status: number; title: string; meaning: string }>;

export type ProblemCode = keyof typeof PROBLEMS;
