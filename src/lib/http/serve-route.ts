import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Authentication, TokenSubject } from '../auth/authenticate.js';
import type { CancellationSignal } from '../batcher.js';
import { AppError, ForbiddenError, InternalError, TokenEndedError, UnauthenticatedError } from '../errors/index.js';
import { problemsOf, type Route } from './define-route.js';
import type { Exchange } from './exchange.js';
import { readJsonBody } from './request/json-body.js';
import { toAppError, type SendProblem } from './problem-response.js';
import { queryOf } from './request/query-parameters.js';
import type { ClientAddress } from './request/client-address.js';
import type { RateLimits } from './rate-limits/rate-limits.js';
import type { ReadLimit } from './read-limit.js';
import { send, sendStream } from './send.js';

/** Serves a request of one route, from authentication to the response; never rejects. Works with and without Express. */
type Serve = (exchange: Exchange, params: unknown) => Promise<void>;

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

const UNREADABLE: ReadonlySet<number> = new Set([400, 413, 415]);

/** Refuses a request that cannot be read or is not valid: it does not reach the handler, which loads the account. */
function isUnreadable(error: unknown): error is AppError {
  return error instanceof AppError && UNREADABLE.has(error.status);
}

export function createEndpoint(route: Route, options: ServeOptions): Endpoint {
  const { authentication, clientAddress, rateLimits, readLimit, sendProblem, checkResponses } = options;
  const dependsOnToken = route.access !== 'public' || route.returnsToken === true;
  const countRequest = route.rateLimit && rateLimits.counter(route.rateLimit);

  async function loadUser(subject: TokenSubject) {
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

  /** The refusal of a request that cannot be read; that of its token, if this one is refused as well. */
  function checkAccountFirst(subject: TokenSubject, refusal: AppError): Promise<unknown> {
    return authentication.accountOf(subject).then(
      () => refusal,
      // An outage of the database must not replace the refusal.
      (reason: unknown) => (reason instanceof TokenEndedError ? reason : refusal),
    );
  }

  return {
    route,
    async serve(exchange, params) {
      const { req, res } = exchange;
      /** The subject of a token that the handler checks. */
      let unchecked: TokenSubject | null = null;
      if (dependsOnToken) exchange.headers['Cache-Control'] = 'no-store';
      try {
        // The token first, because limits are counted per user. The account and the body afterwards: a request beyond its
        // limit costs no query.
        const subject = route.access === 'public' ? null : authentication.subjectOf(req.headers.authorization);
        if (countRequest) await countRequest(exchange, subject);
        // A token that was refused before is checked with other such tokens, so that it takes no place in a batch: docs/adr/0041.
        const needsAccount = subject && (route.access !== 'token' || authentication.wasRefused(subject));
        const user = needsAccount ? await loadUser(subject) : subject;
        if (route.access === 'token') unchecked = subject;
        const signal = new ResponseSignal(res);
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
        const result = await route.respond(request, checkResponses);
        if ('chunks' in result) await sendStream(exchange, result);
        else send(exchange, result);
      } catch (error) {
        if (unchecked && error instanceof TokenEndedError) authentication.recordRefusal(unchecked, error.refusal);
        // An admin may get the resource where this client is refused.
        if (route.hidden) exchange.headers['Cache-Control'] = 'no-store';
        const problem = unchecked && isUnreadable(error) ? await checkAccountFirst(unchecked, error) : error;
        sendProblem(checkResponses ? checkDeclared(route, problem) : problem, exchange);
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

/** Aborted when the client has disconnected. */
class ResponseSignal implements CancellationSignal {
  constructor(private readonly res: ServerResponse) {}

  get aborted() {
    return this.res.destroyed;
  }
}
