import type { DropFeed, FeedStatus, InventorySnapshot } from '../../../src/client/index.js';
import { createListenerMap, createListenerSet } from '../../../src/client/listeners.js';

/**
 * The status of the feed; `connecting`: the first connection is being made; `offline`: the feed is not live, and the browser has
 * no network.
 */
export type LiveStatus = FeedStatus | 'connecting' | 'offline';

/** The feed for React: notifies at most once a frame, and follows drops while they are shown. */
export interface Live {
  readonly snapshot: (dropId: string) => InventorySnapshot | undefined;
  /** Notifies, at most once a frame, when the drop has a newer snapshot. */
  readonly onSnapshot: (dropId: string, listener: () => void) => () => void;
  readonly status: () => LiveStatus;
  readonly onStatus: (listener: () => void) => () => void;
  /** Follows these drops until the returned function is called; several callers may follow the same drop. */
  readonly follow: (dropIds: readonly string[]) => () => void;
  /** ms since 1970 by the server's clock. */
  readonly serverNow: () => number;
  /** The largest error of {@link Live.serverNow}, in either direction. */
  readonly clockErrorMs: () => number;
  /** Sets the server's time from an HTTP response. Used until the feed has one, since this machine's clock may be wrong. */
  readonly setRoughTime: (serverTime: number) => void;
  /** Records the browser's network state. A connection to a service on this machine works without network. */
  readonly setOnline: (isOnline: boolean) => void;
  readonly close: () => void;
}

type NextFrame = (work: () => void) => unknown;

/** A drop that is no longer shown is followed for so long: the next page may show it again. */
const UNFOLLOW_DELAY_MS = 2_000;
/** The `Date` of HTTP responses is in whole seconds. */
const ROUGH_CLOCK_ERROR_MS = 1_000;
/** The first connection counts as `connecting` for so long. */
const CONNECTING_MS = 4_000;

export function createLive(feed: DropFeed, nextFrame: NextFrame = requestAnimationFrame): Live {
  const watchers = createListenerMap<Record<string, () => void>>();
  const statusListeners = createListenerSet();
  const changed = new Set<string>();
  const followers = new Map<string, number>();
  let isFrameDue = false;
  let isFirst = true;
  let isOnline = true;
  let roughOffsetMs = 0;

  /** Notifies of all changes since the last frame, so that React renders once. */
  function notifyChanges(): void {
    isFrameDue = false;
    const ids = [...changed];
    changed.clear();
    for (const id of ids) watchers.notify(id);
  }

  const unlisten = [
    feed.on('change', (dropId) => {
      changed.add(dropId);
      if (isFrameDue) return;
      isFrameDue = true;
      nextFrame(notifyChanges);
    }),
    feed.on('status', (status) => {
      if (status === 'live') isFirst = false;
      statusListeners.notify();
    }),
  ];
  const connectingTimer = setTimeout(() => {
    isFirst = false;
    statusListeners.notify();
  }, CONNECTING_MS);

  return {
    snapshot: (dropId) => feed.get(dropId),
    onSnapshot: watchers.on,
    status() {
      const { status } = feed;
      if (!isOnline && (status === 'reconnecting' || status === 'stale')) return 'offline';
      return isFirst && (status === 'reconnecting' || status === 'stale') ? 'connecting' : status;
    },
    onStatus: statusListeners.add,
    follow(dropIds) {
      const fresh = dropIds.filter((id) => !followers.has(id));
      for (const id of dropIds) followers.set(id, (followers.get(id) ?? 0) + 1);
      if (fresh.length > 0) feed.subscribe(fresh);
      return () => {
        setTimeout(() => {
          for (const id of dropIds) followers.set(id, (followers.get(id) ?? 1) - 1);
          const left = dropIds.filter((id) => followers.get(id) === 0);
          for (const id of left) followers.delete(id);
          if (left.length > 0) feed.unsubscribe(left);
        }, UNFOLLOW_DELAY_MS);
      };
    },
    // Until the feed has received a time, its clock is this machine's.
    serverNow: () => feed.serverNow() + (feed.clockAccuracy() === Infinity ? roughOffsetMs : 0),
    clockErrorMs: () => Math.min(feed.clockAccuracy(), ROUGH_CLOCK_ERROR_MS),
    setRoughTime(serverTime) {
      roughOffsetMs = serverTime - Date.now();
    },
    setOnline(next) {
      isOnline = next;
      statusListeners.notify();
    },
    close() {
      clearTimeout(connectingTimer);
      for (const stop of unlisten) stop();
      feed.close();
    },
  };
}
