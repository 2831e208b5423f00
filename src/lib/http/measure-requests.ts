import type { RequestHandler } from 'express';
import type { Metrics } from '../metrics.js';

/** Observes each request's duration, by the route it matched: paths with ids in them would make endless series. */
export function measureRequests({ requestDuration }: Metrics): RequestHandler {
  return (req, res, next) => {
    const end = requestDuration.startTimer();
    res.once('finish', () => {
      const { path } = (req.route ?? {}) as { path?: string };
      end({ method: req.method, route: path ?? 'other', status: res.statusCode });
    });
    next();
  };
}
