import { ApiError, NoAnswerError, type ProblemCode } from './problem.js';

/** A failed request in the words of the page. */
export interface Explanation {
  readonly title: string;
  readonly text: string;
}

/** Problems with the same text in each case. */
const BY_CODE = {
  'sold-out': {
    title: 'Sold out',
    text: 'Units come back when reservations expire or are cancelled. This page then shows them.',
  },
  'already-reserved': {
    title: 'Already in your cart',
    text: 'Buy it or cancel the reservation before you reserve another.',
  },
  'drop-paused': { title: 'The drop is paused', text: 'It cannot be reserved while it is paused.' },
  'drop-ended': { title: 'The drop has ended', text: 'It can no longer be reserved.' },
  'drop-not-found': {
    title: 'This drop was not found',
    text: 'The link may be incomplete, or the drop may have been removed.',
  },
  'reservation-expired': { title: 'Your reservation expired', text: 'The unit is no longer reserved for you.' },
  'reservation-settled': {
    title: 'Already bought or cancelled',
    text: 'This reservation was bought or cancelled, perhaps in another tab.',
  },
  'reservation-not-found': {
    title: 'This reservation was not found',
    text: 'It may have been cancelled in another tab.',
  },
  'not-your-reservation': {
    title: 'This reservation belongs to another account',
    text: 'Sign in with the account that reserved it.',
  },
  unauthenticated: { title: 'Your session has ended', text: 'Sign in again to continue.' },
  'invalid-credentials': { title: 'Wrong email or password', text: 'Check both and try again.' },
  'last-admin': {
    title: 'You are the only admin',
    text: 'Make another account an admin first, and then close this one.',
  },
  'email-taken': { title: 'This email already has an account', text: 'Sign in with it, or use another one.' },
  'username-taken': { title: 'This name is taken', text: 'Choose another one.' },
  'outcome-unknown': {
    title: 'It is not certain whether that worked',
    text: 'The server lost its database connection at that moment. Check before you try again.',
  },
  unavailable: { title: 'The shop is temporarily unavailable', text: 'Try again in a moment.' },
  overloaded: { title: 'Too many requests right now', text: 'Try again in a moment.' },
} satisfies Partial<Record<ProblemCode, Explanation>>;

/** The explanation of a problem. */
export const explainCode = (code: keyof typeof BY_CODE): Explanation => BY_CODE[code];

const NO_ANSWER: Explanation = {
  title: 'No answer from the server',
  text: 'Check your connection and try again.',
};

/** Requests that may have been carried out, and how to find out. */
const UNCERTAIN = {
  reserve: {
    title: 'It is not certain whether you reserved one',
    text: 'No clear answer came. Try again: you get one at most.',
  },
  buy: {
    title: 'It is not certain whether you bought it',
    text: 'No clear answer came. Try again: it is bought once at most.',
  },
  release: {
    title: 'It is not certain whether the reservation was cancelled',
    text: 'No clear answer came. Try again.',
  },
  createDrop: {
    title: 'It is not certain whether the drop was created',
    text: 'No clear answer came. Try again without changing the form: it is created once at most.',
  },
  changeDrop: {
    title: 'It is not certain whether the drop was changed',
    text: 'No clear answer came. Try again: nothing happens if it was.',
  },
  changeStock: {
    title: 'It is not certain whether the stock was changed',
    text: 'No clear answer came. Try again without changing the form: it is changed once at most.',
  },
  changePassword: {
    title: 'It is not certain whether your password was changed',
    text: 'No clear answer came. If you are asked to sign in again, try the new password first.',
  },
  closeAccount: {
    title: 'It is not certain whether your account was closed',
    text: 'No clear answer came. If it was closed, you are signed out; otherwise try again.',
  },
  register: {
    title: 'Your account may exist already',
    text: 'No clear answer came. Sign in with the email and password you entered. If that is refused, create the account again.',
  },
} as const;

/** The explanation of a request of this kind that may have been carried out. */
export const explainUncertain = (kind: keyof typeof UNCERTAIN): Explanation => UNCERTAIN[kind];

/** What went wrong, and what to do about it. */
export function explain(error: unknown): Explanation {
  if (!(error instanceof ApiError)) {
    if (error instanceof NoAnswerError) return NO_ANSWER;
    return { title: 'Something went wrong in the page', text: 'Reload it.' };
  }
  const { problem, retryAfter } = error;
  if (problem.code === 'unauthenticated' && problem.reason === 'disabled') {
    return { title: 'This account is disabled', text: 'The shop has disabled it, and it cannot be used now.' };
  }
  if (problem.code === 'rate-limited') {
    return { title: 'Too many attempts', text: `Wait ${inSeconds(retryAfter ?? 1)} and try again.` };
  }
  if (problem.code === 'limit-reached' && problem.limitPerUser !== undefined) {
    const limit = problem.limitPerUser === 1 ? 'one' : problem.limitPerUser;
    return { title: 'Limit reached', text: `Each customer can have ${limit} at most.` };
  }
  if (problem.code === 'sold-out' && problem.availability === 'sold_out') {
    return { title: 'Sold out', text: 'Every unit has been bought.' };
  }
  if (problem.code === 'drop-state') {
    return { title: 'Not possible in this state', text: `${problem.detail}.` };
  }
  if (problem.code === 'stock-in-use' && problem.possible !== undefined) {
    const text =
      problem.possible === 0 ? 'No unit can be taken off sale.' : `At most ${problem.possible} can be taken off sale.`;
    return { title: 'The other units are reserved or sold', text };
  }
  if (problem.code === 'drop-not-started') {
    return { title: 'The drop is not open yet', text: 'The countdown shows when it opens, by the server’s clock.' };
  }
  const known: Partial<Record<ProblemCode, Explanation>> = BY_CODE;
  return known[problem.code] ?? { title: problem.title, text: problem.detail };
}

function inSeconds(seconds: number): string {
  return seconds === 1 ? '1 second' : `${seconds} seconds`;
}
