import { ApiError, NoAnswerError, type ProblemCode } from './problem.js';

/** What to tell somebody whose request did not succeed. */
export interface Explanation {
  readonly title: string;
  readonly text: string;
}

/** Those that a buyer may meet, in a buyer's words. Every other one speaks for itself. */
const BY_CODE = {
  'sold-out': {
    title: 'Somebody else got the last one',
    text: 'Units come back when a hold runs out or is let go. Stay here: the number tells.',
  },
  'already-reserved': { title: 'You already hold one', text: 'Buy it or let it go before you reserve another.' },
  'drop-paused': { title: 'The drop is paused', text: 'Reserving goes on later.' },
  'drop-ended': { title: 'The drop is over', text: 'Nothing of it can be reserved any more.' },
  'drop-not-found': { title: 'There is no such drop', text: 'The link may be cut off, or the drop was taken away.' },
  'reservation-expired': { title: 'Your hold ran out', text: 'The unit is back on sale.' },
  'reservation-settled': {
    title: 'This hold is settled already',
    text: 'It was bought or let go, perhaps in another window.',
  },
  'reservation-not-found': { title: 'There is no such hold', text: 'It may have been let go in another window.' },
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
    text: 'The server lost its database at that moment. Try again: nothing is done twice.',
  },
  unavailable: { title: 'The shop is away for a moment', text: 'Nothing was changed. Try again.' },
  overloaded: { title: 'Too many at once', text: 'Nothing was changed. Try again.' },
} satisfies Partial<Record<ProblemCode, Explanation>>;

/** What is told of this problem. */
export const explainCode = (code: keyof typeof BY_CODE): Explanation => BY_CODE[code];

const NO_ANSWER: Explanation = {
  title: 'The server cannot be reached',
  text: 'Try again when the connection is back: nothing is done twice.',
};

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
