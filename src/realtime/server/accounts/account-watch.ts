import { setImmediate as nextTurn } from 'node:timers/promises';
import { toTokenSubject, type TokenState, type TokenSubject } from '../../../lib/auth/authenticate.js';
import type { BatchLoader } from '../../../lib/batch-loader.js';
import type { Database } from '../../../lib/db/database.js';
import { TOKEN_REFUSALS } from '../../../lib/errors/index.js';
import type { FailureLog } from '../../../lib/failure-log.js';
import type { Logger } from '../../../lib/logger.js';
import { createPollingLoop } from '../../../lib/polling-loop.js';
import { ADMINS, roomOfUser } from '../../broadcast/rooms.js';
import type { DropSocket, SocketServer } from '../socket-types.js';
import { findAccountChanges, MAX_CHANGED_ACCOUNTS } from './account-changes.queries.js';

interface AccountWatchDependencies {
  readonly db: Database;
  /** Loads the state of a token, with the snapshot in which it was read. Concurrent calls share one query. */
  readonly loadTokenState: BatchLoader<TokenState & { readonly snapshot: string }, TokenSubject>;
  readonly logger: Logger;
  readonly failures: FailureLog;
}

export type AccountWatch = ReturnType<typeof createAccountWatch>;

const POLL_INTERVAL_MS = 250;

/**
 * Keeps the sockets of this process in agreement with the accounts of their tokens: closes those whose token ended or whose account
 * was closed, and moves those whose role changed. Polls the changes of accounts while sockets with a token are connected: one
 * statement, whatever the number of sockets. See docs/adr/0034.
 */
export function createAccountWatch({ db, loadTokenState, logger, failures }: AccountWatchDependencies) {
  let sockets: SocketServer | undefined;
  /** Checks of connecting sockets. A change during one makes its result outdated. */
  const checks = new Set<{ readonly userId: string; isOutdated: boolean }>();
  let watched = 0;
  /** The changes that this snapshot contains are processed. Null while no socket has a token. */
  let seen: string | null = null;

  function apply(socket: DropSocket, { refusal, role }: TokenState): void {
    if (refusal) {
      socket.emit('account_closed', { code: refusal, message: TOKEN_REFUSALS[refusal] });
      socket.disconnect(true);
    } else if (role === 'admin') void socket.join(ADMINS);
    else void socket.leave(ADMINS);
  }

  async function checkAgain(socket: DropSocket): Promise<void> {
    const { claims } = socket.data;
    if (claims) apply(socket, await loadTokenState(toTokenSubject(claims)));
  }

  /** The sockets of these accounts; if there are too many accounts, all sockets. */
  function socketsOf(userIds: readonly string[]): DropSocket[] {
    if (!sockets) return [];
    const { sockets: all, adapter } = sockets.of('/');
    if (userIds.length === MAX_CHANGED_ACCOUNTS) return [...all.values()];
    const ids = userIds.flatMap((userId) => [...(adapter.rooms.get(roomOfUser(userId)) ?? [])]);
    return ids.flatMap((id) => all.get(id) ?? []);
  }

  async function poll(): Promise<number> {
    if (watched === 0 && checks.size === 0) seen = null;
    if (seen === null) return POLL_INTERVAL_MS;
    const { userIds, snapshot } = await findAccountChanges(db, seen);
    if (userIds.length > 0) {
      const changed = new Set(userIds);
      for (const check of checks) {
        check.isOutdated ||= userIds.length === MAX_CHANGED_ACCOUNTS || changed.has(check.userId);
      }
      // A socket whose check has just ended joins its rooms in this turn of the event loop.
      await nextTurn();
      await Promise.all(socketsOf(userIds).map(checkAgain));
    }
    seen = snapshot;
    return POLL_INTERVAL_MS;
  }

  const loop = createPollingLoop({
    poll,
    retryDelayMs: POLL_INTERVAL_MS,
    report: {
      logger,
      failures,
      affected: 'ledger poll',
      failed: 'The changes of accounts cannot be read; retrying',
      recovered: 'The changes of accounts are read again',
    },
  });

  return {
    /** The state of the token of a connecting socket. @throws database errors. */
    async check(subject: TokenSubject): Promise<TokenState> {
      const check = { userId: subject.id, isOutdated: false };
      checks.add(check);
      try {
        for (;;) {
          const state = await loadTokenState(subject);
          seen ??= state.snapshot;
          if (!check.isOutdated) return state;
          check.isOutdated = false;
        }
      } finally {
        checks.delete(check);
      }
    },
    /** Watches a socket that has joined the room of its user. */
    watch(socket: DropSocket, state: Pick<TokenState, 'role'>): void {
      watched += 1;
      socket.once('disconnect', () => {
        watched -= 1;
      });
      if (state.role === 'admin') void socket.join(ADMINS);
    },
    /** Starts polling for the sockets of a server. */
    start(server: SocketServer): void {
      sockets = server;
      loop.start();
    },
    stop: loop.stop,
  };
}
