import { createListenerSet } from '../../../src/client/listeners.js';
import type { Drop } from '../api/client.js';

/** A drop that is to be reserved, and the path of the page where that was requested. */
export interface ReserveIntent {
  readonly drop: Pick<Drop, 'id' | 'name'>;
  readonly path: string;
  /** The request is under way. If the session turns out to have ended, its answer never arrives. */
  readonly isSent: boolean;
}

/** What is to be reserved after signing in. It outlives the change of the identity, which remounts the page. */
export interface ReserveIntentStore {
  readonly get: () => ReserveIntent | null;
  /** Asks for an account in place: see shell/sign-in-to-reserve.tsx. */
  readonly open: (drop: ReserveIntent['drop']) => void;
  /** Records a request, until {@link ReserveIntentStore.clear}. */
  readonly send: (drop: ReserveIntent['drop']) => void;
  readonly clear: () => void;
  readonly subscribe: (listener: () => void) => () => void;
}

export function createReserveIntent(): ReserveIntentStore {
  let current: ReserveIntent | null = null;
  const listeners = createListenerSet();
  function change(next: ReserveIntent | null): void {
    current = next;
    listeners.notify();
  }
  return {
    get: () => current,
    open(drop) {
      change(intentFor(drop, false));
    },
    send(drop) {
      change(intentFor(drop, true));
    },
    clear() {
      change(null);
    },
    subscribe: listeners.add,
  };
}

const intentFor = ({ id, name }: ReserveIntent['drop'], isSent: boolean): ReserveIntent => ({
  drop: { id, name },
  path: window.location.pathname,
  isSent,
});
