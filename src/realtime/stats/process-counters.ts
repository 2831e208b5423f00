import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { InventoryMetrics } from '../../inventory/inventory.metrics.js';
import type { SocketServer } from '../server/socket-types.js';

/** The counters of one process since its start, and its open sockets. */
const ProcessCounters = z.object({
  process: z.string(),
  connections: z.number(),
  reservations: z.number(),
  purchases: z.number(),
  releases: z.number(),
  expiries: z.number(),
  refusals: z.record(z.string(), z.number()),
});
export type ProcessCounters = z.infer<typeof ProcessCounters>;
export type ReadCounters = () => Promise<ProcessCounters>;

/** The outcome label of a success, by counter. */
const SUCCESSES = { reservations: 'granted', purchases: 'completed', releases: 'released' };
/** Outcomes that are not refusals. */
const NO_REFUSALS = new Set(['replayed', 'caller-gone', ...Object.values(SUCCESSES)]);

/** Creates a function that reads the counters of this process from its metrics. */
export function createReadCounters(metrics: InventoryMetrics, connections: () => number): ReadCounters {
  const process = randomUUID();

  async function outcomesOf(name: keyof typeof SUCCESSES): Promise<Map<string, number>> {
    const { values } = await metrics[name].get();
    return new Map(values.map(({ labels, value }) => [String(labels.outcome), value]));
  }

  return async () => {
    const reserved = await outcomesOf('reservations');
    const purchased = await outcomesOf('purchases');
    const released = await outcomesOf('releases');
    const refusals: Record<string, number> = {};
    for (const [outcome, value] of [...reserved, ...purchased]) {
      if (!NO_REFUSALS.has(outcome)) refusals[outcome] = (refusals[outcome] ?? 0) + value;
    }
    const [expired] = (await metrics.holdsExpired.get()).values;
    return {
      process,
      connections: connections(),
      reservations: reserved.get(SUCCESSES.reservations) ?? 0,
      purchases: purchased.get(SUCCESSES.purchases) ?? 0,
      releases: released.get(SUCCESSES.releases) ?? 0,
      expiries: expired?.value ?? 0,
      refusals,
    };
  };
}

export interface ClusterCounters {
  /** Requests the counters of all processes. They arrive a moment later. */
  request(): void;
  /** The latest counters of each process that has sent some recently. */
  latest(): ProcessCounters[];
}

/** A process that has not sent its counters for this long has ended. */
const PROCESS_TIMEOUT_MS = 4_000;
/** A process sends its counters no more often than this, however many others request them. */
const MIN_SEND_INTERVAL_MS = 500;

/** Sends the counters of this process to others on request, and collects theirs. */
export function exchangeCounters(
  sockets: SocketServer,
  isConnected: () => boolean,
  readCounters: ReadCounters,
): ClusterCounters {
  const received = new Map<string, { counters: ProcessCounters; at: number }>();
  let sentAt = -Infinity;

  sockets.on('tally_wanted', () => {
    if (performance.now() - sentAt < MIN_SEND_INTERVAL_MS) return;
    sentAt = performance.now();
    void readCounters().then((counters) => {
      if (isConnected()) sockets.serverSideEmit('tally', counters);
    });
  });
  sockets.on('tally', (payload) => {
    // A process of another version may send another format.
    const counters = ProcessCounters.safeParse(payload).data;
    if (counters) received.set(counters.process, { counters, at: performance.now() });
  });

  return {
    request() {
      if (isConnected()) sockets.serverSideEmit('tally_wanted');
    },
    latest() {
      for (const [process, { at }] of received) {
        if (performance.now() - at > PROCESS_TIMEOUT_MS) received.delete(process);
      }
      return [...received.values()].map(({ counters }) => counters);
    },
  };
}

/** The sums of the increases between two times, over the processes with counters of both times. */
export function sumIncreases(before: readonly ProcessCounters[], after: readonly ProcessCounters[]) {
  const earlier = new Map(before.map((counters) => [counters.process, counters]));
  const sums = { reservations: 0, purchases: 0, releases: 0, expiries: 0 };
  const refusals: Record<string, number> = {};
  for (const counters of after) {
    const base = earlier.get(counters.process) ?? counters;
    for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += counters[name] - base[name];
    for (const [code, total] of Object.entries(counters.refusals)) {
      const increase = total - (base.refusals[code] ?? 0);
      if (increase > 0) refusals[code] = (refusals[code] ?? 0) + increase;
    }
  }
  return { ...sums, refusals };
}
