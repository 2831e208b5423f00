import { useCallback, useEffect, useSyncExternalStore } from 'react';
import type { Drop } from '../api/client.js';
import { useServices } from './services.js';
import type { LiveStatus } from '../live/live.js';
import { newest } from '../live/newest.js';
import { stateAt } from '../live/state-at.js';

/** Whether the live updates arrive: `live`, `connecting`, `stale`, `reconnecting`, … */
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
 * - `live`: how it stands now.
 * - `arriving`: as it was fetched a moment ago; the feed is about to confirm it.
 * - `old`: how it stood when the connection was lost. Never to be shown as how it stands.
 */
export type Freshness = 'live' | 'arriving' | 'old';

/**
 * The drop as it stands by the newest that is known, fetched or told by the feed, and by the server's clock; renders at most
 * once a frame. It has to be followed: see {@link useFollow}.
 */
export function useDrop(fetched: Drop): { readonly drop: Drop; readonly freshness: Freshness } {
  const { live, ticker } = useServices();
  const { id } = fetched;
  const picture = useSyncExternalStore(
    useCallback((listener) => live.onPicture(id, listener), [live, id]),
    () => live.picture(id),
  );
  const status = useFeedStatus();
  const known = newest(fetched, picture);
  // Not before the server's clock has reached the start, whatever this machine's clock is off: it would refuse a reservation.
  const state = useSyncExternalStore(ticker.subscribe, () => stateAt(known, ticker.now() - live.clockErrorMs()));
  const drop = state === known.status ? known : { ...known, status: state };
  return { drop, freshness: freshnessOf(status, picture !== undefined) };
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
