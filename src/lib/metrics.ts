import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client';

/** What the process tells Prometheus. */
export type Metrics = ReturnType<typeof createMetrics>;

/** Makes the metrics of one process, in a registry of their own. */
export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    /** Seconds, by method, route and status. */
    requestDuration: new Histogram({
      name: 'http_request_duration_seconds',
      help: 'Time from the request to its answer.',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers: [registry],
    }),
    /** Holds that ended because their time did. */
    holdsExpired: new Counter({
      name: 'holds_expired_total',
      help: 'Reservations that expired and gave their unit back.',
      registers: [registry],
    }),
    /** Sweeps of one drop that failed. */
    sweepFailures: new Counter({
      name: 'sweep_failures_total',
      help: 'Sweeps of expired reservations that failed and will be tried again.',
      registers: [registry],
    }),
  };
}
