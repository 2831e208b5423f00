import { useSyncExternalStore } from 'react';
import { bodyOf } from '../api/client.js';
import type { components } from '../api/contract.js';
import { useServices } from '../services/services.js';
import type { SignOutReason, Session } from '../services/session.js';

type Schemas = components['schemas'];
export type User = Session['user'];

export interface Auth {
  /** null: signed out. */
  readonly user: User | null;
  readonly isAdmin: boolean;
  readonly signOutReason: SignOutReason;
  /** @param onlyHere in this tab alone. @throws {ApiError} when the server refuses. */
  signIn(body: Schemas['LoginBody'], onlyHere: boolean): Promise<void>;
  register(body: Schemas['RegisterBody'], onlyHere: boolean): Promise<void>;
  /** Signs out here at once, also if the server cannot be reached. */
  signOut(): void;
  /** Ends all sessions of the user. @throws {ApiError | NoAnswerError} and the user stays signed in. */
  signOutEverywhere(): Promise<void>;
  /** All other sessions of the user end. @throws {ApiError | NoAnswerError} */
  changePassword(body: Schemas['ChangePasswordBody']): Promise<void>;
  /** Closes the account and signs out. @throws {ApiError | NoAnswerError} */
  closeAccount(body: Schemas['EraseAccountBody']): Promise<void>;
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
      // Sent before the identity ends, and completed by the browser even if the tab is closed.
      void api.POST('/api/users/logout', { keepalive: true }).catch(() => undefined);
      session.end('signed-out');
    },
    signOutEverywhere: () =>
      session.changeToken(async () => {
        await api.POST('/api/users/logout-all');
        session.end('signed-out-everywhere');
      }),
    changePassword: (body) =>
      session.changeToken(async () => {
        session.replaceToken(bodyOf(await api.PATCH('/api/users/me/password', { body })).data.token);
      }),
    closeAccount: (body) =>
      session.changeToken(async () => {
        await api.DELETE('/api/users/me', { body });
        session.end('closed');
      }),
  };
}
