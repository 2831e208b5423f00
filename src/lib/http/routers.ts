import type { RequestListener } from 'node:http';
import type { Express, RequestHandler } from 'express';
import { MethodNotAllowedError } from '../errors/index.js';
import type { CommonMiddleware, RoutedRequest } from './common-middleware.js';
import { exchangeOf } from './exchange.js';
import type { Endpoint } from './serve-route.js';

/** Mounts the routes on Express; every other method of their paths is answered 405. */
export function mountRoutes(app: Express, endpoints: readonly Endpoint[]): void {
  // Path by path, those without parameters first, so that GET /api/users/login is a wrong method and not the user with the id "login".
  const paths = endpoints
    .map(({ route }) => route.path)
    .sort((a, b) => Number(a.includes(':')) - Number(b.includes(':')));
  for (const path of new Set(paths)) {
    const here = endpoints.filter(({ route }) => route.path === path);
    for (const { route, serve } of here) app[route.method](path, (req, res) => serve(exchangeOf(req, res), req.params));
    const methods = here.map(({ route: { method } }) => (method === 'get' ? 'GET, HEAD' : method.toUpperCase()));
    app.all(path, (req) => {
      throw new MethodNotAllowedError(req.method, methods.join(', '));
    });
  }
}

/**
 * Serves a request whose method and path are exactly those of a route without Express, which takes half of the throughput.
 * Other requests go to Express: paths in another form, wrong methods, pages and files. See docs/adr/0007.
 *
 * @param express the whole app, with the common middleware and all routes.
 */
export function createFastPathRouter(
  express: RequestListener,
  endpoints: readonly Endpoint[],
  commonMiddleware: CommonMiddleware,
): RequestListener {
  const find = createExactMatcher(endpoints);
  return (req: RoutedRequest, res) => {
    const { method = '', url = '' } = req;
    const queryAt = url.indexOf('?');
    const found = find(method, queryAt === -1 ? url : url.slice(0, queryAt));
    if (!found) {
      express(req, res);
      return;
    }
    const { endpoint, params } = found;
    req.route = endpoint.route;
    void endpoint.serve(commonMiddleware.begin(req, res), params);
  };
}

interface Match {
  readonly endpoint: Endpoint;
  readonly params: Readonly<Record<string, string>>;
}

/** Finds the endpoint of a method and a path; undefined if Express has to decide. */
function createExactMatcher(endpoints: readonly Endpoint[]): (method: string, path: string) => Match | undefined {
  const nameOf = ({ method, path }: Endpoint['route']) => `${method.toUpperCase()} ${path}`;
  const literal = endpoints.filter(({ route }) => !route.path.includes(':'));
  const literalPaths = new Set(literal.map(({ route }) => route.path));
  const byName = new Map(literal.map((endpoint) => [nameOf(endpoint.route), { endpoint, params: {} }]));
  const patterns = endpoints
    .filter((endpoint) => !literal.includes(endpoint))
    // Only values that need no decoding.
    .map((endpoint) => ({
      endpoint,
      pattern: RegExp(`^${nameOf(endpoint.route).replace(/:(\w+)/g, '(?<$1>[\\w-]+)')}$`),
    }));

  return (method, path) => {
    const name = `${method} ${path}`;
    // A literal path with another method is no value of a parameter.
    if (literalPaths.has(path)) return byName.get(name);
    for (const { endpoint, pattern } of patterns) {
      const params = pattern.exec(name)?.groups;
      if (params) return { endpoint, params };
    }
    return undefined;
  };
}

/** Refuses every method but GET and HEAD, for pages and files. */
export const onlyGet: RequestHandler = (req, _res, next) => {
  if (req.method !== 'GET' && req.method !== 'HEAD') throw new MethodNotAllowedError(req.method, 'GET, HEAD');
  next();
};
