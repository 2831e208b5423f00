import { buildApiDocument } from '../../../src/api-document.js';
import { parseConfig } from '../../../src/lib/config/index.js';
import type { Route } from '../../../src/lib/http/define-route.js';
import { createRoutes, type RouteDependencies } from '../../../src/modules/index.js';
import { addressesOf } from './secrets.js';

interface Declared {
  readonly routes: readonly { readonly route: Route; readonly path: RegExp }[];
  readonly documentedAddresses: ReadonlySet<string>;
}

let declared: Declared | undefined;

function declare(): Declared {
  const config = parseConfig({});
  // Only the handlers of the routes use their dependencies, and no handler is called here.
  const nothing: object = new Proxy(() => nothing, { get: () => nothing });
  const dependencies = new Proxy({ config }, { get: (_, name) => (name === 'config' ? config : nothing) });
  const routes = createRoutes(dependencies as RouteDependencies);
  return {
    // Those without parameters first, as they are mounted.
    routes: routes
      .toSorted((a, b) => Number(a.path.includes(':')) - Number(b.path.includes(':')))
      .map((route) => ({ route, path: new RegExp(`^${route.path.replace(/:\w+/g, '[^/]+')}/?$`, 'i') })),
    documentedAddresses: new Set(addressesOf(JSON.stringify(buildApiDocument(routes, config.http.publicUrl)))),
  };
}

/** Returns the route of the service that a request matches; undefined for pages, files and unknown paths. */
export function routeOf(method: string, path: string): Route | undefined {
  declared ??= declare();
  const name = method.toLowerCase() === 'head' ? 'get' : method.toLowerCase();
  return declared.routes.find(({ route, path: pattern }) => route.method === name && pattern.test(path))?.route;
}

/** Whether an address is an example of the API documentation. */
export function isDocumented(address: string): boolean {
  declared ??= declare();
  return declared.documentedAddresses.has(address);
}
