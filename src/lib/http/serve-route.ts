import type { IncomingMessage, ServerResponse } from 'node:http';
import { parse as parseQuery } from 'node:querystring';
import parseUrl from 'parseurl';
import type { Authenticate } from '../auth/authenticate.js';
import { ForbiddenError } from '../errors/index.js';
import type { Route } from './define-route.js';
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
  readonly authenticate: Authenticate;
  readonly rateLimits: RateLimits;
  readonly answerProblem: AnswerProblem;
  /** Parse every answer by its schema too; for development and tests. */
  readonly checkAnswers: boolean;
}

/** The one way of every request to its handler and back. */
export function createEndpoint(route: Route, options: ServeOptions): Endpoint {
  const { authenticate, rateLimits, answerProblem, checkAnswers } = options;
  const count = route.rateLimit && rateLimits.counter(route.rateLimit);

  async function userOf(req: IncomingMessage) {
    if (route.access === 'public') return null;
    const user = await authenticate(req.headers.authorization);
    if (route.access === 'admin' && user.role !== 'admin') throw new ForbiddenError('Only an admin may do this');
    return user;
  }

  return {
    route,
    async serve(req, res, params) {
      try {
        // Who calls is settled before the body is read, and before the limit that is counted by user.
        const user = await userOf(req);
        await count?.(req, res, user);
        const answer = await route.respond(
          {
            params,
            query: route.query && parseQuery(queryText(req)),
            headers: req.headers,
            body: route.body && (await readJsonBody(req, res)),
            user,
            signal: callerOf(res),
          },
          checkAnswers,
        );
        send(req, res, answer);
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

function callerOf(res: ServerResponse) {
  return {
    get aborted() {
      return res.destroyed;
    },
  };
}
