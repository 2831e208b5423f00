import {
  isLaterStatus,
  toInventorySnapshot,
  withSnapshot,
  type InventorySnapshot,
} from '../../inventory/inventory-snapshot.js';
import type { DropStatus } from '../../inventory/inventory.schema.js';
import type { DropResponse } from '../../modules/drops/drops.schema.js';
import type { PublishedPayloads } from '../events.js';

type PurchaseUpdate = PublishedPayloads['purchase_update'];

export type SendToFollowers = <Name extends 'inventory_update' | 'purchase_update' | 'new_drop' | 'drop_update'>(
  event: Name,
  payload: PublishedPayloads[Name],
) => void;

/**
 * The published state of one drop. Every event of the drop that carries a version passes through its channel, which keeps
 * versions rising and limits the rate.
 */
export interface DropChannel {
  /** The version of the newest snapshot, sent or about to be sent; 0 without one. */
  readonly version: number;
  /** The version of the newest details that were sent; 0 without any. Those of a draft do not count: only admins receive them. */
  readonly detailsVersion: number;
  /** The status at the highest version; if two were published at that version, the later one. Null without any. */
  readonly status: DropStatus | null;
  /**
   * The newer of the last snapshot sent and this one. Its status is the latest that was published at its version, because the
   * snapshot may have been read before a start or an end that was published meanwhile.
   */
  newestSent(loaded: InventorySnapshot): InventorySnapshot;
  /** Sends a snapshot at once, or at the end of the window if one is open. Ignores a snapshot that is not newer. */
  publishSnapshot(snapshot: InventorySnapshot): void;
  /**
   * Sends the whole drop at once; the first details of a published drop that was a draft as `new_drop`. Ignores details of an
   * older version, and of the same version unless their status is later.
   *
   * @param byClock the status changed by time alone, without a new version: the snapshot of this version may have been sent.
   */
  publishDetails(event: 'new_drop' | 'drop_update', drop: DropResponse, byClock?: boolean): void;
  /** Sends a purchase, after the snapshot that counts it. If more than three wait for the end of a window, sends the latest three. */
  publishPurchase(purchase: PurchaseUpdate): void;
  /** Whether the limit of expiries in this window allows one more to all followers. */
  allowsExpiry(): boolean;
  /** Resolves when a snapshot of this version or a higher one has been sent. */
  whenSent(version: number): Promise<void>;
  /** Sends what waits for the end of the window. */
  flush(): void;
  /** Drops what waits to be sent, and resolves every {@link DropChannel.whenSent}. */
  close(): void;
  /** Whether nothing was published since this time of `performance.now()`. */
  isIdleSince(time: number): boolean;
}

/** At most one snapshot in this time: twenty a second appear continuous. */
export const WINDOW_MS = 50;
/** The length of `topPurchasers`: a client that keeps that list misses no entry. */
const MAX_PURCHASES_PER_WINDOW = 3;
/** Enough for an activity list. The snapshot that follows carries the sum. */
const MAX_EXPIRIES_PER_WINDOW = 10;

