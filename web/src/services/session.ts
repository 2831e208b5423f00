import { createListenerSet } from '../../../src/client/listeners.js';
import type { components } from '../api/contract.js';
import type { KeyValueStore } from '../storage.js';

/** Who is signed in, and with which token. */
export type Session = components['schemas']['Session'];

/** Why nobody is signed in: nobody was, they signed out, or the server did not take the token any more. */
export type Absence = 'none' | 'signed-out' | 'ended';

/**
 * The session of this window. It survives a reload: in `sessionStorage`, where it is this window's alone and goes before the
 * other, or in `localStorage`, which all windows share. Whatever script runs in the page could read either; the server's
 * Content-Security-Policy lets none run that is not its own.
 */
export interface SessionStore {
  readonly get: () => Session | null;
  readonly absence: () => Absence;
  /** @param onlyHere for this window alone, so that another one may be somebody else. */
  open(session: Session, onlyHere: boolean): void;
  end(why: Exclude<Absence, 'none'>): void;
  /** Looks again: another window may have signed in or out. */
  readonly reread: () => void;
  /** Calls back when somebody else is signed in, or nobody any more, until the returned function is called. */
  readonly subscribe: (listener: () => void) => () => void;
}

interface Storages {
  /** This window's. */
  readonly own: KeyValueStore;
  /** That of all windows. */
  readonly shared: KeyValueStore;
}

const KEY = 'drop-inventory.session';
/** Kept in place of a session: nobody is signed in here, whoever is elsewhere. */
const NOBODY = 'nobody';

export function createSessionStore({ own, shared }: Storages): SessionStore {
  const listeners = createListenerSet();
  const read = () => parse(own.getItem(KEY) ?? shared.getItem(KEY));
  let current = read();
  let absence: Absence = 'none';

  function become(next: Session | null, why: Absence): void {
    current = next;
    absence = why;
    listeners.notify();
  }

  return {
    get: () => current,
    absence: () => absence,
    open(session, onlyHere) {
      own.removeItem(KEY);
      (onlyHere ? own : shared).setItem(KEY, JSON.stringify(session));
      become(session, 'none');
    },
    end(why) {
      if (!current) return;
      // A window that was asleep when another one signed in has an older session: only that one ends.
      const kept = read();
      if (kept && kept.token !== current.token) {
        become(kept, 'none');
        return;
      }
      if (own.getItem(KEY) === null) shared.removeItem(KEY);
      else own.setItem(KEY, NOBODY);
      become(null, why);
    },
    reread() {
      const next = read();
      if (next?.token !== current?.token) become(next, next ? 'none' : 'signed-out');
    },
    subscribe: listeners.add,
  };
}

function parse(text: string | null): Session | null {
  if (text === null || text === NOBODY) return null;
  try {
    const value = JSON.parse(text) as Partial<Session> | null;
    return value?.token && value.user?.id && value.user.username ? (value as Session) : null;
  } catch {
    return null;
  }
}
