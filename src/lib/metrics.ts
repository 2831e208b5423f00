import type { RequestListener, Server } from 'node:http';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { createHttpServer, type HttpLimits } from './http/server/create-server.js';
import type { Logger } from './logger.js';

export type Metrics = ReturnType<typeof createMetrics>;

export interface BatchMetrics {
  /** Records a batch: its size, and the wait of its first request in seconds. */
  batch(size: number, waitSeconds: number): void;
  /** @param read counts the waiting requests; it runs at every scrape. */
  watchWaiting(read: () => number): void;
}

/** Connections of the pool, and requests that wait for one. */
interface PoolState {
  readonly used: number;
  readonly idle: number;
  readonly waiting: number;
  readonly max: number;
}

/** Buckets of durations in seconds: from one round trip to the database to the longest wait. */
export const DURATION_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Initialized with 0, so that the first refusal shows as an increase. */
const SIGN_IN_REFUSALS = ['account-delay', 'address-delay', 'queue'];

/**
 * The event loop's lag is sampled so often: the lowest lag that is shown. The default of 10 ms takes an idle process more time than
 * everything else.
 */
const EVENT_LOOP_SAMPLE_MS = 50;

interface MetricsOptions {
  /** Whether to observe the process: its event loop, memory and garbage collection. Default true. */
  readonly ofProcess?: boolean;
}

/** Makes the metrics of any service, in a new registry. Durations are in seconds. */
export function createMetrics({ ofProcess = true }: MetricsOptions = {}) {
  const registry = new Registry();
  const registers = [registry];
  if (ofProcess) collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: EVENT_LOOP_SAMPLE_MS });

  const batchSize = new Histogram({
    name: 'batch_size',
    help: 'Requests in a batch.',
    labelNames: ['batcher'],
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
    registers,
  });
  const batchWait = new Histogram({
    name: 'batch_wait_seconds',
    help: 'How long the first request of a batch waited for its start.',
    labelNames: ['batcher'],
    buckets: DURATION_BUCKETS,
    registers,
  });
  const waitingOf = new Map<string, () => number>();
  new Gauge({
    name: 'batch_waiting_requests',
    help: 'Requests that wait for their batch to start.',
    labelNames: ['batcher'],
    registers,
    collect() {
      for (const [batcher, read] of waitingOf) this.set({ batcher }, read());
    },
  });

  let readPool: (() => PoolState) | undefined;
  new Gauge({
    name: 'database_pool_connections',
    help: 'Connections to the database by state: used, idle, and the maximum.',
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
    help: 'Requests that wait for a connection to the database.',
    registers,
    collect() {
      if (readPool) this.set(readPool().waiting);
    },
  });

  const requestDuration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the request to its response.',
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

  const signInsRefused = new Counter({
    name: 'sign_ins_refused_total',
    help: 'Sign-ins that were refused before the password was compared, by reason.',
    labelNames: ['reason'],
    registers,
  });
  for (const reason of SIGN_IN_REFUSALS) signInsRefused.inc({ reason }, 0);

  return {
    registry,
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
    /** @param read runs at every scrape. */
    watchPool(read: () => PoolState) {
      readPool = read;
    },
    requestDuration,
    connectionHeld: new Histogram({
      name: 'database_connection_held_seconds',
      help: 'How long a connection to the database was held, for a statement or a transaction.',
      buckets: DURATION_BUCKETS,
      registers,
    }),
    /** By kind: see {@link createLastResort}. */
    uncaughtErrors,
    signInsRefused,
  };
}

/** More than the scrapers and people that read the metrics. */
const MAX_METRICS_CONNECTIONS = 100;

/**
 * A server for Prometheus on a port of its own, because metrics are not public. It has the time limits of the API's server, and
 * closes connections beyond a hundred. It does not listen yet. Connections that it cannot accept are logged.
 */
export function createMetricsServer({ registry }: Metrics, limits: HttpLimits, logger: Logger): Server {
  const serve: RequestListener = (req, res) => {
    if (req.url?.split('?')[0] !== '/metrics') {
      res.writeHead(404).end();
      return;
    }
    registry.metrics().then(
      (text) => res.writeHead(200, { 'Content-Type': registry.contentType }).end(text),
      () => res.writeHead(500).end(),
    );
  };
  const server = createHttpServer(serve, { limits, acceptsUpgrade: () => false });
  server.maxConnections = MAX_METRICS_CONNECTIONS;
  // Errors of accept(), which would end the process. Those of listen() belong to the caller.
  server.once('listening', () => {
    server.on('error', (error) => {
      logger.error({ err: error }, 'A connection for the metrics could not be accepted');
    });
  });
  return server;
}
