import { AppError, type FieldError } from './app-error.js';

/** Problems that any endpoint can have. Those of one feature's rules stand in stock-errors.ts and account-errors.ts. */

const RETRY_SOON = { 'Retry-After': '1' };

export class ValidationError extends AppError {
  constructor(errors: readonly FieldError[]) {
    super('validation-failed', errors.map(({ path, message }) => `${path}: ${message}`).join('; '), {
      members: { errors },
    });
  }
}

export class MalformedJsonError extends AppError {
  constructor() {
    super('malformed-json', 'The body is not valid JSON');
  }
}

export class PayloadTooLargeError extends AppError {
  constructor() {
    super('payload-too-large', 'The body is over 16 kB');
  }
}

export class UnsupportedMediaTypeError extends AppError {
  constructor() {
    super('unsupported-media-type', 'Send the body as application/json, in UTF-8');
  }
}

export class RouteNotFoundError extends AppError {
  constructor(method: string, path: string) {
    super('route-not-found', `No route for ${method} ${path}`);
  }
}

export class MethodNotAllowedError extends AppError {
  constructor(method: string, allow: string) {
    super('method-not-allowed', `${method} is not possible here; allowed: ${allow}`, { headers: { Allow: allow } });
  }
}

export class RateLimitedError extends AppError {
  constructor(retryAfterSeconds: number) {
    super('rate-limited', `Too many requests: try again in ${retryAfterSeconds} s`, {
      headers: { 'Retry-After': String(retryAfterSeconds) },
    });
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
    super('outcome-unknown', 'The connection was lost while saving; repeat the request with the same Idempotency-Key', {
      headers: RETRY_SOON,
      cause,
    });
  }
}
