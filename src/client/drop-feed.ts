import type { ServerEventPayloads } from '../realtime/events.js';
import { createConnection, type Answer, type FeedError } from './connection.js';
import type { DropFeed, DropFeedOptions, FeedEvents, FeedStatus } from './feed-types.js';
import { createListeners } from './listeners.js';
import { createPictures, type DropPicture } from './inventory-snapshots.js';
import { createServerClock } from './server-clock.js';
import { createSubscription, type PlannedCall } from './subscription.js';

/** ms */
const STALE_AFTER = 10_000;
/** ms. Before a refused call is made again; up to twice as long, by chance. */
const RETRY_DELAY = 1_000;
/** Another attempt would be refused as well. */
const REFUSED_FOR_GOOD = ['too-many-subscriptions', 'validation-failed'];
/** Leaving no drop changes nothing, and its answer comes after everything that the server sent before. */
const QUESTION: PlannedCall = { name: 'drops:unsubscribe', dropIds: [] };

/** Connects to the service at `url`, and stays connected until {@link DropFeed.close}. */
export function createDropFeed(url: string, options: DropFeedOptions = {}): DropFeed {
  const { staleAfter = STALE_AFTER } = options;
  const listeners = createListeners<FeedEvents>();
  const pictures = createPictures();
  const clock = createServerClock();
  const subscription = createSubscription();
  subscription.add(options.dropIds && checked(options.dropIds));

  /** Of the database that the pictures are of; undefined before the server has sent one. */
  let epoch: string | undefined;
  let phase: 'down' | 'up' | 'refused' | 'closed' = 'down';
  let error: FeedError | null = null;
  /** Whether every picture was confirmed since the connection began. */
  let isConfirmed = false;
  let isAsking = false;
  /** ms since 1970. Everything that the server sent before then has arrived. */
  let heardUpTo = 0;
  let nextCall: ReturnType<typeof setTimeout> | undefined;
  let staleness: ReturnType<typeof setTimeout> | undefined;
  let told: { status: FeedStatus; error: FeedError | null } = { status: 'reconnecting', error: null };

  function status(): FeedStatus {
    if (phase === 'down') return 'reconnecting';
    if (phase !== 'up') return phase;
    const age = Date.now() - heardUpTo;
    // Below zero, somebody has set the clock back.
    return isConfirmed && !error && age >= 0 && age <= staleAfter ? 'live' : 'stale';
  }

  function tellStatus(): void {
    const now = { status: status(), error };
    if (now.status === told.status && now.error?.code === told.error?.code) return;
    told = now;
    listeners.tell('status', now.status, now.error);
  }

  function enter(next: typeof phase, because: FeedError | null): void {
    phase = next;
    error = because;
    isConfirmed = false;
    isAsking = false;
    clearTimeout(nextCall);
    clearTimeout(staleness);
    tellStatus();
  }

  const connection = createConnection(url, {
    ...options,
    onUp() {
      subscription.restart(pictures.all().map(({ dropId }) => dropId));
      enter('up', null);
      goOn();
    },
    onDown: (because) => {
      enter('down', because);
    },
    onRefused: (because) => {
      enter('refused', because);
    },
  });

  /** Makes the next call that is due, one after the other; when none is, everything shown is confirmed. */
  function goOn(): void {
    if (phase !== 'up' || isAsking) return;
    clearTimeout(nextCall);
    const call = subscription.next();
    if (call) {
      ask(call);
      return;
    }
    isConfirmed = true;
    error = null;
    connection.proven();
    nextCall = setTimeout(ask, staleAfter / 2, QUESTION);
    tellStatus();
  }

  function ask(call: PlannedCall): void {
    const { name, dropIds } = call;
    const askedAt = Date.now();
    isAsking = true;
    connection.call(name, dropIds, 2 * staleAfter, (answer) => {
      isAsking = false;
      if (answer) heardAnswer(call, answer, askedAt);
      else connection.renew();
    });
  }

  function watchStaleness(): void {
    clearTimeout(staleness);
    const look = () => {
      tellStatus();
      // The clock that decides may be behind the one of timers: somebody has set it back, or the timer was early.
      if (told.status === 'live') watchStaleness();
    };
    staleness = setTimeout(look, heardUpTo + staleAfter - Date.now() + 1);
  }

  function heardAnswer(call: PlannedCall, answer: Answer, askedAt: number): void {
    heardUpTo = askedAt;
    watchStaleness();
    if ('error' in answer) {
      ({ error } = answer);
      if (REFUSED_FOR_GOOD.includes(error.code)) {
        subscription.giveUp(call.dropIds ?? []);
        call.dropIds?.forEach(hide);
      }
      nextCall = setTimeout(goOn, RETRY_DELAY * (1 + Math.random()));
      tellStatus();
      return;
    }
    if ('drops' in answer) {
      enterEpoch(answer.epoch);
      clock.heard(answer.serverTime, askedAt);
      for (const { epoch: _epoch, ...picture } of answer.drops) show(picture);
    }
    subscription.done(call, answer).forEach(hide);
    goOn();
  }

  /** A server of an earlier version sends no epoch. */
  function enterEpoch(next: string | undefined): void {
    if (next === undefined || next === epoch) return;
    const isFirst = epoch === undefined;
    epoch = next;
    if (isFirst) return;
    subscription.forgetShown();
    for (const { dropId } of pictures.all()) hide(dropId);
    listeners.tell('reset');
  }

  function show(picture: DropPicture): void {
    const { dropId } = picture;
    if (subscription.follows(dropId) && pictures.take(picture)) {
      listeners.tell('change', dropId, pictures.get(dropId) ?? null);
    }
  }

  function hide(dropId: string): void {
    if (pictures.remove(dropId)) listeners.tell('change', dropId, null);
  }

  const { socket } = connection;
  socket.on('epoch', (payload) => {
    enterEpoch(payload.epoch);
  });
  socket.on('inventory_update', ({ epoch: next, ...picture }) => {
    enterEpoch(next);
    show(picture);
  });
  socket.on('purchase_update', (purchase) => {
    if (subscription.follows(purchase.dropId)) listeners.tell('purchase_update', purchase);
  });
  // Of a hold of one's own it tells whatever is followed.
  socket.on('reservation_update', (reservation) => {
    listeners.tell('reservation_update', reservation);
  });
  socket.on('new_drop', (drop) => {
    show(pictureOf(drop));
    listeners.tell('new_drop', drop);
  });
  socket.on('drop_update', (drop) => {
    if (!subscription.follows(drop.id) || drop.version < (pictures.get(drop.id)?.version ?? 0)) return;
    show(pictureOf(drop));
    listeners.tell('drop_update', drop);
  });

  socket.on('stats', (stats) => {
    listeners.tell('stats', stats);
  });

  return {
    get status() {
      return status();
    },
    get error() {
      return error;
    },
    get: (dropId) => pictures.get(dropId.toLowerCase()),
    drops: () => pictures.all(),
    on: (name, listener) => listeners.on(name, listener),
    subscribe(dropIds) {
      subscription.add(dropIds && checked(dropIds));
      goOn();
    },
    unsubscribe(dropIds) {
      subscription.remove(dropIds && checked(dropIds));
      for (const { dropId } of pictures.all()) if (!subscription.follows(dropId)) hide(dropId);
      goOn();
    },
    serverNow: () => clock.now(),
    clockAccuracy: () => clock.accuracy(),
    setToken(token) {
      if (phase !== 'closed') connection.setToken(token);
    },
    close() {
      connection.close();
      enter('closed', null);
    },
  };
}

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** @throws {TypeError} since the server would refuse the whole call. */
function checked(dropIds: readonly string[]): string[] {
  const wrong = dropIds.find((id) => !UUID.test(id));
  if (wrong !== undefined) throw new TypeError(`The id of a drop is a UUID, not "${wrong}"`);
  return dropIds.map((id) => id.toLowerCase());
}

function pictureOf(drop: ServerEventPayloads['drop_update']): DropPicture {
  const { id: dropId, availableStock, reservedStock, soldStock, totalStock, version, status } = drop;
  return { dropId, availableStock, reservedStock, soldStock, totalStock, version, status };
}
