import { describe, expect, it } from 'vitest';
import { explain } from '../../../web/src/api/explain.js';
import { ApiError, errorOf, isTransient, NoAnswerError, type Problem } from '../../../web/src/api/problem.js';

const problem = (more: Partial<Problem>): Problem => ({
  type: 'about:blank',
  title: 'Title',
  status: 409,
  detail: 'Detail',
  instance: '/',
  code: 'sold-out',
  requestId: 'r',
  message: 'Detail',
  ...more,
});

describe('explain', () => {
  it('has texts for the problems of buyers, and uses those of the API for others', () => {
    expect(explain(new ApiError(problem({}), null)).title).toBe('Sold out');
    const internal = problem({ code: 'internal-error', status: 500 });
    expect(explain(new ApiError(internal, null))).toEqual({ title: 'Title', text: 'Detail' });
  });

  it('includes the time to wait and the limit', () => {
    const limited = problem({ code: 'rate-limited', status: 429 });
    expect(explain(new ApiError(limited, 7)).text).toBe('Wait 7 seconds and try again.');
    expect(explain(new ApiError(problem({ code: 'limit-reached', limitPerUser: 1 }), null)).title).toBe(
      'Limit reached. One per person.',
    );
    expect(explain(new ApiError(problem({ code: 'limit-reached', limitPerUser: 4 }), null)).title).toBe(
      'Limit reached. 4 per person.',
    );
  });

  it('says of a sold-out drop whether units may come back', () => {
    const soldOut = (availability: 'all_held' | 'sold_out') =>
      explain(new ApiError(problem({ code: 'sold-out', availability }), null));
    expect(soldOut('all_held').text).toContain('come back');
    expect(soldOut('sold_out').text).toBe('Every unit is sold.');
  });

  it('says why a drop or its stock cannot be changed', () => {
    const detail = 'This drop cannot be paused: it has ended';
    expect(explain(new ApiError(problem({ code: 'drop-state', state: 'ended', detail }), null)).text).toBe(
      `${detail}.`,
    );
    const inUse = (possible: number) => explain(new ApiError(problem({ code: 'stock-in-use', possible }), null));
    expect(inUse(0).text).toBe('No unit can be taken off sale.');
    expect(inUse(3).text).toBe('At most 3 can be taken off sale.');
  });

  it('says at the sign-in that an account is disabled, and not that a session has ended', () => {
    const refused = problem({ code: 'unauthenticated', status: 401 });
    expect(explain(new ApiError(refused, null)).title).toBe('Your session has ended');
    expect(explain(new ApiError({ ...refused, reason: 'disabled' }, null)).title).toBe('This account is disabled');
  });

  it('distinguishes an unreachable server from an error in the page', () => {
    expect(explain(new NoAnswerError(new TypeError('x'))).title).toBe('No answer from the shop');
    expect(explain(new TypeError('x')).title).toBe('Something went wrong on this page');
  });
});

describe('errorOf', () => {
  it('reads the problem and Retry-After', async () => {
    const response = Response.json(problem({ code: 'overloaded', status: 503 }), {
      status: 503,
      headers: { 'Retry-After': '2' },
    });
    expect(await errorOf(response)).toMatchObject({ code: 'overloaded', retryAfter: 2 });
  });

  it('treats a response without a problem document, as from a proxy, as no answer', async () => {
    expect(await errorOf(new Response('<html>', { status: 502 }))).toBeInstanceOf(NoAnswerError);
  });
});

describe('isTransient', () => {
  it('is true for lost answers and unavailability, not for refusals', () => {
    expect(isTransient(new NoAnswerError(null))).toBe(true);
    expect(isTransient(new ApiError(problem({ code: 'outcome-unknown', status: 503 }), null))).toBe(true);
    expect(isTransient(new ApiError(problem({}), null))).toBe(false);
    expect(isTransient(new TypeError('x'))).toBe(false);
  });
});
