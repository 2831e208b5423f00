import { texts } from '../texts/texts.js';
import { ApiError, NoAnswerError, type ProblemCode } from './problem.js';

/** A failed request in the words of the page. */
export interface Explanation {
  readonly title: string;
  readonly text: string;
}

/** Problems with the same text in each case. */
const BY_CODE = texts.api.problems satisfies Partial<Record<ProblemCode, Explanation>>;

/** The explanation of a problem. */
export const explainCode = (code: keyof typeof BY_CODE): Explanation => BY_CODE[code];

/** The explanation of a request of this kind that may have been carried out. */
export const explainUncertain = (kind: keyof typeof texts.api.uncertain): Explanation => texts.api.uncertain[kind];

/** What went wrong, and what to do about it. */
export function explain(error: unknown): Explanation {
  const words = texts.api;
  if (!(error instanceof ApiError)) return error instanceof NoAnswerError ? words.noAnswer : words.pageError;
  const { problem, retryAfter } = error;
  if (problem.code === 'unauthenticated' && problem.reason === 'disabled') return words.accountDisabled;
  if (problem.code === 'rate-limited') {
    return { title: words.tooManyAttempts, text: words.waitFor(retryAfter ?? 1) };
  }
  if (problem.code === 'limit-reached' && problem.limitPerUser !== undefined) {
    return { title: words.limitReached(problem.limitPerUser), text: '' };
  }
  if (problem.code === 'sold-out' && problem.availability === 'sold_out') {
    return { title: BY_CODE['sold-out'].title, text: words.soldOutForGood };
  }
  if (problem.code === 'sold-out' && problem.availability === 'all_held') return words.allHeld;
  if (problem.code === 'drop-state') return { title: words.dropState, text: texts.common.sentence(problem.detail) };
  if (problem.code === 'stock-in-use' && problem.possible !== undefined) {
    const { title, none, some } = words.stockInUse;
    return { title, text: problem.possible === 0 ? none : some(problem.possible) };
  }
  const known: Partial<Record<ProblemCode, Explanation>> = BY_CODE;
  return known[problem.code] ?? { title: problem.title, text: problem.detail };
}
