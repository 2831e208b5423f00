import { SHARED_ACCOUNT_PROBLEMS } from '../../lib/auth/account-errors.js';
import { defineProblems, fixedProblem } from '../../lib/errors/index.js';

export const ACCOUNT_PROBLEMS = {
  ...SHARED_ACCOUNT_PROBLEMS,
  ...defineProblems({
    'email-taken': { status: 409, title: 'E-mail taken', meaning: 'An account with this e-mail exists.' },
    'username-taken': { status: 409, title: 'Username taken', meaning: 'An account with this username exists.' },
  }),
};

export class EmailTakenError extends fixedProblem(
  ACCOUNT_PROBLEMS['email-taken'],
  'An account with this e-mail exists already',
) {}
export class UsernameTakenError extends fixedProblem(ACCOUNT_PROBLEMS['username-taken'], 'This username is taken') {}
