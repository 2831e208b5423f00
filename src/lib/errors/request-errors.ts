import { AppError, type FieldError, type InvalidField } from './app-error.js';
import { inSentences } from './in-sentences.js';

/** Problems that any endpoint can have. Those of the accounts are in account-errors.ts. */

const RETRY_SOON = { 'Retry-After': '1' };

export class ValidationError extends AppError {
  constructor(fields: readonly InvalidField[]) {
    super('validation-failed', inSentences(fields), {
      members: { errors: fields.map(({ path, message }): FieldError => ({ path, message })) },
    });
  }
}

export class MalformedJsonError extends AppError {
  constructor() {
    super('malformed-json', 'The request is not valid JSON');
  }
}

export class PayloadTooLargeError extends AppError {
  constructor() {
    super('payload-too-large', 'The request is over 16 kB');
  }
}

export class UnsupportedMediaTypeError extends AppError {
  constructor() {
    super('unsupported-media-type', 'The request must be JSON in UTF-8');
  }
}

export class RouteNotFoundError extends AppError {
  constructor() {
    super('route-not-found', 'There is nothing at this address');
  }
}

export class MethodNotAllowedError extends AppError {
  constructor(method: string, allow: string) {
    super('method-not-allowed', `${method} is not possible here; allowed: ${allow}`, { headers: { Allow: allow } });
  }
}

export class IdempotencyKeyReusedError extends AppError {
  constructor() {
    super('idempotency-key-reused', 'This request was already used for something else: start again');
  }
}

export class RateLimitedError extends AppError {
  constructor(retryAfterSeconds: number) {
    super(
      'rate-limited',
      `Too many requests: try again in ${retryAfterSeconds} ${retryAfterSeconds === 1 ? 'second' : 'seconds'}`,
      {
        headers: { 'Retry-After': String(retryAfterSeconds) },
      },
    );
  }
}

export class InternalError extends AppError {
  constructor(cause: unknown) {
    super('internal-error', 'Something went wrong on our side', { cause });
  }
}

export class UnavailableError extends AppError {
  constructor(cause?: unknown, detail = 'The database cannot be reached right now; try again in a moment') {
    super('unavailable', detail, { headers: RETRY_SOON, cause });
  }
}

export class OverloadedError extends AppError {
  constructor(cause?: unknown) {
    super('overloaded', 'Too many requests at once; try again in a moment', { headers: RETRY_SOON, cause });
  }
}

export class OutcomeUnknownError extends AppError {
  constructor(cause?: unknown) {
    super('outcome-unknown', 'The connection was lost while saving: check whether it was done before you try again', {
      headers: RETRY_SOON,
      cause,
    });
  }
}
