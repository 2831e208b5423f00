import { ApiError, NoAnswerError, type ProblemCode } from './problem.js';

/** What to tell somebody whose request did not succeed. */
export interface Explanation {
  readonly title: string;
  readonly text: string;
}

/** Those that a buyer may meet, in a buyer's words. Every other one speaks for itself. */
const BY_CODE = {
  'sold-out': {
    title: 'No unit is free',
    text: 'Units may come back when a hold runs out or is let go. The number on this page changes then.',
  },
  'already-reserved': { title: 'You already hold one', text: 'Buy it or let it go before you reserve another.' },
  'drop-paused': { title: 'The drop is paused', text: 'While it is paused, it cannot be reserved.' },
  'drop-ended': { title: 'The drop is over', text: 'It cannot be reserved any more.' },
  'drop-not-found': {
    title: 'This drop was not found',
    text: 'The link may be incomplete, or the drop is not on show.',
  },
  'reservation-expired': { title: 'Your hold ran out', text: 'The unit is no longer held for you.' },
  'reservation-settled': {
    title: 'This hold is settled already',
    text: 'It was bought or let go, perhaps in another window.',
  },
  'reservation-not-found': { title: 'This hold was not found', text: 'It may have been let go in another window.' },
  'not-your-reservation': {
    title: 'This hold belongs to somebody else',
    text: 'Are you signed in as who reserved it?',
  },
  unauthenticated: { title: 'Your session has ended', text: 'Sign in again to go on.' },
  'invalid-credentials': { title: 'Wrong e-mail or password', text: 'Which of the two is wrong is not told.' },
  'email-taken': { title: 'This e-mail has an account', text: 'Sign in with it, or use another one.' },
  'username-taken': { title: 'This name is taken', text: 'Choose another one.' },
  'outcome-unknown': {
    title: 'It is not certain whether that worked',
    text: 'The server lost its database at that moment. Look before you try again.',
  },
  unavailable: { title: 'The shop is away for a moment', text: 'Try again in a moment.' },
  overloaded: { title: 'Too many at once', text: 'Try again in a moment.' },
} satisfies Partial<Record<ProblemCode, Explanation>>;

/** What is told of this problem. */
export const explainCode = (code: keyof typeof BY_CODE): Explanation => BY_CODE[code];

const NO_ANSWER: Explanation = {
  title: 'No answer from the server',
  text: 'Check your connection and try again.',
};

/** What to say of a request that may have been carried out, and how to find out. */
const UNCERTAIN = {
  reserve: {
    title: 'It is not certain whether you hold one',
    text: 'No clear answer came. Try again: you get one at most.',
  },
  buy: {
    title: 'It is not certain whether you bought it',
    text: 'No clear answer came. Try again: it is bought once at most.',
  },
  release: { title: 'It is not certain whether the hold was let go', text: 'No clear answer came. Try again.' },
  createDrop: {
    title: 'It is not certain whether the drop was created',
    text: 'No clear answer came. Try again without changing the form: it is created once at most.',
  },
  register: {
    title: 'Your account may exist already',
    text: 'No clear answer came. Sign in with the e-mail and password you entered; if that is refused, register again.',
  },
} as const;

/** What to say of a request of this kind that may have been carried out. */
export const explainUncertain = (kind: keyof typeof UNCERTAIN): Explanation => UNCERTAIN[kind];

/** Says what went wrong, and what to do about it. */
export function explain(error: unknown): Explanation {
  if (!(error instanceof ApiError)) {
    if (error instanceof NoAnswerError) return NO_ANSWER;
    return { title: 'Something went wrong in the page', text: 'Load it again.' };
  }
  const { problem, retryAfter } = error;
  if (problem.code === 'rate-limited') {
    return { title: 'Too many tries', text: `Wait ${inSeconds(retryAfter ?? 1)} and try again.` };
  }
  if (problem.code === 'limit-reached' && problem.limitPerUser !== undefined) {
    const most = problem.limitPerUser === 1 ? 'one' : problem.limitPerUser;
    return { title: 'That is as many as one may have', text: `Of this drop everybody gets ${most} at most.` };
  }
  if (problem.code === 'drop-not-started') {
    return { title: 'The drop is not open yet', text: 'It opens by the server’s clock: the countdown tells when.' };
  }
  const known: Partial<Record<ProblemCode, Explanation>> = BY_CODE;
  return known[problem.code] ?? { title: problem.title, text: problem.detail };
}

function inSeconds(seconds: number): string {
  return seconds === 1 ? '1 second' : `${seconds} seconds`;
}
