import { useCallback, useEffect, useSyncExternalStore } from 'react';
import { availabilityOf } from '../../../src/inventory/inventory-snapshot.js';
import type { Drop } from '../api/client.js';
import { useServices } from './services.js';
import type { LiveStatus } from '../live/live.js';
import { newest } from '../live/newest.js';
import { onSchedule } from '../live/on-schedule.js';
import { stateAt } from '../live/state-at.js';

/** The connection state of the live updates. */
export function useFeedStatus(): LiveStatus {
  const { live } = useServices();
  return useSyncExternalStore(live.onStatus, live.status);
}

/** Follows these drops while the component is shown. */
export function useFollow(dropIds: readonly string[]): void {
  const { live } = useServices();
  const joined = dropIds.join(' ');
  useEffect(() => (joined === '' ? undefined : live.follow(joined.split(' '))), [live, joined]);
}

/**
 * - `live`: the current state.
 * - `arriving`: fetched a moment ago; the feed is about to confirm it.
 * - `old`: the state before the connection was lost. Must not be shown as the current state.
 */
export type Freshness = 'live' | 'arriving' | 'old';

/**
 * The newest known state of a drop, fetched or received from the feed, at the server's current time. Renders at most once a
 * frame. The drop must be followed: see {@link useFollow}.
 */
export function useDrop(fetched: Drop): { readonly drop: Drop; readonly freshness: Freshness } {
  const { live } = useServices();
  const { id } = fetched;
  const snapshot = useSyncExternalStore(
    useCallback((listener) => live.onSnapshot(id, listener), [live, id]),
    () => live.snapshot(id),
  );
  const status = useFeedStatus();
  const known = newest(fetched, snapshot);
  // Minus the clock error: a drop must not open on the page before it opens on the server, which would refuse a reservation.
  const { dropStartsAt, dropEndsAt } = known;
  const state = useSyncExternalStore(
    useCallback(
      (listener) => onSchedule({ dropStartsAt, dropEndsAt }, () => live.serverNow() - live.clockErrorMs(), listener),
      [live, dropStartsAt, dropEndsAt],
    ),
    () => stateAt(known, live.serverNow() - live.clockErrorMs()),
  );
  const drop = state === known.status ? known : withStatus(known, state);
  return { drop, freshness: freshnessOf(status, snapshot !== undefined) };
}

function withStatus(drop: Drop, status: Drop['status']): Drop {
  return { ...drop, status, availability: availabilityOf({ ...drop, status }) };
}

function freshnessOf(status: LiveStatus, isConfirmed: boolean): Freshness {
  if (status === 'live') return isConfirmed ? 'live' : 'arriving';
  return status === 'connecting' ? 'arriving' : 'old';
}

/** ms since 1970 by the server's clock, in steps of `period` ms (250 or a multiple of it). */
export function useServerNow(period = 1_000): number {
  const { ticker } = useServices();
  return useSyncExternalStore(ticker.subscribe, () => Math.floor(ticker.now() / period) * period);
}

/** Seconds until a time, rounded up, by the server's clock; 0 once it has passed, and without a time. */
export function useSecondsUntil(time: string | undefined): number {
  const { live, ticker } = useServices();
  return useSyncExternalStore(ticker.subscribe, () => {
    if (time === undefined) return 0;
    const left = Date.parse(time) - (ticker.now() - live.clockErrorMs());
    return Math.max(0, Math.ceil(left / 1_000));
  });
}