export function createDropChannel(send: SendToFollowers): DropChannel {
  let newest: InventorySnapshot | undefined;
  let sent: InventorySnapshot | undefined;
  let details: { version: number; status: DropStatus | null } = { version: 0, status: null };
  /** Runs while something was sent less than a window ago. */
  let window: NodeJS.Timeout | undefined;
  let purchases: PurchaseUpdate[] = [];
  let purchasesSent = 0;
  let expiries = { sent: 0, until: 0 };
  let waiters: { version: number; resolve: () => void }[] = [];
  let lastUse = 0;

  const newestVersion = () => newest?.version ?? 0;
  const sentVersion = () => sent?.version ?? 0;
  const hasUnsent = () => newestVersion() > sentVersion();

  /** The status in the details if it is of the same version and later, else that of the snapshot. */
  function laterStatus(snapshot: InventorySnapshot): DropStatus {
    const { version, status } = details;
    return version === snapshot.version && status && isLaterStatus(status, snapshot.status) ? status : snapshot.status;
  }

  function currentStatus(): DropStatus | null {
    return newest && newest.version >= details.version ? laterStatus(newest) : details.status;
  }

  function markSent(snapshot: InventorySnapshot): void {
    sent = snapshot;
    const reached = waiters.filter(({ version }) => version <= snapshot.version);
    if (reached.length === 0) return;
    waiters = waiters.filter(({ version }) => version > snapshot.version);
    for (const { resolve } of reached) resolve();
  }

  function flush(): void {
    if (newest && hasUnsent()) {
      send('inventory_update', newest);
      markSent(newest);
    }
    for (const purchase of purchases) send('purchase_update', purchase);
    purchasesSent = purchases.length;
    purchases = [];
  }

  function openWindow(): void {
    lastUse = performance.now();
    window ??= setTimeout(() => {
      window = undefined;
      // Before sending, so that the time that sending takes is part of the next window.
      if (hasUnsent() || purchases.length > 0) openWindow();
      flush();
    }, WINDOW_MS);
  }

  return {
    get version() {
      return newestVersion();
    },
    get detailsVersion() {
      return details.status === 'draft' ? 0 : details.version;
    },
    get status() {
      return currentStatus();
    },
    newestSent(loaded) {
      const snapshot = sent && sent.version > loaded.version ? sent : loaded;
      const status = laterStatus(snapshot);
      return status === snapshot.status ? snapshot : { ...snapshot, status };
    },
    publishSnapshot(snapshot) {
      if (snapshot.version <= newestVersion() || snapshot.version < details.version) return;
      newest = snapshot;
      const isFirst = !window;
      openWindow();
      if (isFirst) flush();
    },
    publishDetails(event, drop, byClock = false) {
      if (drop.version < details.version) return;
      const status = currentStatus();
      // A snapshot of a higher version has a status of its own.
      const isOutdated = newestVersion() > drop.version;
      const isLater = status === null || (!isOutdated && isLaterStatus(drop.status, status));
      if (!isLater && (byClock || drop.version === details.version)) return;
      const wasDraft = details.status === 'draft' && drop.status !== 'draft';
      const name = wasDraft ? 'new_drop' : event;
      details = { version: drop.version, status: drop.status };
      const snapshot = toInventorySnapshot(drop);
      // A drop that was idle: its snapshot reached every follower before the channel existed.
      const wasSentBefore = byClock && !newest;
      if (snapshot.version > newestVersion()) newest = snapshot;
      if (wasSentBefore) markSent(snapshot);
      if (name === 'new_drop' && (!sent || sent.status === 'draft')) {
        send(name, drop);
        if (newest === snapshot) markSent(snapshot);
      } else {
        // The snapshot first, even within a window: some clients read snapshots only, and none may arrive after newer details.
        flush();
        // If the details were read before the last snapshot, its stock replaces theirs, so that no version falls.
        send(name, newest && newest.version > drop.version ? withSnapshot(drop, newest) : drop);
      }
      openWindow();
    },
    publishPurchase(purchase) {
      if (!window) purchasesSent = 0;
      if (hasUnsent() || purchasesSent >= MAX_PURCHASES_PER_WINDOW) {
        purchases = [...purchases, purchase].slice(-MAX_PURCHASES_PER_WINDOW);
      } else {
        purchasesSent += 1;
        send('purchase_update', purchase);
      }
      openWindow();
    },
    allowsExpiry() {
      const now = performance.now();
      if (now >= expiries.until) expiries = { sent: 0, until: now + WINDOW_MS };
      expiries.sent += 1;
      return expiries.sent <= MAX_EXPIRIES_PER_WINDOW;
    },
    whenSent(version) {
      if (sentVersion() >= version) return Promise.resolve();
      return new Promise((resolve) => {
        waiters.push({ version, resolve });
      });
    },
    flush,
    close() {
      clearTimeout(window);
      for (const { resolve } of waiters.splice(0)) resolve();
    },
    isIdleSince: (time) => !window && lastUse < time,
  };
}
