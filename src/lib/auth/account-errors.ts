import { AppError, defineProblems, fixedProblem } from '../errors/index.js';

/** The problems of accounts that several features have. */
export const SHARED_ACCOUNT_PROBLEMS = defineProblems({
  'invalid-credentials': {
    status: 401,
    title: 'Invalid credentials',
    meaning:
      'No account has this e-mail and password. The response does not say which of the two is wrong. To a request that is signed ' +
      'in: its password is wrong.',
  },
  'user-not-found': { status: 404, title: 'User not found', meaning: 'No user has this id.' },
});

export class InvalidCredentialsError extends AppError {
  constructor(detail = 'Wrong e-mail or password') {
    super(SHARED_ACCOUNT_PROBLEMS['invalid-credentials'], detail, { headers: { 'WWW-Authenticate': 'Bearer' } });
  }
}

/** Of a request that is signed in. */
export class WrongPasswordError extends InvalidCredentialsError {
  constructor() {
    super('The password is wrong');
  }
}

export class UserNotFoundError extends fixedProblem(SHARED_ACCOUNT_PROBLEMS['user-not-found'], 'User not found') {}
