import type { IncomingMessage, ServerResponse } from 'node:http';
import { parse as parseQuery } from 'node:querystring';
import parseUrl from 'parseurl';
import type { Authentication, TokenHolder } from '../auth/authenticate.js';
import { ForbiddenError } from '../errors/index.js';
import type { ParsedRequest, Route } from './define-route.js';
import { readJsonBody } from './json-body.js';
import type { AnswerProblem } from './problem-response.js';
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
    const holder = authentication.holderOf(req.headers.authorization);
    if (route.access === 'holder') return holder;
    const user = await authentication.accountOf(holder);
    if (route.access === 'admin' && user.role !== 'admin') throw new ForbiddenError('Only an admin may do this');
    return user;
  }

  async function read(req: IncomingMessage, res: ServerResponse, params: unknown, user: TokenHolder | null) {
    return route.parse({
      params,
      query: route.query && parseQuery(queryText(req)),
      headers: req.headers,
      body: route.body && (await readJsonBody(req, res)),
      user,
      signal: signalOf(res),
    });
  }

  /** What is asked. Who calls is settled before the body is read, and before the limit that is counted by user. */
  async function requestOf(req: IncomingMessage, res: ServerResponse, params: unknown): Promise<ParsedRequest> {
    const caller = await callerOf(req);
    try {
      await count?.(req, res, caller);
      return await read(req, res, params, caller);
    } catch (error) {
      // An account that is gone is told so, and nothing else.
      if (route.access === 'holder' && caller) await authentication.accountOf(caller);
      throw error;
    }
  }

  return {
    route,
    async serve(req, res, params) {
      try {
        const request = await requestOf(req, res, params);
        send(req, res, await route.respond(request, checkAnswers));
      } catch (error) {
        answerProblem(error, req, res);
      }
    },
  };
}

function queryText(req: IncomingMessage): string {
  const query = parseUrl(req)?.query;
  return typeof query === 'string' ? query : '';
}

function signalOf(res: ServerResponse) {
  return {
    get aborted() {
      return res.destroyed;
    },
  };
}
