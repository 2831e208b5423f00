/**
 * The one table of problems: each code with its HTTP status, its title and its meaning for clients. Problem responses, the
 * OpenAPI document and the page at `/errors` come from it.
 */
export const PROBLEMS = {
  'validation-failed': {
    status: 400,
    title: 'Validation failed',
    meaning: 'A part of the request is not valid; `errors` names each field.',
  },
  'malformed-json': { status: 400, title: 'Malformed JSON', meaning: 'The body is not valid JSON.' },
  unauthenticated: {
    status: 401,
    title: 'Not signed in',
    meaning: 'The token is missing, wrong or expired, or its user no longer exists. Sign in again.',
  },
  'invalid-credentials': {
    status: 401,
    title: 'Invalid credentials',
    meaning: 'No account has this e-mail and password. The response does not say which of the two is wrong.',
  },
  forbidden: { status: 403, title: 'Forbidden', meaning: 'The account may not do this.' },
  'not-your-reservation': {
    status: 403,
    title: 'Not your reservation',
    meaning: 'The reservation belongs to another user.',
  },
  'drop-not-found': { status: 404, title: 'Drop not found', meaning: 'No drop has this id.' },
  'reservation-not-found': { status: 404, title: 'Reservation not found', meaning: 'No reservation has this id.' },
  'user-not-found': { status: 404, title: 'User not found', meaning: 'No user has this id.' },
  'route-not-found': { status: 404, title: 'Route not found', meaning: 'No route has this path. See /docs.' },
  'method-not-allowed': {
    status: 405,
    title: 'Method not allowed',
    meaning: 'The path has no such method; the `Allow` header lists its methods.',
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
    meaning: 'The user already holds a unit of this drop; the member `reservation` is that reservation.',
  },
  'limit-reached': {
    status: 409,
    title: 'Limit reached',
    meaning: 'The user has bought and holds as many units of this drop as one user may have.',
  },
  'drop-not-started': {
    status: 409,
    title: 'Drop not started',
    meaning: 'The drop starts at the time in the member `startsAt`.',
  },
  'drop-paused': { status: 409, title: 'Drop paused', meaning: 'The drop is paused; try again later.' },
  'drop-ended': { status: 410, title: 'Drop ended', meaning: 'The drop has ended or was cancelled.' },
  'reservation-expired': {
    status: 410,
    title: 'Reservation expired',
    meaning: 'The hold has expired and its unit is back on sale.',
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
    meaning: 'The Idempotency-Key was used before, for a different request. Use a new key for a new request.',
  },
  'rate-limited': {
    status: 429,
    title: 'Too many requests',
    meaning: 'Too many requests. Retry after the time in `Retry-After`.',
  },
  'internal-error': {
    status: 500,
    title: 'Internal error',
    meaning: 'A defect in the server. The `requestId` finds it in the log.',
  },
  unavailable: {
    status: 503,
    title: 'Unavailable',
    meaning: 'The database cannot be reached. Nothing was changed; try again after `Retry-After`.',
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
      'repeat the request with the same Idempotency-Key, or check your reservations and purchases.',
  },
} as const satisfies Record<string, { status: number; title: string; meaning: string }>;

export type ProblemCode = keyof typeof PROBLEMS;
