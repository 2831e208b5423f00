import type { CallAnswer, ClientEventName } from '../realtime/events.js';

/** A call to be made; without `dropIds` it is about all. */
export interface PlannedCall {
  readonly name: ClientEventName;
  readonly dropIds?: string[];
}

/**
 * Which drops are to be followed, and how far the server knows. Nothing here waits: whoever makes the calls asks for the
 * next one, and tells how it went.
 */
export interface Subscription {
  /** Whether the drop is to be followed. */
  follows(dropId: string): boolean;
  /** Follows these drops too, or all. */
  add(dropIds?: readonly string[]): void;
  /** Follows these drops no more, or none at all. */
  remove(dropIds?: readonly string[]): void;
  /** A new connection: the server knows nothing of us, and of these drops we have a picture that is to be confirmed. */
  restart(shown: readonly string[]): void;
  /** What was shown was of another database, and need not be confirmed. */
  forgetShown(): void;
  /** The call to make next; undefined when the server knows all, and every picture was confirmed. */
  next(): PlannedCall | undefined;
  /** A call was carried out. Returns the ids it named of drops that do not exist. */
  done(call: PlannedCall, answer: CallAnswer<ClientEventName>): readonly string[];
  /** A call was refused for good: these drops are not followed by name. */
  giveUp(dropIds: readonly string[]): void;
}

/** As many as one call may name. */
const IDS_PER_CALL = 100;

export function createSubscription(): Subscription {
  let all = false;
  const wanted = new Set<string>();
  /** What the server sends us. `unasked`: everything, as to every socket that never subscribed. */
  let stream: 'unasked' | 'all' | 'named' = 'unasked';
  const joined = new Set<string>();
  /** Drops shown from before this connection that no answer has named yet. */
  let unconfirmed = new Set<string>();

  const follows = (dropId: string) => all || wanted.has(dropId);

  return {
    follows,
    add(dropIds) {
      if (!dropIds) all = true;
      for (const id of dropIds ?? []) wanted.add(id);
    },
    remove(dropIds) {
      if (dropIds) {
        for (const id of dropIds) wanted.delete(id);
      } else {
        all = false;
        wanted.clear();
      }
    },
    restart(shown) {
      stream = 'unasked';
      joined.clear();
      unconfirmed = new Set(shown);
    },
    forgetShown() {
      unconfirmed.clear();
    },
    next() {
      if (all && stream !== 'all') return { name: 'drops:subscribe' };
      // The one way to leave the stream of everything; what is wanted is joined again.
      const tooMuch = stream === 'all' || (stream === 'unasked' && wanted.size === 0);
      if (!all && tooMuch) return { name: 'drops:unsubscribe' };
      // First, since the server bounds how many drops a socket may follow by name.
      const surplus = [...joined].filter((id) => !wanted.has(id));
      if (surplus.length > 0) return { name: 'drops:unsubscribe', dropIds: firstOf(surplus) };
      // The snapshot of all is not of every drop: what is shown from before is asked for by name.
      const missing = [...wanted, ...unconfirmed].filter((id) => follows(id) && !joined.has(id));
      if (missing.length > 0) return { name: 'drops:subscribe', dropIds: firstOf(missing) };
      return undefined;
    },
    done({ name, dropIds }, answer) {
      if (!('drops' in answer)) {
        if (!dropIds) stream = 'named';
        for (const id of dropIds ?? joined) joined.delete(id);
        return [];
      }
      const existing = new Set(answer.drops.map(({ dropId }) => dropId));
      for (const id of existing) unconfirmed.delete(id);
      if (name === 'drops:subscribe' && !dropIds) stream = 'all';
      else if (stream === 'unasked') stream = 'named';
      for (const id of dropIds ?? []) {
        joined.add(id);
        unconfirmed.delete(id);
      }
      return (dropIds ?? []).filter((id) => !existing.has(id));
    },
    giveUp(dropIds) {
      for (const id of dropIds) {
        wanted.delete(id);
        unconfirmed.delete(id);
      }
    },
  };
}

function firstOf(ids: readonly string[]): string[] {
  return [...new Set(ids)].slice(0, IDS_PER_CALL);
}
