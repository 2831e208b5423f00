import { AppError } from './app-error.js';

export class UnauthenticatedError extends AppError {
  constructor(detail = 'Sign in first', challenge = 'Bearer') {
    super('unauthenticated', detail, { headers: { 'WWW-Authenticate': challenge } });
  }
}

/** A token was sent and is of no use: wrong, expired, or its user is gone. */
export class InvalidTokenError extends UnauthenticatedError {
  constructor(detail: string) {
    super(detail, 'Bearer error="invalid_token"');
  }
}

export class AccountGoneError extends InvalidTokenError {
  constructor() {
    super('Your account no longer exists');
  }
}

export class ForbiddenError extends AppError {
  constructor(detail: string) {
    super('forbidden', detail);
  }
}
