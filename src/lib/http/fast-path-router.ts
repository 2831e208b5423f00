import type { RequestListener } from 'node:http';
import type { RoutedRequest } from './observe-requests.js';
import type { CommonMiddleware } from './common-middleware.js';
import type { Endpoint } from './serve-route.js';

/**
 * Answers what asks for exactly the path of a route by that route itself, and hands everything else to Express: paths with
 * parameters or written otherwise, wrong methods, pages and files. See docs/adr/0007.
 *
 * @param express the whole app, {@link CommonMiddleware} and all of the routes included.
 */
export function createFastPathRouter(
  express: RequestListener,
  endpoints: readonly Endpoint[],
  opening: CommonMiddleware,
): RequestListener {
  const literal = endpoints.filter(({ route }) => !route.path.includes(':'));
  const byTarget = new Map(literal.map((endpoint) => [targetOf(endpoint), endpoint]));
  return (req: RoutedRequest, res) => {
    const { method = '', url = '' } = req;
    const queryAt = url.indexOf('?');
    const endpoint = byTarget.get(`${method} ${queryAt === -1 ? url : url.slice(0, queryAt)}`);
    if (!endpoint) {
      express(req, res);
      return;
    }
    req.route = endpoint.route;
    opening(req, res, () => void endpoint.serve(req, res, {}));
  };
}

function targetOf({ route: { method, path } }: Endpoint): string {
  return `${method.toUpperCase()} ${path}`;
}
