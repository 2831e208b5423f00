import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What the process tells Prometheus. Durations are in seconds; docs/operations.md says what each metric is for. */
export type Metrics = ReturnType<typeof createMetrics>;

/** What a batcher tells of itself. */
export interface BatchMetrics {
  /** A batch was sent: its size, and how long its first request had waited, in seconds. */
  batch(size: number, waitSeconds: number): void;
  /** How many requests wait is read whenever the metrics are. */
  watchWaiting(read: () => number): void;
}

/** How many connections the pool has open, in use and not, and how many requests wait for one. */
export interface PoolState {
  readonly used: number;
  readonly idle: number;
  readonly waiting: number;
  readonly max: number;
}

/** Buckets of durations in seconds: from one round trip to the database to the longest wait. */
export const DURATION_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Makes the metrics of one process, in a registry of their own. */
export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const batchSize = new Histogram({
    name: 'batch_size',
    help: 'Requests in a batch.',
    labelNames: ['batcher'],
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
    registers,
  });
  const batchWait = new Histogram({
    name: 'batch_wait_seconds',
    help: 'How long the first request of a batch had waited for it to be sent.',
    labelNames: ['batcher'],
    buckets: DURATION_BUCKETS,
    registers,
  });
  const waitingOf = new Map<string, () => number>();
  new Gauge({
    name: 'batch_waiting_requests',
    help: 'Requests that wait for their batch to be sent.',
    labelNames: ['batcher'],
    registers,
    collect() {
      for (const [batcher, read] of waitingOf) this.set({ batcher }, read());
    },
  });

  let readPool: (() => PoolState) | undefined;
  new Gauge({
    name: 'database_pool_connections',
    help: 'Connections to the database, by whether they are used or idle; max is how many there may be.',
    labelNames: ['state'],
    registers,
    collect() {
      if (!readPool) return;
      const { used, idle, max } = readPool();
      for (const [state, count] of Object.entries({ used, idle, max })) this.set({ state }, count);
    },
  });
  new Gauge({
    name: 'database_pool_waiting_requests',
    help: 'Who waits for a connection to the database.',
    registers,
    collect() {
      if (readPool) this.set(readPool().waiting);
    },
  });

  const requestDuration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the request to its answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });

  const uncaughtErrors = new Counter({
    name: 'uncaught_errors_total',
    help: 'Errors that reached the last-resort handler: lost connections, and defects, after which the process stops.',
    labelNames: ['kind'],
    registers,
  });
  for (const kind of ['connection', 'defect']) uncaughtErrors.inc({ kind }, 0);

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
    /** The pool is asked whenever the metrics are read. */
    watchPool(read: () => PoolState) {
      readPool = read;
    },
    /** Seconds, by method, route and status. */
    requestDuration,
    /** Seconds that a connection of the pool was somebody's: a statement, or a whole transaction. */
    connectionHeld: new Histogram({
      name: 'database_connection_held_seconds',
      help: 'How long a connection to the database was held, for a statement or a transaction.',
      buckets: DURATION_BUCKETS,
      registers,
    }),
    /** Errors that no other code has handled, by kind: see {@link createLastResort}. */
    uncaughtErrors,
  };
}
