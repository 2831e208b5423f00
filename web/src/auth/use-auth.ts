import { useSyncExternalStore } from 'react';
import { bodyOf } from '../api/client.js';
import type { components } from '../api/contract.js';
import { useServices } from '../services/services.js';
import type { SignOutReason, Session } from '../services/session.js';

export type User = Session['user'];

export interface Auth {
  /** null: signed out. */
  readonly user: User | null;
  readonly isAdmin: boolean;
  readonly signOutReason: SignOutReason;
  /** @param onlyHere in this window alone. @throws {ApiError} when the server refuses. */
  signIn(body: components['schemas']['LoginBody'], onlyHere: boolean): Promise<void>;
  register(body: components['schemas']['RegisterBody'], onlyHere: boolean): Promise<void>;
  signOut(): void;
}

/** The signed-in user, and the actions that change it. */
export function useAuth(): Auth {
  const { api, session } = useServices();
  const current = useSyncExternalStore(session.subscribe, session.get);
  return {
    user: current?.user ?? null,
    isAdmin: current?.user.role === 'admin',
    signOutReason: session.signOutReason(),
    async signIn(body, onlyHere) {
      session.open(bodyOf(await api.POST('/api/users/login', { body })).data, onlyHere);
    },
    async register(body, onlyHere) {
      session.open(bodyOf(await api.POST('/api/users/register', { body })).data, onlyHere);
    },
    signOut() {
      session.end('signed-out');
    },
  };
}
