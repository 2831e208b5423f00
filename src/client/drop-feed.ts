import { createConnection, type AnyAcknowledgement, type FeedError } from './connection.js';
import type { DropFeed, DropFeedOptions, FeedEvents, FeedStatus } from './feed-types.js';
import { toInventorySnapshot, type InventorySnapshot } from '../inventory/inventory-snapshot.js';
import { createListenerMap } from './listeners.js';
import { createServerClock } from './server-clock.js';
import { createSnapshotStore } from './snapshot-store.js';
import { createSubscription, type SubscriptionRequest } from './subscription.js';

const STALE_AFTER_MS = 10_000;
/** Before a refused request is sent again, times a random factor between 1 and 2. */
const RETRY_DELAY_MS = 1_000;
/** Errors that a retry would meet again. */
const PERMANENT_ERRORS = ['too-many-subscriptions', 'validation-failed'];
/** Changes nothing. Its acknowledgement arrives after everything that the server sent before it. */
const HEARTBEAT: SubscriptionRequest = { name: 'drops:unsubscribe', dropIds: [] };

/** Connects to the service at `url`, and reconnects until {@link DropFeed.close}. */
export function createDropFeed(url: string, options: DropFeedOptions = {}): DropFeed {
  const { staleAfter: staleAfterMs = STALE_AFTER_MS } = options;
  const listeners = createListenerMap<FeedEvents>();
  const snapshots = createSnapshotStore();
  const clock = createServerClock();
  const subscription = createSubscription();
  subscription.add(options.dropIds && validIds(options.dropIds));

  /** Identifies the database of the snapshots; undefined before the server has sent one. */
  let epoch: string | undefined;
  let phase: 'disconnected' | 'connected' | 'refused' | 'closed' = 'disconnected';
  let error: FeedError | null = null;
  /** Whether every snapshot was confirmed on this connection. */
  let isConfirmed = false;
  let isRequestPending = false;
  /** Everything that the server sent before this time has arrived. */
  let currentAsOf = 0;
  let requestTimer: ReturnType<typeof setTimeout> | undefined;
  let staleTimer: ReturnType<typeof setTimeout> | undefined;
  let notified: { status: FeedStatus; error: FeedError | null } = { status: 'reconnecting', error: null };

  function getStatus(): FeedStatus {
    if (phase === 'disconnected') return 'reconnecting';
    if (phase !== 'connected') return phase;
    const ageMs = Date.now() - currentAsOf;
    // A negative age means that the local clock was set back.
    return isConfirmed && !error && ageMs >= 0 && ageMs <= staleAfterMs ? 'live' : 'stale';
  }

  function notifyStatus(): void {
    const current = { status: getStatus(), error };
    if (current.status === notified.status && current.error?.code === notified.error?.code) return;
    notified = current;
    listeners.notify('status', current.status, current.error);
  }

  function setPhase(next: typeof phase, reason: FeedError | null): void {
    phase = next;
    error = reason;
    isConfirmed = false;
    isRequestPending = false;
    clearTimeout(requestTimer);
    clearTimeout(staleTimer);
    notifyStatus();
  }

  const connection = createConnection(url, {
    ...options,
    onConnected() {
      subscription.restart(snapshots.all().map(({ dropId }) => dropId));
      setPhase('connected', null);
      sendNext();
    },
    onDisconnected: (reason) => {
      setPhase('disconnected', reason);
    },
    onRefused: (reason) => {
      setPhase('refused', reason);
    },
  });

  /** Sends the next request unless one is pending. When none is left, every snapshot is confirmed. */
  function sendNext(): void {
    if (phase !== 'connected' || isRequestPending) return;
    clearTimeout(requestTimer);
    const request = subscription.next();
    if (request) {
      send(request);
      return;
    }
    isConfirmed = true;
    error = null;
    connection.markHealthy();
    requestTimer = setTimeout(send, staleAfterMs / 2, HEARTBEAT);
    notifyStatus();
  }

  function send(request: SubscriptionRequest): void {
    const sentAt = Date.now();
    isRequestPending = true;
    connection.request(request.name, request.dropIds, 2 * staleAfterMs, (acknowledgement) => {
      isRequestPending = false;
      if (acknowledgement) receiveAcknowledgement(request, acknowledgement, sentAt);
      else connection.reconnect();
    });
  }

  function watchStaleness(): void {
    clearTimeout(staleTimer);
    const check = () => {
      notifyStatus();
      // Still live if the timer fired early, or if the local clock was set back.
      if (notified.status === 'live') watchStaleness();
    };
    staleTimer = setTimeout(check, currentAsOf + staleAfterMs - Date.now() + 1);
  }

  function receiveAcknowledgement(
    request: SubscriptionRequest,
    acknowledgement: AnyAcknowledgement,
    sentAt: number,
  ): void {
    currentAsOf = sentAt;
    watchStaleness();
    if ('error' in acknowledgement) {
      ({ error } = acknowledgement);
      if (PERMANENT_ERRORS.includes(error.code)) {
        subscription.giveUp(request.dropIds ?? []);
        request.dropIds?.forEach(removeSnapshot);
      }
      requestTimer = setTimeout(sendNext, RETRY_DELAY_MS * (1 + Math.random()));
      notifyStatus();
      return;
    }
    if ('drops' in acknowledgement) {
      setEpoch(acknowledgement.epoch);
      clock.addSample(acknowledgement.serverTime, sentAt);
      for (const { epoch: _epoch, ...snapshot } of acknowledgement.drops) receiveSnapshot(snapshot);
    }
    subscription.acknowledged(request, acknowledgement).forEach(removeSnapshot);
    sendNext();
  }

  /** Servers of earlier versions send no epoch. */
  function setEpoch(next: string | undefined): void {
    if (next === undefined || next === epoch) return;
    const isFirst = epoch === undefined;
    epoch = next;
    if (isFirst) return;
    subscription.clearUnconfirmed();
    for (const { dropId } of snapshots.all()) removeSnapshot(dropId);
    listeners.notify('reset');
  }

  function receiveSnapshot(snapshot: InventorySnapshot): void {
    const { dropId } = snapshot;
    if (subscription.follows(dropId) && snapshots.put(snapshot)) {
      listeners.notify('change', dropId, snapshots.get(dropId) ?? null);
    }
  }

  function removeSnapshot(dropId: string): void {
    if (snapshots.remove(dropId)) listeners.notify('change', dropId, null);
  }

  const { socket } = connection;
  socket.on('epoch', (payload) => {
    setEpoch(payload.epoch);
  });
  socket.on('inventory_update', ({ epoch: next, ...snapshot }) => {
    setEpoch(next);
    receiveSnapshot(snapshot);
  });
  socket.on('purchase_update', (purchase) => {
    if (subscription.follows(purchase.dropId)) listeners.notify('purchase_update', purchase);
  });
  // Not filtered by drop: an owner is notified of each of their reservations.
  socket.on('reservation_update', (reservation) => {
    listeners.notify('reservation_update', reservation);
  });
  socket.on('new_drop', (drop) => {
    receiveSnapshot(toInventorySnapshot(drop));
    listeners.notify('new_drop', drop);
  });
  socket.on('drop_update', (drop) => {
    if (!subscription.follows(drop.id) || drop.version < (snapshots.get(drop.id)?.version ?? 0)) return;
    receiveSnapshot(toInventorySnapshot(drop));
    listeners.notify('drop_update', drop);
  });
  socket.on('account_closed', (closed) => {
    listeners.notify('account_closed', closed);
  });
  socket.on('stats', (stats) => {
    listeners.notify('stats', stats);
  });

  return {
    get status() {
      return getStatus();
    },
    get error() {
      return error;
    },
    get: (dropId) => snapshots.get(dropId.toLowerCase()),
    drops: () => snapshots.all(),
    on: listeners.on,
    subscribe(dropIds) {
      subscription.add(dropIds && validIds(dropIds));
      sendNext();
    },
    unsubscribe(dropIds) {
      subscription.remove(dropIds && validIds(dropIds));
      for (const { dropId } of snapshots.all()) if (!subscription.follows(dropId)) removeSnapshot(dropId);
      sendNext();
    },
    serverNow: clock.now,
    clockAccuracy: clock.accuracy,
    setToken(token) {
      if (phase !== 'closed') connection.setToken(token);
    },
    close() {
      connection.close();
      setPhase('closed', null);
    },
  };
}

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** @throws {TypeError} if an id is not a UUID: the server would refuse the whole request. */
function validIds(dropIds: readonly string[]): string[] {
  const invalid = dropIds.find((id) => !UUID.test(id));
  if (invalid !== undefined) throw new TypeError(`The id of a drop is a UUID, not "${invalid}"`);
  return dropIds.map((id) => id.toLowerCase());
}
