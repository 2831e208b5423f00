import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../logger.js';
import type { Metrics } from '../metrics.js';

/** A request that knows its route, as Express's router leaves it. */
export interface RoutedRequest extends IncomingMessage {
  route?: { readonly path: string };
}

/**
 * Observes each request's duration, by the route it matched: paths with ids in them would make endless series. Logs a line
 * a request at the level debug only: on the way of a crowd, lines cost a quarter of the throughput.
 */
export function createRequestObserver({ logger, metrics }: { logger: Logger; metrics: Metrics }) {
  return (req: RoutedRequest, res: ServerResponse): void => {
    const since = performance.now();
    res.once('finish', () => {
      const seconds = (performance.now() - since) / 1000;
      const { method = '' } = req;
      const { statusCode: status } = res;
      metrics.requestDuration.observe({ method, route: req.route?.path ?? 'other', status }, seconds);
      if (!logger.isLevelEnabled('debug')) return;
      logger.debug({ requestId: res.getHeader('X-Request-Id'), method, url: req.url, status, seconds }, 'answered');
    });
  };
}
