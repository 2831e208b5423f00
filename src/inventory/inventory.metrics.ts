import { setTimeout as sleep } from 'node:timers/promises';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { DURATION_BUCKETS } from '../lib/metrics.js';

export type InventoryMetrics = ReturnType<typeof createInventoryMetrics>;

/** Rare, so initialized with 0: the first one shows as a rise. */
const FALLBACKS = ['retry after conflict', 'retry after connection', 'retry after commit', 'split'];
/** How long a scrape waits for the number of overdue holds. */
const OVERDUE_HOLDS_TIMEOUT_MS = 1_000;

/** Makes the metrics of drops, reservations and purchases. Durations are in seconds. */
export function createInventoryMetrics(registry: Registry) {
  const registers = [registry];

  function outcomes(name: string, help: string) {
    return new Counter({ name, help, labelNames: ['outcome'], registers });
  }

  let readOverdueHolds: (() => Promise<number>) | undefined;
  new Gauge({
    name: 'overdue_holds',
    help: 'Holds that expired more than a second ago and have not been reclaimed.',
    registers,
    async collect() {
      if (!readOverdueHolds) return;
      // An outage of the database must not keep the other metrics from being read.
      const count = readOverdueHolds().catch(() => NaN);
      this.set(await Promise.race([count, sleep(OVERDUE_HOLDS_TIMEOUT_MS, NaN, { ref: false })]));
    },
  });

  const transactionFallbacks = new Counter({
    name: 'transaction_fallbacks_total',
    help: 'Transactions that failed and ran again, whole or in halves.',
    labelNames: ['way'],
    registers,
  });
  for (const way of FALLBACKS) transactionFallbacks.inc({ way }, 0);

  return {
    /** @param read counts the holds that are overdue by more than a second; it runs at every scrape, and may fail. */
    watchOverdueHolds(read: () => Promise<number>) {
      readOverdueHolds = read;
    },
    reservations: outcomes('reservations_total', 'Requests to reserve a unit, by outcome.'),
    purchases: outcomes('purchases_total', 'Requests to purchase a reserved unit, by outcome.'),
    releases: outcomes('releases_total', 'Requests to release a reservation, by outcome.'),
    /** By way: run again whole, after which cause, or split into halves. */
    transactionFallbacks,
    /** From the SELECT … FOR UPDATE to its result: the round trip and the wait for the lock. */
    lockWait: new Histogram({
      name: 'drop_lock_wait_seconds',
      help: "How long a transaction waited for a drop's lock.",
      buckets: DURATION_BUCKETS,
      registers,
    }),
    holdsExpired: new Counter({
      name: 'holds_expired_total',
      help: 'Reservations that expired and whose unit went back on sale.',
      registers,
    }),
    /** From a hold's deadline to its reclaim, by the database's clock. */
    expiryLateness: new Histogram({
      name: 'hold_expiry_lateness_seconds',
      help: 'How long after its deadline an expired hold was reclaimed.',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600],
      registers,
    }),
    sweepFailures: new Counter({
      name: 'sweep_failures_total',
      help: 'Sweeps of expired reservations that failed and are tried again.',
      registers,
    }),
  };
}
