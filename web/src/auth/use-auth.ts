import { useSyncExternalStore } from 'react';
import { answerOf } from '../api/client.js';
import type { components } from '../api/contract.js';
import { useServices } from '../services/services.js';
import type { Absence, Session } from '../services/session.js';

export type User = Session['user'];

export interface Auth {
  /** Who is signed in; null: nobody. */
  readonly user: User | null;
  readonly isAdmin: boolean;
  /** Why nobody is. */
  readonly absence: Absence;
  /** @param onlyHere in this window alone. @throws {ApiError} as the server refuses. */
  signIn(body: components['schemas']['LoginBody'], onlyHere: boolean): Promise<void>;
  register(body: components['schemas']['RegisterBody'], onlyHere: boolean): Promise<void>;
  signOut(): void;
}

/** Who is signed in, and what changes that. */
export function useAuth(): Auth {
  const { api, session } = useServices();
  const current = useSyncExternalStore(session.subscribe, session.get);
  return {
    user: current?.user ?? null,
    isAdmin: current?.user.role === 'admin',
    absence: session.absence(),
    async signIn(body, onlyHere) {
      session.open(answerOf(await api.POST('/api/users/login', { body })).data, onlyHere);
    },
    async register(body, onlyHere) {
      session.open(answerOf(await api.POST('/api/users/register', { body })).data, onlyHere);
    },
    signOut() {
      session.end('signed-out');
    },
  };
}
