import type { IncomingMessage, ServerResponse } from 'node:http';
import cors from 'cors';
import type { Logger } from '../logger.js';
import type { Metrics } from '../metrics.js';
import { createRequestObserver } from './observe-requests.js';
import { requestId } from './request-id.js';
import { securityHeaders } from './security-headers.js';

/** What a browser may read of an answer from another origin. */
const EXPOSED_HEADERS = [
  'X-Request-Id',
  'Idempotency-Replayed',
  'Retry-After',
  'RateLimit',
  'RateLimit-Policy',
  'ETag',
];
/** Seconds that browsers may remember a preflight for. */
const PREFLIGHT_MAX_AGE = 600;

/** Node's own request and response, so that it can run within Express and before it. */
export type CommonMiddleware = (req: IncomingMessage, res: ServerResponse, next: () => void) => void;

interface CommonMiddlewareOptions {
  readonly publicUrl: string;
  /** Of the pages that may call from a browser. */
  readonly origins: readonly string[];
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/**
 * What comes first at every request, whoever answers it: its id, the headers of every answer, its measurement, and CORS. A
 * preflight is answered here, and goes no further.
 */
export function createCommonMiddleware({
  publicUrl,
  origins,
  logger,
  metrics,
}: CommonMiddlewareOptions): CommonMiddleware {
  const guards = securityHeaders(publicUrl);
  const observe = createRequestObserver({ logger, metrics });
  const answerOrigin = cors({
    origin: [...origins],
    credentials: true,
    exposedHeaders: EXPOSED_HEADERS,
    maxAge: PREFLIGHT_MAX_AGE,
  });
  return (req, res, next) => {
    res.setHeader('X-Request-Id', requestId(req));
    for (const [name, value] of guards) res.setHeader(name, value);
    observe(req, res);
    if (req.headers.origin !== undefined || req.method === 'OPTIONS') {
      answerOrigin(req, res, next);
      return;
    }
    // No page asks. But a cache must not give this answer to one.
    res.setHeader('Vary', 'Origin');
    next();
  };
}
