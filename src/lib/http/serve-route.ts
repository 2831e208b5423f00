import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Authentication, TokenSubject } from '../auth/authenticate.js';
import { AccountGoneError, AppError, ForbiddenError } from '../errors/index.js';
import type { Route } from './define-route.js';
import { readJsonBody } from './json-body.js';
import type { AnswerProblem } from './problem-response.js';
import { queryOf } from './query-parameters.js';
import type { RateLimits } from './rate-limits.js';
import { send } from './send.js';

/**
 * Answers a request of one route, from who calls to the last byte; never rejects. It needs nothing of Express, so that it
 * serves within its router and ahead of it alike.
 */
export type Serve = (req: IncomingMessage, res: ServerResponse, params: unknown) => Promise<void>;

/** A row of the API, and what answers its requests. */
export interface Endpoint {
  readonly route: Route;
  readonly serve: Serve;
}

export interface ServeOptions {
  readonly authentication: Authentication;
  readonly rateLimits: RateLimits;
  readonly answerProblem: AnswerProblem;
  /** Parse every answer by its schema too; for development and tests. */
  readonly checkAnswers: boolean;
}

/** The one way of every request to its handler and back. */
export function createEndpoint(route: Route, options: ServeOptions): Endpoint {
  const { authentication, rateLimits, answerProblem, checkAnswers } = options;
  const count = route.rateLimit && rateLimits.counter(route.rateLimit);

  async function callerOf(req: IncomingMessage) {
    if (route.access === 'public') return null;
    const holder = authentication.subjectOf(req.headers.authorization);
    if (route.access === 'token') return holder;
    const user = await authentication.accountOf(holder);
    if (route.access === 'admin' && user.role !== 'admin') throw new ForbiddenError('Only an admin may do this');
    return user;
  }

  async function answerTo(req: IncomingMessage, res: ServerResponse, params: unknown, user: TokenSubject | null) {
    await count?.(req, res, user);
    const request = {
      params,
      query: queryOf(req),
      headers: req.headers,
      body: route.body && (await readJsonBody(req, res)),
      user,
      signal: signalOf(res),
    };
    return route.respond(request, checkAnswers);
  }

  /** Whoever is refused, but has no account any more, is told that and nothing else. */
  async function accountFirst(token: TokenSubject, error: unknown): Promise<never> {
    if (error instanceof AppError && error.status < 500) {
      await authentication.accountOf(token).catch((reason: unknown) => {
        // Whatever else keeps it from being found out is no answer to this request.
        if (reason instanceof AccountGoneError) throw reason;
      });
    }
    throw error;
  }

  return {
    route,
    async serve(req, res, params) {
      try {
        // Who calls is settled before the body is read, and before the limit that is counted by user.
        const caller = await callerOf(req);
        const answering = answerTo(req, res, params, caller);
        const isHolder = route.access === 'token' && caller;
        send(req, res, await (isHolder ? answering.catch((error: unknown) => accountFirst(caller, error)) : answering));
      } catch (error) {
        answerProblem(error, req, res);
      }
    },
  };
}

function signalOf(res: ServerResponse) {
  return {
    get aborted() {
      return res.destroyed;
    },
  };
}
