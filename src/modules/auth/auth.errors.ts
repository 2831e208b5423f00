import { AppError, defineProblems, fixedProblem } from '../../lib/errors/index.js';

export const ACCOUNT_PROBLEMS = defineProblems({
  'invalid-credentials': {
    status: 401,
    title: 'Invalid credentials',
    meaning:
      'No account has this e-mail and password. The response does not say which of the two is wrong. To a request that is signed ' +
      'in: its password is wrong.',
  },
  'user-not-found': { status: 404, title: 'User not found', meaning: 'No user has this id.' },
  'email-taken': { status: 409, title: 'E-mail taken', meaning: 'An account with this e-mail exists.' },
  'username-taken': { status: 409, title: 'Username taken', meaning: 'An account with this username exists.' },
});

export class InvalidCredentialsError extends AppError {
  constructor() {
    super(ACCOUNT_PROBLEMS['invalid-credentials'], 'Wrong e-mail or password', {
      headers: { 'WWW-Authenticate': 'Bearer' },
    });
  }
}

export class UserNotFoundError extends fixedProblem(ACCOUNT_PROBLEMS['user-not-found'], 'User not found') {}
export class EmailTakenError extends fixedProblem(
  ACCOUNT_PROBLEMS['email-taken'],
  'An account with this e-mail exists already',
) {}
export class UsernameTakenError extends fixedProblem(ACCOUNT_PROBLEMS['username-taken'], 'This username is taken') {}
