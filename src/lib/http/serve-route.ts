import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Authentication, TokenSubject } from '../auth/authenticate.js';
import { AppError, ForbiddenError, InternalError, TokenEndedError, UnauthenticatedError } from '../errors/index.js';
import { problemsOf, type Route } from './define-route.js';
import { readJsonBody } from './request/json-body.js';
import { toAppError, type SendProblem } from './problem-response.js';
import { queryOf } from './request/query-parameters.js';
import type { ClientAddress } from './request/client-address.js';
import type { RateLimits } from './rate-limits/rate-limits.js';
import type { ReadLimit } from './read-limit.js';
import { send, sendStream } from './send.js';

/** Serves a request of one route, from authentication to the response; never rejects. Works with and without Express. */
type Serve = (req: IncomingMessage, res: ServerResponse, params: unknown) => Promise<void>;

export interface Endpoint {
  readonly route: Route;
  readonly serve: Serve;
}

interface ServeOptions {
  readonly authentication: Authentication;
  readonly clientAddress: ClientAddress;
  readonly rateLimits: RateLimits;
  readonly readLimit: ReadLimit;
  readonly sendProblem: SendProblem;
  /** Whether to validate responses by their schemas, and to answer 500 in place of an undeclared problem: in development and tests. */
  readonly checkResponses: boolean;
}

/** The statuses of requests that cannot be read or are not valid: they do not reach the handler, which loads the account. */
const UNREADABLE: ReadonlySet<number> = new Set([400, 413, 415]);

export function createEndpoint(route: Route, options: ServeOptions): Endpoint {
  const { authentication, clientAddress, rateLimits, readLimit, sendProblem, checkResponses } = options;
  const dependsOnToken = route.access !== 'public' || route.returnsToken === true;
  const countRequest = route.rateLimit && rateLimits.counter(route.rateLimit);

  async function loadUser(subject: TokenSubject | null) {
    if (subject === null) return null;
    // One that was refused before is checked with other such tokens, so that it takes no place in a batch: docs/adr/0041.
    if (route.access === 'token' && !authentication.wasRefused(subject)) return subject;
    const user = await authentication.accountOf(subject);
    if (route.access === 'admin' && user.role !== 'admin') throw new ForbiddenError('Only an admin may do this');
    return user;
  }

  /** A token that is refused makes no difference to a public route. */
  async function isAdmin({ headers }: IncomingMessage): Promise<boolean> {
    try {
      return (await authentication.accountOf(authentication.subjectOf(headers.authorization))).role === 'admin';
    } catch (error) {
      if (error instanceof UnauthenticatedError) return false;
      throw error;
    }
  }

  async function respond(req: IncomingMessage, res: ServerResponse, params: unknown, user: TokenSubject | null) {
    const signal = signalOf(res);
    const request = {
      params,
      query: queryOf(req),
      headers: req.headers,
      body: route.body && (await readJsonBody(req)),
      user,
      clientAddress: () => clientAddress(req),
      signal,
      limitRead: readLimit.of(req, signal),
      isAdmin: () => isAdmin(req),
      accept: req.headers.accept,
    };
    return route.respond(request, checkResponses);
  }

  /**
   * Records that the handler has refused the token. If the token is refused, throws TokenEndedError instead of the refusal of a
   * request that cannot be read.
   */
  async function checkAccountFirst(subject: TokenSubject, error: unknown): Promise<never> {
    if (error instanceof TokenEndedError) authentication.recordRefusal(subject, error.refusal);
    if (error instanceof AppError && UNREADABLE.has(error.status)) {
      await authentication.accountOf(subject).catch((reason: unknown) => {
        // An outage of the database must not replace the refusal.
        if (reason instanceof TokenEndedError) throw reason;
      });
    }
    throw error;
  }

  return {
    route,
    async serve(req, res, params) {
      if (dependsOnToken) res.setHeader('Cache-Control', 'no-store');
      try {
        // The token first, because limits are counted per user. The account and the body afterwards: a request beyond its
        // limit costs no query.
        const subject = route.access === 'public' ? null : authentication.subjectOf(req.headers.authorization);
        if (countRequest) await countRequest(req, res, subject);
        const user = await loadUser(subject);
        const response = respond(req, res, params, user);
        const isUnchecked = route.access === 'token' && user;
        const result = await (isUnchecked
          ? response.catch((error: unknown) => checkAccountFirst(user, error))
          : response);
        if ('chunks' in result) await sendStream(req, res, result);
        else send(req, res, result);
      } catch (error) {
        sendProblem(checkResponses ? checkDeclared(route, error) : error, req, res);
      }
    },
  };
}

/** Replaces a problem that the route does not declare, so that the OpenAPI document cannot leave one out unnoticed. */
function checkDeclared(route: Route, error: unknown): unknown {
  const { code } = toAppError(error);
  if (code === 'internal-error' || problemsOf(route).some((each) => each.code === code)) return error;
  const name = `${route.method.toUpperCase()} ${route.path}`;
  return new InternalError(
    new Error(`${name} does not declare the problem ${code}: add it to its problems`, { cause: error }),
  );
}

function signalOf(res: ServerResponse) {
  return {
    get aborted() {
      return res.destroyed;
    },
  };
}
