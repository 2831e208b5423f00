import { AppError, fixedProblem } from '../../lib/errors/index.js';

export class InvalidCredentialsError extends AppError {
  constructor() {
    super('invalid-credentials', 'Wrong e-mail or password', { headers: { 'WWW-Authenticate': 'Bearer' } });
  }
}

export class UserNotFoundError extends fixedProblem('user-not-found', 'User not found') {}
export class EmailTakenError extends fixedProblem('email-taken', 'An account with this e-mail exists already') {}
export class UsernameTakenError extends fixedProblem('username-taken', 'This username is taken') {}
