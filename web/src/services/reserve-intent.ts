import { createListenerSet } from '../../../src/client/listeners.js';
import type { Drop } from '../api/client.js';

/** A drop that a visitor without an account wants to reserve, and the path of the page where they are. */
export interface ReserveIntent {
  readonly drop: Pick<Drop, 'id' | 'name'>;
  readonly path: string;
}

/** What is to be reserved after signing in. It outlives the change of the identity, which remounts the page. */
export interface ReserveIntentStore {
  readonly get: () => ReserveIntent | null;
  /** Asks for an account in place: see shell/sign-in-to-reserve.tsx. */
  readonly open: (drop: ReserveIntent['drop']) => void;
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
    open({ id, name }) {
      change({ drop: { id, name }, path: window.location.pathname });
    },
    clear() {
      change(null);
    },
    subscribe: listeners.add,
  };
}
