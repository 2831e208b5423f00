import type { Express, Request, RequestHandler, Response } from 'express';
import type { Authenticate, AuthenticatedUser } from '../auth/authenticate.js';
import { MethodNotAllowedError } from '../errors/index.js';
import { requireAccess } from './current-user.js';
import type { Route } from './define-route.js';
import { jsonBody } from './json-body.js';
import type { RateLimits } from './rate-limits.js';

interface MountOptions {
  readonly authenticate: Authenticate;
  readonly rateLimits: RateLimits;
  /** Parse every answer by its schema too; for development and tests. */
  readonly checkAnswers: boolean;
}

/** Mounts the routes on the app, and an answer 405 for every other method of their paths. */
export function mountRoutes(app: Express, routes: readonly Route[], options: MountOptions): void {
  // Path by path, so that GET /api/users/login is a wrong method and not the user with the id "login".
  for (const path of new Set(routes.map((route) => route.path))) {
    const here = routes.filter((route) => route.path === path);
    for (const route of here) app[route.method](path, ...middlewareOf(route, options));
    const allow = here.map(({ method }) => (method === 'get' ? 'GET, HEAD' : method.toUpperCase())).join(', ');
    app.all(path, (req) => {
      throw new MethodNotAllowedError(req.method, allow);
    });
  }
}

// Who calls is settled before the body is read, and before the limit that is counted by user.
function middlewareOf(route: Route, { authenticate, rateLimits, checkAnswers }: MountOptions): RequestHandler[] {
  return [
    ...(route.access === 'public' ? [] : [requireAccess(route.access, authenticate)]),
    ...(route.rateLimit ? [rateLimits.middleware(route.rateLimit)] : []),
    ...(route.body ? [jsonBody] : []),
    async (req, res) => {
      const { status, headers, body } = await route.respond(requestParts(req, res), checkAnswers);
      res.status(status).set(headers).json(body);
    },
  ];
}

function requestParts(req: Request, res: Response) {
  return {
    params: req.params,
    query: req.query,
    headers: req.headers,
    body: req.body as unknown,
    user: (res.locals as { user?: AuthenticatedUser }).user ?? null,
    /** Made only if asked for. */
    get signal() {
      return goneSignal(res);
    },
  };
}

/** Fires when the connection closes before the answer was sent. */
function goneSignal(res: Response): AbortSignal {
  const gone = new AbortController();
  res.once('close', () => {
    if (!res.writableFinished) gone.abort();
  });
  return gone.signal;
}
