import { setTimeout as sleep } from 'node:timers/promises';
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

/** The labels of what happens seldom: told from the beginning, so that the first time is a rise. */
const FALLBACKS = ['retry after conflict', 'retry after connection', 'retry after commit', 'split'];
const UNCAUGHT = ['connection', 'defect'];
const REFUSALS = ['origin', 'address-limit', 'unauthenticated'];
/** ms. How long who reads the metrics may wait for the database. */
const DATABASE_PATIENCE = 1_000;
/** Seconds: from a round trip to what is given up. */
const DURATIONS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

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
    buckets: DURATIONS,
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

  let readSockets: (() => number) | undefined;
  new Gauge({
    name: 'socket_connections',
    help: 'Clients of the live feed that are connected.',
    registers,
    collect() {
      if (readSockets) this.set(readSockets());
    },
  });

  let readOverdueHolds: (() => Promise<number>) | undefined;
  new Gauge({
    name: 'overdue_holds',
    help: 'Holds whose time has been over for more than a second and that nobody has ended.',
    registers,
    async collect() {
      if (!readOverdueHolds) return;
      // The other metrics must be told all the more when the database is away, or says nothing.
      const answer = readOverdueHolds().catch(() => NaN);
      this.set(await Promise.race([answer, sleep(DATABASE_PATIENCE, NaN, { ref: false })]));
    },
  });

  const requestDuration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the request to its answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });

  function outcomes(name: string, help: string) {
    return new Counter({ name, help, labelNames: ['outcome'], registers });
  }

  const transactionFallbacks = new Counter({
    name: 'transaction_fallbacks_total',
    help: 'Transactions that failed and were run again, whole or in halves.',
    labelNames: ['way'],
    registers,
  });
  for (const way of FALLBACKS) transactionFallbacks.inc({ way }, 0);

  const socketsRefused = new Counter({
    name: 'socket_connections_refused_total',
    help: 'Clients of the live feed that were not let in, by the reason.',
    labelNames: ['reason'],
    registers,
  });
  for (const reason of REFUSALS) socketsRefused.inc({ reason }, 0);

  const uncaughtErrors = new Counter({
    name: 'uncaught_errors_total',
    help: 'Errors that reached the last-resort handler: lost connections, and defects, after which the process stops.',
    labelNames: ['kind'],
    registers,
  });
  for (const kind of UNCAUGHT) uncaughtErrors.inc({ kind }, 0);

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
    /** How many clients are connected is asked whenever the metrics are read. */
    watchSockets(read: () => number) {
      readSockets = read;
    },
    /** How many holds are overdue by more than a second is asked whenever the metrics are read; it may fail. */
    watchOverdueHolds(read: () => Promise<number>) {
      readOverdueHolds = read;
    },
    /** What requests came to, by outcome: see {@link createOutcomeCounter}. */
    reservations: outcomes('reservations_total', 'Requests for a unit, by what they came to.'),
    purchases: outcomes('purchases_total', 'Requests to buy a hold, by what they came to.'),
    releases: outcomes('releases_total', 'Requests to give a hold back, by what they came to.'),
    /** Transactions that failed and were run again, by the way: whole, after which cause, or in halves. */
    transactionFallbacks,
    /** Seconds, by method, route and status. */
    requestDuration,
    /** Seconds from asking for a drop's lock to having it: the round trip, and whoever had it before. */
    lockWait: new Histogram({
      name: 'drop_lock_wait_seconds',
      help: "How long a transaction waited for a drop's lock.",
      buckets: DURATIONS,
      registers,
    }),
    /** Seconds that a connection of the pool was somebody's: a statement, or a whole transaction. */
    connectionHeld: new Histogram({
      name: 'database_connection_held_seconds',
      help: 'How long a connection to the database was held, for a statement or a transaction.',
      buckets: DURATIONS,
      registers,
    }),
    /** Holds that ended because their time did. */
    holdsExpired: new Counter({
      name: 'holds_expired_total',
      help: 'Reservations that expired and gave their unit back.',
      registers,
    }),
    /** Seconds from a hold's deadline to its end, by the database's clock. */
    expiryLateness: new Histogram({
      name: 'hold_expiry_lateness_seconds',
      help: 'How long after its deadline an expired hold was ended.',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600],
      registers,
    }),
    /** Sweeps of one drop that failed. */
    sweepFailures: new Counter({
      name: 'sweep_failures_total',
      help: 'Sweeps of expired reservations that failed and will be tried again.',
      registers,
    }),
    /** Calls over sockets, by call and outcome: `ok`, or the code of the refusal. */
    socketCalls: new Counter({
      name: 'socket_calls_total',
      help: 'Calls of the live feed, by what they came to.',
      labelNames: ['call', 'outcome'],
      registers,
    }),
    /** Errors that no other code has handled, by kind: see {@link createLastResort}. */
    uncaughtErrors,
    /** Connections that were refused, by the reason. */
    socketsRefused,
    /** Clients that did not read what they were sent. */
    slowReadersCut: new Counter({
      name: 'slow_readers_cut_total',
      help: 'Clients of the live feed that were cut because they did not read.',
      registers,
    }),
  };
}
