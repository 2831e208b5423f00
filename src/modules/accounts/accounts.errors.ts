import { defineProblems, fixedProblem } from '../../lib/errors/index.js';

export const CLOSING_PROBLEMS = defineProblems({
  'own-account': {
    status: 409,
    title: 'Own account',
    meaning: 'Admins cannot disable their own account. Another admin can.',
  },
  'last-admin': {
    status: 409,
    title: 'Last admin',
    meaning: 'The account is the last one that is an admin. Make another account an admin first.',
  },
});

export class OwnAccountError extends fixedProblem(
  CLOSING_PROBLEMS['own-account'],
  'You cannot disable your own account',
) {}
export class LastAdminError extends fixedProblem(
  CLOSING_PROBLEMS['last-admin'],
  'This is the last admin: make another account an admin first',
) {}
