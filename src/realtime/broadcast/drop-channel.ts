import { isLaterStatus, toInventorySnapshot } from '../../client/inventory-snapshot.js';
import type { DropStatus } from '../../inventory/inventory.schema.js';
import type { DropResponse } from '../../modules/drops/drops.schema.js';
import type { PublishedPayloads } from '../events.js';

type InventoryUpdate = PublishedPayloads['inventory_update'];
type PurchaseUpdate = PublishedPayloads['purchase_update'];

/** Sends to whoever follows the drop. */
export type SendOfDrop = <Name extends 'inventory_update' | 'purchase_update' | 'new_drop' | 'drop_update'>(
  event: Name,
  payload: PublishedPayloads[Name],
) => void;

/**
 * What is known of one drop, and what of it was sent. Everything of a drop that carries a version goes through its channel,
 * which keeps them rising.
 */
export interface DropChannel {
  /**
   * What was sent last, or this picture, read just now, if it is newer. Of one version, the state to which the time has
   * brought the drop: a picture may have been read before a start that was told meanwhile.
   */
  newestOf(picture: InventoryUpdate): InventoryUpdate;
  /** The version of the newest picture, sent or about to be; 0 if there is none. */
  readonly version: number;
  /** The version of the newest details that were sent; 0 if none were. */
  readonly detailsVersion: number;
  /** The state at the highest version, of two at that version the later; null if there is none. */
  readonly status: DropStatus | null;
  /** Takes a picture: sends it at once, or at the end of the window if one was sent just now; an older one never. */
  show(picture: InventoryUpdate): void;
  /**
   * Sends the whole drop at once, as `new_drop` or `drop_update`; what was sent already is not sent again, and at one
   * version a state never goes back.
   *
   * @param byClock the drop's state changed with the time, and its row did not: its picture may have been sent long ago.
   */
  showDetails(event: 'new_drop' | 'drop_update', drop: DropResponse, byClock?: boolean): void;
  /** Tells of a purchase, not before the stock that shows it; of many in one window, the latest three. */
  tellPurchase(purchase: PurchaseUpdate): void;
  /** Whether one more expired hold may be told to everybody in this window. */
  mayTellExpiry(): boolean;
  /** Resolves when a picture of this version or a newer one has been sent. */
  whenSent(version: number): Promise<void>;
  /** Sends what waits for the end of the window. */
  flush(): void;
  /** Ends it: what waits is not sent, and nothing waits for it any more. */
  close(): void;
  /** Whether nothing happened since then, in ms of `performance.now()`. */
  restsSince(time: number): boolean;
}

/** ms. Twenty pictures a second are as live as an eye can tell. */
export const WINDOW = 50;
/** As many as `topPurchasers` lists: who keeps that list misses nothing. */
const PURCHASES_PER_WINDOW = 3;
/** A dashboard's ticker; the stock update that follows carries the sum. */
const EXPIRIES_PER_WINDOW = 10;

export function createDropChannel(send: SendOfDrop): DropChannel {
  let newest: InventoryUpdate | undefined;
  let sent: InventoryUpdate | undefined;
  let details: { version: number; status: DropStatus | null } = { version: 0, status: null };
  /** Runs while something was sent less than a window ago. */
  let window: NodeJS.Timeout | undefined;
  let purchases: PurchaseUpdate[] = [];
  let purchasesTold = 0;
  let expiries = { told: 0, until: 0 };
  let waiting: { version: number; resolve: () => void }[] = [];
  let lastUse = 0;

  function currentStatus(): DropStatus | null {
    const { version, status } = details;
    if (!newest || version > newest.version) return status;
    return version === newest.version && status && isLaterStatus(status, newest.status) ? status : newest.status;
  }

  const versionSent = () => sent?.version ?? 0;
  const isBehind = () => (newest?.version ?? 0) > versionSent();

  function markSent(picture: InventoryUpdate): void {
    sent = picture;
    const reached = waiting.filter(({ version }) => version <= picture.version);
    if (reached.length === 0) return;
    waiting = waiting.filter(({ version }) => version > picture.version);
    for (const { resolve } of reached) resolve();
  }

  function flush(): void {
    if (newest && isBehind()) {
      send('inventory_update', newest);
      markSent(newest);
    }
    for (const purchase of purchases) send('purchase_update', purchase);
    purchasesTold = purchases.length;
    purchases = [];
  }

  function openWindow(): void {
    lastUse = performance.now();
    window ??= setTimeout(() => {
      window = undefined;
      // From the beginning of the sending, which to a thousand sockets takes a third of a window.
      if (isBehind() || purchases.length > 0) openWindow();
      flush();
    }, WINDOW);
  }

  return {
    newestOf(picture) {
      const stock = sent && sent.version > picture.version ? sent : picture;
      const { version, status } = details;
      return version === stock.version && status && isLaterStatus(status, stock.status) ? { ...stock, status } : stock;
    },
    get version() {
      return newest?.version ?? 0;
    },
    get detailsVersion() {
      return details.version;
    },
    get status() {
      return currentStatus();
    },
    show(picture) {
      if (picture.version <= (newest?.version ?? 0) || picture.version < details.version) return;
      newest = picture;
      const isFirst = !window;
      openWindow();
      if (isFirst) flush();
    },
    showDetails(event, drop, byClock = false) {
      if (drop.version < details.version) return;
      const known = currentStatus();
      // Stock that is newer than the drop carries a state of its own.
      const hasNewerStock = (newest?.version ?? 0) > drop.version;
      const isLaterState = known === null || (!hasNewerStock && isLaterStatus(drop.status, known));
      if (!isLaterState && (byClock || drop.version === details.version)) return;
      details = { version: drop.version, status: drop.status };
      const picture = toInventorySnapshot(drop);
      const wasSentLongAgo = byClock && !newest;
      if (picture.version > (newest?.version ?? 0)) newest = picture;
      if (wasSentLongAgo) markSent(picture);
      if (event === 'new_drop' && !sent) {
        send(event, drop);
        if (newest === picture) markSent(picture);
      } else {
        // The picture first, though the window runs: who follows the pictures alone needs it, and none may come later that
        // is older than these details.
        flush();
        // Details read a moment ago, with the stock that was sent since: a client never sees the version go back.
        send(event, newest && newest.version > drop.version ? { ...drop, ...withoutId(newest) } : drop);
      }
      openWindow();
    },
    tellPurchase(purchase) {
      if (!window) purchasesTold = 0;
      if (isBehind() || purchasesTold >= PURCHASES_PER_WINDOW) {
        purchases = [...purchases, purchase].slice(-PURCHASES_PER_WINDOW);
      } else {
        purchasesTold += 1;
        send('purchase_update', purchase);
      }
      openWindow();
    },
    mayTellExpiry() {
      const now = performance.now();
      if (now >= expiries.until) expiries = { told: 0, until: now + WINDOW };
      expiries.told += 1;
      return expiries.told <= EXPIRIES_PER_WINDOW;
    },
    whenSent(version) {
      if (versionSent() >= version) return Promise.resolve();
      return new Promise((resolve) => {
        waiting.push({ version, resolve });
      });
    },
    flush,
    close() {
      clearTimeout(window);
      for (const { resolve } of waiting.splice(0)) resolve();
    },
    restsSince: (time) => !window && lastUse < time,
  };
}

function withoutId({ dropId: _dropId, ...stock }: InventoryUpdate) {
  return stock;
}
