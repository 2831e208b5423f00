import { createListenerSet } from '../../../src/client/listeners.js';
import type { components } from '../api/contract.js';
import type { KeyValueStore } from '../storage.js';

/** The signed-in user and the token. */
export type Session = components['schemas']['Session'];

/**
 * Why a session ended: the user signed out, here or everywhere, or closed the account; or the server refused the token, and the
 * account is unchanged, disabled by the shop, or gone.
 */
export const END_REASONS = ['signed-out', 'signed-out-everywhere', 'closed', 'ended', 'disabled', 'gone'] as const;
export type EndReason = (typeof END_REASONS)[number];

/** Why there is no session; `none`: there was none when the page was loaded. */
export type SignOutReason = 'none' | EndReason;

/**
 * The session of this tab. It survives a reload: in `localStorage`, which all tabs share, or in `sessionStorage`, which
 * belongs to this tab and has precedence. Scripts in the page could read either; the server's Content-Security-Policy
 * allows only its own.
 */
export interface SessionStore {
  readonly get: () => Session | null;
  readonly signOutReason: () => SignOutReason;
  /** @param onlyHere for this tab alone, so that another tab can use another account. */
  open(session: Session, onlyHere: boolean): void;
  /** Replaces the token of the current session, in all tabs that share it. */
  replaceToken(token: string): void;
  /** Signs out, in all tabs that share the session. */
  end(reason: EndReason): void;
  /** Ends the session because the server refused its token. A token that is no longer current has no effect. */
  refuse(token: string, reason: EndReason): void;
  /**
   * Runs a request that ends or replaces the token on the server, and then {@link end}s or {@link replaceToken}s it here. The
   * server closes the sockets of the token before the response arrives; until the request settles, refusals of the token
   * wait in all tabs that share it.
   */
  changeToken(request: () => Promise<void>): Promise<void>;
  /** Reads the storage again: another tab may have signed in or out. */
  readonly reread: () => void;
  /** Notifies when the session changes. Returns a function that removes the listener. */
  readonly subscribe: (listener: () => void) => () => void;
}

interface Storages {
  /** Of this tab. */
  readonly own: KeyValueStore;
  /** Of all tabs. */
  readonly shared: KeyValueStore;
}

const KEY = 'drop-inventory.session';
/** Stored in place of a session: this tab is signed out, although all tabs share a session. */
const SIGNED_OUT = 'signed-out';
/** Why the session ended, for the other tabs. */
const REASON_KEY = 'drop-inventory.sign-out-reason';
/** When a request started that changes the token: ms since 1970. */
const CHANGE_KEY = 'drop-inventory.token-change';
/** A tab that was closed during its request leaves the entry. Longer than the timeout of requests. */
const MAX_CHANGE_MS = 20_000;

export function createSessionStore({ own, shared }: Storages): SessionStore {
  const listeners = createListenerSet();
  /** Where the session of this tab is. */
  const storage = () => (own.getItem(KEY) === null ? shared : own);
  const read = () => parse(storage().getItem(KEY));
  let current = read();
  let signOutReason: SignOutReason = 'none';
  /** A refusal that waits for the end of a change. */
  let refused: { readonly token: string; readonly reason: EndReason } | null = null;

  function change(next: Session | null, reason: SignOutReason): void {
    current = next;
    signOutReason = reason;
    listeners.notify();
  }

  function end(reason: EndReason): void {
    if (!current) return;
    // A tab that was suspended when another one signed in has an older session: only the older one ends.
    const kept = read();
    if (kept && kept.token !== current.token) {
      change(kept, 'none');
      return;
    }
    const place = storage();
    // Before the session: other tabs read both when the session changes.
    place.setItem(REASON_KEY, reason);
    if (place === shared) shared.removeItem(KEY);
    else own.setItem(KEY, SIGNED_OUT);
    change(null, reason);
  }

  function isTokenChanging(): boolean {
    const ageMs = Date.now() - Number(storage().getItem(CHANGE_KEY) ?? NaN);
    return ageMs >= 0 && ageMs < MAX_CHANGE_MS;
  }

  /** Ends the session if its token was refused and no change is pending that could replace it. */
  function applyRefusal(): void {
    if (!refused || isTokenChanging()) return;
    const { token, reason } = refused;
    refused = null;
    if (token === current?.token) end(reason);
  }

  return {
    get: () => current,
    signOutReason: () => signOutReason,
    open(session, onlyHere) {
      own.removeItem(KEY);
      (onlyHere ? own : shared).setItem(KEY, JSON.stringify(session));
      change(session, 'none');
    },
    replaceToken(token) {
      if (!current) return;
      const next = { ...current, token };
      storage().setItem(KEY, JSON.stringify(next));
      change(next, 'none');
    },
    end,
    refuse(token, reason) {
      // The first reason is the cause of the others.
      if (refused?.token !== token) refused = { token, reason };
      if (isTokenChanging()) setTimeout(applyRefusal, MAX_CHANGE_MS);
      else applyRefusal();
    },
    async changeToken(request) {
      const place = storage();
      place.setItem(CHANGE_KEY, String(Date.now()));
      try {
        await request();
      } finally {
        place.removeItem(CHANGE_KEY);
        applyRefusal();
      }
    },
    reread() {
      const next = read();
      if (next?.token !== current?.token) change(next, next ? 'none' : parseReason(storage().getItem(REASON_KEY)));
      applyRefusal();
    },
    subscribe: listeners.add,
  };
}

/** The reason in the page for a reason of the server: `deleted`, `disabled`, or another one or none if the account is unchanged. */
export function endReasonOf(refusal: string | undefined): EndReason {
  if (refusal === 'deleted') return 'gone';
  return refusal === 'disabled' ? 'disabled' : 'ended';
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

function parseReason(text: string | null): EndReason {
  return END_REASONS.find((reason) => reason === text) ?? 'signed-out';
}
