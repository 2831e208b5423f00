import type { Acknowledgement, ClientEventName } from '../realtime/events.js';

/** A request to send. Without `dropIds` it concerns all drops. */
export interface SubscriptionRequest {
  readonly name: ClientEventName;
  readonly dropIds?: string[];
}

/** The server's limit. */
const MAX_IDS_PER_REQUEST = 100;

/**
 * Compares the drops to follow with those the server sends, and computes the next request. Pure state: the caller sends the
 * requests and reports their results.
 */
export function createSubscription() {
  let all = false;
  const wanted = new Set<string>();
  /** What the server sends: `initial` is every drop, as to each socket that has never subscribed. */
  let stream: 'initial' | 'all' | 'named' = 'initial';
  const joined = new Set<string>();
  /** Drops whose stored snapshot no acknowledgement of this connection has contained yet. */
  let unconfirmed = new Set<string>();

  const follows = (dropId: string) => all || wanted.has(dropId);

  return {
    follows,
    /** Follows these drops as well; without ids, all drops. */
    add(dropIds?: readonly string[]) {
      if (!dropIds) all = true;
      for (const id of dropIds ?? []) wanted.add(id);
    },
    /** Stops following these drops; without ids, all drops. */
    remove(dropIds?: readonly string[]) {
      if (dropIds) {
        for (const id of dropIds) wanted.delete(id);
      } else {
        all = false;
        wanted.clear();
      }
    },
    /** A new connection began. The stored snapshots of these drops are unconfirmed from now on. */
    restart(storedDropIds: readonly string[]) {
      stream = 'initial';
      joined.clear();
      unconfirmed = new Set(storedDropIds);
    },
    /** The stored snapshots were removed: none is left to confirm. */
    clearUnconfirmed() {
      unconfirmed.clear();
    },
    /** The next request; undefined when the server sends what is followed and every stored snapshot is confirmed. */
    next(): SubscriptionRequest | undefined {
      if (all && stream !== 'all') return { name: 'drops:subscribe' };
      // Unsubscribing from everything is the only way to leave the stream of all drops. Wanted drops are joined again.
      const receivesAll = stream === 'all' || (stream === 'initial' && wanted.size === 0);
      if (!all && receivesAll) return { name: 'drops:unsubscribe' };
      // Before joining more: the server limits the drops that a socket follows by name.
      const surplus = [...joined].filter((id) => !wanted.has(id));
      if (surplus.length > 0) return { name: 'drops:unsubscribe', dropIds: firstOf(surplus) };
      // The snapshot of all drops is limited to the newest, so the other stored drops are requested by name.
      const missing = [...wanted, ...unconfirmed].filter((id) => follows(id) && !joined.has(id));
      if (missing.length > 0) return { name: 'drops:subscribe', dropIds: firstOf(missing) };
      return undefined;
    },
    /** A request succeeded. Returns the ids it named that do not exist. */
    acknowledged(
      { name, dropIds }: SubscriptionRequest,
      acknowledgement: Acknowledgement<ClientEventName>,
    ): readonly string[] {
      if (!('drops' in acknowledgement)) {
        if (!dropIds) stream = 'named';
        for (const id of dropIds ?? joined) joined.delete(id);
        return [];
      }
      const existing = new Set(acknowledgement.drops.map(({ dropId }) => dropId));
      for (const id of existing) unconfirmed.delete(id);
      if (name === 'drops:subscribe' && !dropIds) stream = 'all';
      else if (stream === 'initial') stream = 'named';
      for (const id of dropIds ?? []) {
        joined.add(id);
        unconfirmed.delete(id);
      }
      return (dropIds ?? []).filter((id) => !existing.has(id));
    },
    /** A request was refused permanently: stops following the drops that it named. */
    giveUp(dropIds: readonly string[]) {
      for (const id of dropIds) {
        wanted.delete(id);
        unconfirmed.delete(id);
      }
    },
  };
}

function firstOf(ids: readonly string[]): string[] {
  return [...new Set(ids)].slice(0, MAX_IDS_PER_REQUEST);
}
