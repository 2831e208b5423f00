import type { IncomingMessage, ServerResponse } from 'node:http';
import cors from 'cors';
import helmet from 'helmet';
import parseUrl from 'parseurl';
import type { Logger } from '../logger.js';
import type { Metrics } from '../metrics.js';
import { requestId } from './request/request-id.js';

/** Response headers that browsers show to scripts of other origins. */
const EXPOSED_HEADERS = [
  'X-Request-Id',
  'Idempotency-Replayed',
  'Retry-After',
  'RateLimit',
  'RateLimit-Policy',
  'ETag',
];
const PREFLIGHT_MAX_AGE_SECONDS = 600;

/** Middleware on Node's request and response, for Express and for the fast path router. */
export type CommonMiddleware = (req: IncomingMessage, res: ServerResponse, next: () => void) => void;

/** A request with the route it matched, where Express's router sets it too. */
export interface RoutedRequest extends IncomingMessage {
  route?: { readonly path: string };
}

interface CommonMiddlewareOptions {
  readonly publicUrl: string;
  readonly origins: readonly string[];
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Makes what runs first for every request: its id, security headers, measurement and CORS, preflights included. */
export function createCommonMiddleware(options: CommonMiddlewareOptions): CommonMiddleware {
  const securityHeaders = securityHeadersOf(options.publicUrl);
  const handleCors = cors({
    origin: [...options.origins],
    credentials: true,
    exposedHeaders: EXPOSED_HEADERS,
    maxAge: PREFLIGHT_MAX_AGE_SECONDS,
  });
  return (req, res, next) => {
    res.setHeader('X-Request-Id', requestId(req));
    for (const [name, value] of securityHeaders) res.setHeader(name, value);
    observe(req, res, options);
    if (req.headers.origin !== undefined || req.method === 'OPTIONS') {
      handleCors(req, res, next);
      return;
    }
    // A shared cache must not serve this response, which has no CORS headers, to a request with an origin.
    res.setHeader('Vary', 'Origin');
    next();
  };
}

/** Helmet's headers, which are the same for every request: docs/adr/0026-compute-helmets-headers-once.md. */
function securityHeadersOf(publicUrl: string): readonly (readonly [name: string, value: string])[] {
  const headers: [name: string, value: string][] = [];
  const recorder = {
    setHeader: (name: string, value: string) => headers.push([name, value]),
    removeHeader: () => undefined,
  };
  // helmet calls no other method of the response, and reads nothing of the request.
  helmet(helmetOptions(publicUrl))({} as IncomingMessage, recorder as unknown as ServerResponse, () => undefined);
  return headers;
}

function helmetOptions(publicUrl: string): Parameters<typeof helmet>[0] {
  if (publicUrl.startsWith('https:')) return {};
  return {
    // Over plain http these would send browsers to an https address that does not exist.
    strictTransportSecurity: false,
    contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } },
    // Browsers accept these over https only, and write a warning to the console of every page.
    crossOriginOpenerPolicy: false,
    originAgentCluster: false,
  };
}

/**
 * Measures the duration of a request by the route it matched: a path with an id in it would be a series of its own. Requests
 * are logged at the level debug only, because a line for each costs throughput.
 */
function observe(req: RoutedRequest, res: ServerResponse, { logger, metrics }: CommonMiddlewareOptions): void {
  const since = performance.now();
  res.once('finish', () => {
    const seconds = (performance.now() - since) / 1000;
    const { method = '' } = req;
    const { statusCode: status } = res;
    metrics.requestDuration.observe({ method, route: req.route?.path ?? 'other', status }, seconds);
    if (!logger.isLevelEnabled('debug')) return;
    // Without the query, in which a client may send anything.
    const path = parseUrl(req)?.pathname;
    logger.debug({ requestId: res.getHeader('X-Request-Id'), method, path, status, seconds }, 'Request served');
  });
}
