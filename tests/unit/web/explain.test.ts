import { describe, expect, it } from 'vitest';
import { explain } from '../../../web/src/api/explain.js';
import { ApiError, errorOf, mayPass, NoAnswerError, type Problem } from '../../../web/src/api/problem.js';

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
  it('speaks to buyers of what they meet, and lets the server speak of the rest', () => {
    expect(explain(new ApiError(problem({}), null)).title).toBe('No unit is free');
    const internal = problem({ code: 'internal-error', status: 500 });
    expect(explain(new ApiError(internal, null))).toEqual({ title: 'Title', text: 'Detail' });
  });

  it('says how long to wait, and how many one may have', () => {
    const limited = problem({ code: 'rate-limited', status: 429 });
    expect(explain(new ApiError(limited, 7)).text).toBe('Wait 7 seconds and try again.');
    expect(explain(new ApiError(problem({ code: 'limit-reached', limitPerUser: 1 }), null)).text).toContain(
      'one at most',
    );
    expect(explain(new ApiError(problem({ code: 'limit-reached', limitPerUser: 4 }), null)).text).toContain(
      '4 at most',
    );
  });

  it('tells a server that is away from a page that is broken', () => {
    expect(explain(new NoAnswerError(new TypeError('x'))).title).toBe('No answer from the server');
    expect(explain(new TypeError('x')).title).toBe('Something went wrong in the page');
  });
});

describe('errorOf', () => {
  it('reads the problem and how long to wait', async () => {
    const response = Response.json(problem({ code: 'overloaded', status: 503 }), {
      status: 503,
      headers: { 'Retry-After': '2' },
    });
    expect(await errorOf(response)).toMatchObject({ code: 'overloaded', retryAfter: 2 });
  });

  it('takes what is no problem, as of a proxy, for no answer', async () => {
    expect(await errorOf(new Response('<html>', { status: 502 }))).toBeInstanceOf(NoAnswerError);
  });
});

describe('mayPass', () => {
  it('is true of what was not answered, not of what was refused', () => {
    expect(mayPass(new NoAnswerError(null))).toBe(true);
    expect(mayPass(new ApiError(problem({ code: 'outcome-unknown', status: 503 }), null))).toBe(true);
    expect(mayPass(new ApiError(problem({}), null))).toBe(false);
    expect(mayPass(new TypeError('x'))).toBe(false);
  });
});
