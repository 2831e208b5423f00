import type { RequestListener } from 'node:http';
import type { Express, RequestHandler } from 'express';
import { MethodNotAllowedError } from '../errors/index.js';
import type { CommonMiddleware, RoutedRequest } from './common-middleware.js';
import type { Endpoint } from './serve-route.js';

/** Mounts the routes on Express; every other method of their paths is answered 405. */
export function mountRoutes(app: Express, endpoints: readonly Endpoint[]): void {
  // Path by path, those without parameters first, so that GET /api/users/login is a wrong method and not the user with the id "login".
  const paths = endpoints
    .map(({ route }) => route.path)
    .sort((a, b) => Number(a.includes(':')) - Number(b.includes(':')));
  for (const path of new Set(paths)) {
    const here = endpoints.filter(({ route }) => route.path === path);
    for (const { route, serve } of here) app[route.method](path, (req, res) => serve(req, res, req.params));
    const methods = here.map(({ route: { method } }) => (method === 'get' ? 'GET, HEAD' : method.toUpperCase()));
    app.all(path, (req) => {
      throw new MethodNotAllowedError(req.method, methods.join(', '));
    });
  }
}

/**
 * Serves a request whose method and path are exactly those of a route without Express, which takes half of the throughput.
 * Other requests go to Express: paths with parameters or in another form, wrong methods, pages and files. See docs/adr/0007.
 *
 * @param express the whole app, with the common middleware and all routes.
 */
export function createFastPathRouter(
  express: RequestListener,
  endpoints: readonly Endpoint[],
  commonMiddleware: CommonMiddleware,
): RequestListener {
  const literal = endpoints.filter(({ route }) => !route.path.includes(':'));
  const byTarget = new Map(
    literal.map((endpoint) => [`${endpoint.route.method.toUpperCase()} ${endpoint.route.path}`, endpoint]),
  );
  return (req: RoutedRequest, res) => {
    const { method = '', url = '' } = req;
    const queryAt = url.indexOf('?');
    const endpoint = byTarget.get(`${method} ${queryAt === -1 ? url : url.slice(0, queryAt)}`);
    if (!endpoint) {
      express(req, res);
      return;
    }
    req.route = endpoint.route;
    commonMiddleware(req, res, () => void endpoint.serve(req, res, {}));
  };
}

/** Refuses every method but GET and HEAD, for pages and files. */
export const onlyGet: RequestHandler = (req, _res, next) => {
  if (req.method !== 'GET' && req.method !== 'HEAD') throw new MethodNotAllowedError(req.method, 'GET, HEAD');
  next();
};
