import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What the process tells Prometheus. */
export type Metrics = ReturnType<typeof createMetrics>;

/** What a batcher tells of itself. */
export interface BatchMetrics {
  /** A batch was sent: its size, and how long its first request had waited, in seconds. */
  batch(size: number, waitSeconds: number): void;
  /** How many requests wait is read whenever the metrics are. */
  watchWaiting(read: () => number): void;
}

/** Makes the metrics of one process, in a registry of their own. */
export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const batchSize = new Histogram({
    name: 'batch_size',
    help: 'Requests in a batch.',
    labelNames: ['batcher'],
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
    registers: [registry],
  });
  const batchWait = new Histogram({
    name: 'batch_wait_seconds',
    help: 'How long the first request of a batch had waited for it to be sent.',
    labelNames: ['batcher'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  const waitingOf = new Map<string, () => number>();
  new Gauge({
    name: 'batch_waiting_requests',
    help: 'Requests that wait for their batch to be sent.',
    labelNames: ['batcher'],
    registers: [registry],
    collect() {
      for (const [batcher, read] of waitingOf) this.set({ batcher }, read());
    },
  });
  return {
    registry,
    /** The metrics of one batcher. */
    ofBatcher(batcher: string): BatchMetrics {
      const size = batchSize.labels(batcher);
      const wait = batchWait.labels(batcher);
      return {
        batch(count, waitSeconds) {
          size.observe(count);
          wait.observe(waitSeconds);
        },
        watchWaiting(read) {
          waitingOf.set(batcher, read);
        },
      };
    },
    /** Transactions that failed and were run again, by the way: whole, after which cause, or in halves. */
    transactionFallbacks: new Counter({
      name: 'transaction_fallbacks_total',
      help: 'Transactions that failed and were run again, whole or in halves.',
      labelNames: ['way'],
      registers: [registry],
    }),
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
    /** Seconds from a hold's deadline until the transaction that ended it looked at the clock, by the database's. */
    expiryLateness: new Histogram({
      name: 'hold_expiry_lateness_seconds',
      help: 'How long after its deadline an expired hold was ended.',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600],
      registers: [registry],
    }),
    /** How many holds are over and not ended is read whenever the metrics are; left out if it cannot be read. */
    watchOverdueHolds(read: () => Promise<number>): void {
      new Gauge({
        name: 'overdue_holds',
        help: 'Reservations whose deadline passed more than a second ago and that still keep their unit.',
        registers: [registry],
        async collect() {
          const count = await read().catch(() => null);
          if (count === null) this.remove();
          else this.set(count);
        },
      });
    },
    /** Sweeps of one drop that failed. */
    sweepFailures: new Counter({
      name: 'sweep_failures_total',
      help: 'Sweeps of expired reservations that failed and will be tried again.',
      registers: [registry],
    }),
  };
}
