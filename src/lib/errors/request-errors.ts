import { AppError, fixedProblem, type FieldError, type InvalidField } from './app-error.js';
import { HTTP_PROBLEMS } from './problems.js';

const RETRY_SOON = { 'Retry-After': '1' };

/** The number of fields that `message` names. */
const MAX_SENTENCES = 5;
/** Longer names, chosen by the client, are cut. */
const MAX_NAME_LENGTH = 40;

/** For errors of a whole part of the request. */
const PARTS: Readonly<Record<string, string>> = { query: 'The address', params: 'The address', path: 'The address' };

export class ValidationError extends AppError {
  constructor(fields: readonly InvalidField[]) {
    super(HTTP_PROBLEMS['validation-failed'], inSentences(fields), {
      members: { errors: fields.map(({ path, message }): FieldError => ({ path, message })) },
    });
  }
}

export class MalformedJsonError extends fixedProblem(
  HTTP_PROBLEMS['malformed-json'],
  'The request is not valid JSON',
) {}
export class RequestTimeoutError extends fixedProblem(
  HTTP_PROBLEMS['request-timeout'],
  'The request took too long to arrive: try again',
) {}

export class PayloadTooLargeError extends AppError {
  constructor() {
    super(HTTP_PROBLEMS['payload-too-large'], 'The request is over 16 kB', { headers: { Connection: 'close' } });
  }
}

export class HeadersTooLargeError extends fixedProblem(
  HTTP_PROBLEMS['headers-too-large'],
  'The address or the headers of the request are too long',
) {}

export class UnsupportedMediaTypeError extends fixedProblem(
  HTTP_PROBLEMS['unsupported-media-type'],
  'The request must be JSON in UTF-8',
) {}
export class RouteNotFoundError extends fixedProblem(
  HTTP_PROBLEMS['route-not-found'],
  'There is nothing at this address',
) {}

export class MethodNotAllowedError extends AppError {
  constructor(method: string, allow: string) {
    super(HTTP_PROBLEMS['method-not-allowed'], `${method} is not possible here; allowed: ${allow}`, {
      headers: { Allow: allow },
    });
  }
}

export class IdempotencyKeyReusedError extends fixedProblem(
  HTTP_PROBLEMS['idempotency-key-reused'],
  'This request was already used for something else: start again',
) {}

export class RateLimitedError extends AppError {
  constructor(retryAfterSeconds: number) {
    super(
      HTTP_PROBLEMS['rate-limited'],
      `Too many requests: try again in ${retryAfterSeconds} ${retryAfterSeconds === 1 ? 'second' : 'seconds'}`,
      {
        headers: { 'Retry-After': String(retryAfterSeconds) },
      },
    );
  }
}

export class InternalError extends AppError {
  constructor(cause: unknown) {
    super(HTTP_PROBLEMS['internal-error'], 'Something went wrong on our side', { cause });
  }
}

export class UnavailableError extends AppError {
  constructor(cause?: unknown, detail = 'The database cannot be reached right now; try again in a moment') {
    super(HTTP_PROBLEMS.unavailable, detail, { headers: RETRY_SOON, cause });
  }
}

export class OverloadedError extends AppError {
  constructor(cause?: unknown) {
    super(HTTP_PROBLEMS.overloaded, 'Too many requests at once; try again in a moment', { headers: RETRY_SOON, cause });
  }
}

export class OutcomeUnknownError extends AppError {
  constructor(cause?: unknown) {
    super(
      HTTP_PROBLEMS['outcome-unknown'],
      'The connection was lost while saving: check whether it was done before you try again',
      {
        headers: RETRY_SOON,
        cause,
      },
    );
  }
}

export class UnauthenticatedError extends AppError {
  constructor(detail = 'Sign in first', challenge = 'Bearer', members: Readonly<Record<string, unknown>> = {}) {
    super(HTTP_PROBLEMS.unauthenticated, detail, { headers: { 'WWW-Authenticate': challenge }, members });
  }
}

/** The token is wrong, expired or ended, or its account is closed. */
export class InvalidTokenError extends UnauthenticatedError {
  constructor(detail: string, members?: Readonly<Record<string, unknown>>) {
    super(detail, 'Bearer error="invalid_token"', members);
  }
}

/** Why a token that is neither forged nor expired is refused, in the order in which it is checked. */
export type TokenRefusal = 'deleted' | 'disabled' | 'signed-out';

/** For people. */
export const TOKEN_REFUSALS: Readonly<Record<TokenRefusal, string>> = {
  deleted: 'Your account no longer exists',
  disabled: 'Your account is disabled',
  'signed-out': 'Your session has ended: sign in again',
};

/** The token was ended, or its account is closed. */
export class TokenEndedError extends InvalidTokenError {
  constructor(readonly refusal: TokenRefusal) {
    super(TOKEN_REFUSALS[refusal], { reason: refusal });
  }
}

export class AccountGoneError extends TokenEndedError {
  constructor() {
    super('deleted');
  }
}

export class ForbiddenError extends AppError {
  constructor(detail: string) {
    super(HTTP_PROBLEMS.forbidden, detail);
  }
}

/**
 * Describes invalid fields for people: `Name is required. Age must be at least 1`. Leaves out paths, and the parts of
 * messages in parentheses, which are for developers.
 */
function inSentences(fields: readonly InvalidField[]): string {
  const sentences = fields
    .slice(0, MAX_SENTENCES)
    .map(({ path, message, label }) => `${label ?? nameInWords(path)} ${message.replace(/ \(.*$/su, '')}`);
  const more = fields.length - sentences.length;
  if (more > 0) sentences.push(`There ${more === 1 ? 'is 1 more problem' : `are ${more} more problems`}`);
  // A sentence may end with a question mark.
  return sentences.join('. ').replaceAll('?. ', '? ');
}

/** `body.userIds.0` in words: `User ids`. */
function nameInWords(path: string): string {
  const [part = '', field] = path.split('.');
  if (field === undefined) return PARTS[part] ?? 'The request';
  const words = field
    .replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, '$1 $2')
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ')
    .trim()
    .toLowerCase();
  const [first, ...others] = Array.from(words).slice(0, MAX_NAME_LENGTH);
  return first === undefined ? 'A field' : first.toUpperCase() + others.join('');
}
