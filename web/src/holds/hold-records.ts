import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { createListenerSet } from '../../../src/client/listeners.js';
import type { Reservation } from '../api/client.js';

/** A purchase that was made in this window. */
export interface Bought {
  readonly dropId: string;
  readonly name: string;
  readonly price: string;
  readonly currency: string;
  readonly createdAt: string;
}

/** What the signed-in user has done with holds in this window since it was loaded. */
export interface HoldRecords {
  /** Ids of holds that were made here. */
  readonly made: Set<string>;
  /** Ids of holds whose end is known and was reported. */
  readonly settled: Set<string>;
  /** Until when the server refuses reservations of a drop, because of reservations that were not bought. */
  readonly coolDowns: Map<string, string>;
  /** The purchase whose success is shown. */
  readonly bought: () => Bought | null;
  readonly showBought: (bought: Bought | null) => void;
  /** Notifies when {@link HoldRecords.bought} changes. */
  readonly subscribe: (listener: () => void) => () => void;
}

/** By the cache of the identity, so that no user sees what another one did. */
const recordsByCache = new WeakMap<QueryClient, HoldRecords>();

export function useHoldRecords(): HoldRecords {
  const queries = useQueryClient();
  const records = recordsByCache.get(queries) ?? createHoldRecords();
  recordsByCache.set(queries, records);
  return records;
}

function createHoldRecords(): HoldRecords {
  const listeners = createListenerSet();
  let bought: Bought | null = null;
  return {
    made: new Set(),
    settled: new Set(),
    coolDowns: new Map(),
    bought: () => bought,
    showBought(next) {
      bought = next;
      listeners.notify();
    },
    subscribe: listeners.add,
  };
}

/** The holds that have left the list although their end was not reported: they ended while this window was not connected. */
export function vanishedHolds(
  before: readonly Reservation[],
  now: readonly Reservation[],
  settled: ReadonlySet<string>,
): Reservation[] {
  return before.filter(({ id }) => !settled.has(id) && !now.some((hold) => hold.id === id));
}
