import { createListenerSet } from '../../../src/client/listeners.js';
import type { components } from '../api/contract.js';
import type { KeyValueStore } from '../storage.js';

/** The signed-in user and the token. */
export type Session = components['schemas']['Session'];

/** Why there is no session: there was none, the user signed out, or the server refused the token. */
export type SignOutReason = 'none' | 'signed-out' | 'ended';

/**
 * The session of this window. It survives a reload: in `localStorage`, which all windows share, or in `sessionStorage`, which
 * belongs to this window and has precedence. Scripts in the page could read either; the server's Content-Security-Policy
 * allows only its own.
 */
export interface SessionStore {
  readonly get: () => Session | null;
  readonly signOutReason: () => SignOutReason;
  /** @param onlyHere for this window alone, so that another window can use another account. */
  open(session: Session, onlyHere: boolean): void;
  end(reason: Exclude<SignOutReason, 'none'>): void;
  /** Reads the storage again: another window may have signed in or out. */
  readonly reread: () => void;
  /** Notifies when the session changes. Returns a function that removes the listener. */
  readonly subscribe: (listener: () => void) => () => void;
}

interface Storages {
  /** Of this window. */
  readonly own: KeyValueStore;
  /** Of all windows. */
  readonly shared: KeyValueStore;
}

const KEY = 'drop-inventory.session';
/** Stored in place of a session: this window is signed out, although all windows share a session. */
const SIGNED_OUT = 'signed-out';

export function createSessionStore({ own, shared }: Storages): SessionStore {
  const listeners = createListenerSet();
  const read = () => parse(own.getItem(KEY) ?? shared.getItem(KEY));
  let current = read();
  let signOutReason: SignOutReason = 'none';

  function change(next: Session | null, reason: SignOutReason): void {
    current = next;
    signOutReason = reason;
    listeners.notify();
  }

  return {
    get: () => current,
    signOutReason: () => signOutReason,
    open(session, onlyHere) {
      own.removeItem(KEY);
      (onlyHere ? own : shared).setItem(KEY, JSON.stringify(session));
      change(session, 'none');
    },
    end(reason) {
      if (!current) return;
      // A window that was suspended when another one signed in has an older session: only the older one ends.
      const kept = read();
      if (kept && kept.token !== current.token) {
        change(kept, 'none');
        return;
      }
      if (own.getItem(KEY) === null) shared.removeItem(KEY);
      else own.setItem(KEY, SIGNED_OUT);
      change(null, reason);
    },
    reread() {
      const next = read();
      if (next?.token !== current?.token) change(next, next ? 'none' : 'signed-out');
    },
    subscribe: listeners.add,
  };
}

function parse(text: string | null): Session | null {
  if (text === null || text === SIGNED_OUT) return null;
  try {
    const value = JSON.parse(text) as Partial<Session> | null;
    return value?.token && value.user?.id && value.user.username ? (value as Session) : null;
  } catch {
    return null;
  }
}
