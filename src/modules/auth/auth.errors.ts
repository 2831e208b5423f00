import { AppError } from '../../lib/errors/index.js';

export class InvalidCredentialsError extends AppError {
  constructor() {
    super('invalid-credentials', 'Wrong e-mail or password', { headers: { 'WWW-Authenticate': 'Bearer' } });
  }
}

export class UserNotFoundError extends AppError {
  constructor() {
    super('user-not-found', 'User not found');
  }
}

export class EmailTakenError extends AppError {
  constructor() {
    super('email-taken', 'An account with this e-mail exists already');
  }
}

export class UsernameTakenError extends AppError {
  constructor() {
    super('username-taken', 'This username is taken');
  }
}
