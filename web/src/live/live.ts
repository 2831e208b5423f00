import type { DropFeed, FeedStatus, InventorySnapshot } from '../../../src/client/index.js';
import { createListenerMap, createListenerSet } from '../../../src/client/listeners.js';

/**
 * As the feed says; `connecting`: it is not live yet, and that has not taken long; `offline`: it is not live, and the browser
 * has no network.
 */
export type LiveStatus = FeedStatus | 'connecting' | 'offline';

/** The feed as the page reads it: what changes is told at most once a frame, and drops are followed while they are shown. */
export interface Live {
  readonly picture: (dropId: string) => InventorySnapshot | undefined;
  /** Calls back, at most once a frame, when the drop has a newer picture. */
  readonly onPicture: (dropId: string, listener: () => void) => () => void;
  readonly status: () => LiveStatus;
  readonly onStatus: (listener: () => void) => () => void;
  /** Follows these drops until the returned function is called; any number of callers may follow the same. */
  readonly follow: (dropIds: readonly string[]) => () => void;
  /** ms since 1970 by the server's clock. */
  readonly serverNow: () => number;
  /** How far {@link Live.serverNow} may be off, either way. */
  readonly clockErrorMs: () => number;
  /** Takes the server's time from elsewhere, for as long as the feed has told none: this machine's may be far off. */
  readonly hearTime: (serverTime: number) => void;
  /** Takes from the browser that the network was lost or is back. A connection on this machine may be live without one. */
  readonly setOnline: (isOnline: boolean) => void;
  readonly close: () => void;
}

type NextFrame = (work: () => void) => unknown;

/** ms that a drop is still followed when nobody shows it any more: the next page may show it again. */
const LINGER = 2_000;
/** The server's time from elsewhere is in whole seconds. */
const ROUGH_CLOCK_ERROR_MS = 1_000;
/** ms that the first connection may take before the page says that there is none. */
const PATIENCE = 4_000;

export function createLive(feed: DropFeed, nextFrame: NextFrame = requestAnimationFrame): Live {
  const watchers = createListenerMap<Record<string, () => void>>();
  const statusListeners = createListenerSet();
  const changed = new Set<string>();
  const followers = new Map<string, number>();
  let isFrameDue = false;
  let isFirst = true;
  let isOnline = true;
  let roughOffset = 0;

  /** Every change since the last frame in one go, so that React renders once. */
  function tell(): void {
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
      nextFrame(tell);
    }),
    feed.on('status', (status) => {
      if (status === 'live') isFirst = false;
      statusListeners.notify();
    }),
  ];
  const patience = setTimeout(() => {
    isFirst = false;
    statusListeners.notify();
  }, PATIENCE);

  return {
    picture: (dropId) => feed.get(dropId),
    onPicture: watchers.on,
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
        }, LINGER);
      };
    },
    // As long as nothing was heard, the feed's is this machine's.
    serverNow: () => feed.serverNow() + (feed.clockAccuracy() === Infinity ? roughOffset : 0),
    clockErrorMs: () => Math.min(feed.clockAccuracy(), ROUGH_CLOCK_ERROR_MS),
    hearTime(serverTime) {
      roughOffset = serverTime - Date.now();
    },
    setOnline(next) {
      isOnline = next;
      statusListeners.notify();
    },
    close() {
      clearTimeout(patience);
      for (const stop of unlisten) stop();
      feed.close();
    },
  };
}
