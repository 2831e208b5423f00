import type { IncomingMessage, ServerResponse } from 'node:http';
import cors from 'cors';
import helmet from 'helmet';
import type { Logger } from '../logger.js';
import type { Metrics } from '../metrics.js';
import type { Exchange } from './exchange.js';
import { loggedPath } from './request/logged-path.js';
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

/** What runs first for every request: its id, security headers, measurement and CORS. */
export interface CommonMiddleware {
  /** For a request that is served without Express, and is no preflight. */
  begin(req: IncomingMessage, res: ServerResponse): Exchange;
  /** The same as middleware of Express: sets the headers on the response, and answers preflights. */
  handle(req: IncomingMessage, res: ServerResponse, next: () => void): void;
}

/** A request with the route it matched, where Express's router sets it too. */
export interface RoutedRequest extends IncomingMessage {
  route?: { readonly path: string };
  /** For tracing, which sees the headers of a response only if they were set one by one. */
  requestId?: string;
}

type Middleware = (req: IncomingMessage, res: ServerResponse, next: () => void) => void;
type Headers = Readonly<Record<string, string>>;

interface CommonMiddlewareOptions {
  readonly publicUrl: string;
  readonly origins: readonly string[];
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export function createCommonMiddleware(options: CommonMiddlewareOptions): CommonMiddleware {
  const { publicUrl, origins } = options;
  const handleCors = cors({
    origin: [...origins],
    credentials: true,
    exposedHeaders: EXPOSED_HEADERS,
    maxAge: PREFLIGHT_MAX_AGE_SECONDS,
  });
  // These headers depend on the configuration and the origin only: docs/adr/0026-compute-helmets-headers-once.md.
  const securityHeaders = recordHeaders(helmet(helmetOptions(publicUrl)), {});
  const headersFor = (origin: string) => ({ ...securityHeaders, ...recordHeaders(handleCors, { origin }) });
  const byOrigin = new Map(origins.map((origin) => [origin, headersFor(origin)]));
  const forOtherOrigins = headersFor('');
  // A shared cache must not serve this response, which has no CORS headers, to a request with an origin.
  const withoutOrigin: Headers = { ...securityHeaders, Vary: 'Origin' };

  function begin(req: RoutedRequest, res: ServerResponse): Exchange {
    const { origin } = req.headers;
    const id = requestId(req);
    req.requestId = id;
    observe(req, res, id, options);
    const common = origin === undefined ? withoutOrigin : (byOrigin.get(origin) ?? forOtherOrigins);
    return { req, res, requestId: id, headers: { ...common, 'X-Request-Id': id } };
  }

  return {
    begin,
    handle(req, res, next) {
      const { headers } = begin(req, res);
      for (const name of Object.keys(headers)) res.setHeader(name, headers[name] ?? '');
      if (req.method === 'OPTIONS') handleCors(req, res, next);
      else next();
    },
  };
}

/** The headers that a middleware sets on the response to a request with these headers. It must not read anything else of it. */
function recordHeaders(middleware: Middleware, requestHeaders: IncomingMessage['headers']): Headers {
  const headers = new Map<string, string>();
  const recorder = {
    getHeader: (name: string) => headers.get(name),
    setHeader: (name: string, value: string) => headers.set(name, value),
    removeHeader: (name: string) => headers.delete(name),
  };
  // Neither helmet nor cors calls another method of the response.
  const req = { method: 'GET', headers: requestHeaders } as IncomingMessage;
  middleware(req, recorder as unknown as ServerResponse, () => undefined);
  return Object.fromEntries(headers);
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
function observe(
  req: RoutedRequest,
  res: ServerResponse,
  id: string,
  { logger, metrics }: CommonMiddlewareOptions,
): void {
  const since = performance.now();
  const record = () => {
    const seconds = (performance.now() - since) / 1000;
    const { method = '' } = req;
    const { statusCode: status } = res;
    metrics.requestDuration.observe({ method, route: req.route?.path ?? 'other', status }, seconds);
    if (!logger.isLevelEnabled('debug')) return;
    logger.debug({ requestId: id, method, path: loggedPath(req), status, seconds }, 'Request served');
  };
  res.on('finish', record);
}
