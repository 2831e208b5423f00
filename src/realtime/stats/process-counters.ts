import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { InventoryMetrics } from '../../inventory/inventory.metrics.js';
import type { SocketServer } from '../server/socket-types.js';

/** What one process has counted since it began, and how many sockets it has. */
const Tally = z.object({
  process: z.string(),
  connections: z.number(),
  reservations: z.number(),
  purchases: z.number(),
  releases: z.number(),
  expiries: z.number(),
  refusals: z.record(z.string(), z.number()),
});
export type Tally = z.infer<typeof Tally>;
export type ReadTally = () => Promise<Tally>;

/** How `reservations_total` and its like call what was not refused. */
const SUCCESSES = { reservations: 'granted', purchases: 'completed', releases: 'released' };
/** Outcomes that nobody was refused by. */
const NO_REFUSALS = new Set(['replayed', 'caller-gone', ...Object.values(SUCCESSES)]);

/** Reads what this process counts for its metrics anyway. */
export function createReadTally(metrics: InventoryMetrics, connections: () => number): ReadTally {
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

/** What other processes have counted. */
export interface PeerTallies {
  /** Asks them to tell; they do so in a moment. */
  ask(): void;
  /** What each told last, lately. */
  told(): Tally[];
}

/** ms. Whoever was not heard of for so long has gone. */
const GONE = 4_000;
/** ms. However many ask, nobody tells more often. */
const MIN_PAUSE = 500;

/** Lets this process tell others its tally when they ask, and ask them for theirs. */
export function exchangeTallies(sockets: SocketServer, isConnected: () => boolean, readTally: ReadTally): PeerTallies {
  const heard = new Map<string, { tally: Tally; at: number }>();
  let toldAt = -Infinity;

  sockets.on('tally_wanted', () => {
    if (performance.now() - toldAt < MIN_PAUSE) return;
    toldAt = performance.now();
    void readTally().then((tally) => {
      if (isConnected()) sockets.serverSideEmit('tally', tally);
    });
  });
  sockets.on('tally', (given) => {
    // Of a process of another version, perhaps.
    const tally = Tally.safeParse(given).data;
    if (tally) heard.set(tally.process, { tally, at: performance.now() });
  });

  return {
    ask() {
      if (isConnected()) sockets.serverSideEmit('tally_wanted');
    },
    told() {
      for (const [process, { at }] of heard) if (performance.now() - at > GONE) heard.delete(process);
      return [...heard.values()].map(({ tally }) => tally);
    },
  };
}

/** What was counted between two times, by all processes that told both times: whoever is new begins at its first tally. */
export function countedSince(before: readonly Tally[], now: readonly Tally[]) {
  const earlier = new Map(before.map((tally) => [tally.process, tally]));
  const counted = { reservations: 0, purchases: 0, releases: 0, expiries: 0 };
  const refusals: Record<string, number> = {};
  for (const tally of now) {
    const known = earlier.get(tally.process) ?? tally;
    for (const name of Object.keys(counted) as (keyof typeof counted)[]) counted[name] += tally[name] - known[name];
    for (const [code, total] of Object.entries(tally.refusals)) {
      const count = total - (known.refusals[code] ?? 0);
      if (count > 0) refusals[code] = (refusals[code] ?? 0) + count;
    }
  }
  return { ...counted, refusals };
}
