import { createServer, type Server } from 'node:http';
import type { Metrics } from './metrics.js';

/** A server for Prometheus, apart from the API: metrics are not for the public. Not listening yet. */
export function createMetricsServer({ registry }: Metrics): Server {
  return createServer((req, res) => {
    if (req.url?.split('?')[0] !== '/metrics') {
      res.writeHead(404).end();
      return;
    }
    registry.metrics().then(
      (text) => res.writeHead(200, { 'Content-Type': registry.contentType }).end(text),
      () => res.writeHead(500).end(),
    );
  });
}
