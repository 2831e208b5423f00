import type { HoldReleases } from '../inventory/hold-releases.js';
import { findAccountsWithHoldsToRelease } from '../inventory/queries/closed-accounts.queries.js';
import type { Database } from '../lib/db/database.js';
import type { FailureLog } from '../lib/failure-log.js';
import type { Logger } from '../lib/logger.js';
import { createPollingLoop } from '../lib/polling-loop.js';
import { deleteExpiredTokens, writeNoEndedTokens } from './ended-tokens.queries.js';

interface AccountWorkerDependencies {
  readonly db: Database;
  readonly holdReleases: HoldReleases;
  /** While it is idle, no account has a hold to release. */
  readonly expiryWorker: { readonly isIdle: boolean };
  readonly logger: Logger;
  readonly failures: FailureLog;
}

const POLL_INTERVAL_MS = 250;
/** While no hold is active. */
const IDLE_POLL_INTERVAL_MS = 1_000;
const RETRY_DELAY_MS = 1_000;
/** Accounts of one poll. */
const MAX_ACCOUNTS = 20;
const IDLE_INTERVAL_MS = 60_000;
const TOKENS_INTERVAL_MS = 3_600_000;
/** Rows that one statement deletes. */
const MAX_TOKENS = 1_000;

/**
 * Releases the holds of closed accounts, if the process that closed an account could not, or it was closed by hand; and deletes
 * the rows of ended tokens that have expired. Any number of workers may run, in any number of processes.
 */
export function createAccountWorker(dependencies: AccountWorkerDependencies) {
  const { db, holdReleases, expiryWorker, logger, failures } = dependencies;
  let tokensDueAt = 0;
  let releasedAt = -Infinity;

  /** Releases the holds of each account that waits. One that fails, or whose drop is locked, is tried again at the next poll. */
  async function releaseHolds(): Promise<void> {
    releasedAt = performance.now();
    for (const userId of await findAccountsWithHoldsToRelease(db, MAX_ACCOUNTS)) {
      await holdReleases.releaseOrLeaveToWorker(userId, { skipLocked: true });
    }
  }

  async function deleteTokens(): Promise<void> {
    if (performance.now() < tokensDueAt) return;
    const users = await deleteExpiredTokens(db, MAX_TOKENS);
    // One by one: an update of several would lock their rows in another order than a batch does. If this fails, the mark of the
    // others stays, which costs a lookup, until another of their tokens expires.
    for (const userId of new Set(users)) await writeNoEndedTokens(db, userId);
    if (users.length < MAX_TOKENS) tokensDueAt = performance.now() + TOKENS_INTERVAL_MS;
  }

  const loop = createPollingLoop({
    retryDelayMs: RETRY_DELAY_MS,
    async poll() {
      if (!expiryWorker.isIdle || performance.now() - releasedAt >= IDLE_INTERVAL_MS) await releaseHolds();
      await deleteTokens();
      return expiryWorker.isIdle ? IDLE_POLL_INTERVAL_MS : POLL_INTERVAL_MS;
    },
    report: {
      logger,
      failures,
      affected: 'sweep',
      failed: 'Cannot read closed accounts, retrying',
      recovered: 'Reading closed accounts works again',
    },
  });

  return {
    /** Works until stop(). Never throws: a failure is logged and retried. */
    start: loop.start,
    /** Resolves when the transactions in flight have ended. */
    stop: loop.stop,
    /** Does once what is due. */
    async runOnce() {
      await releaseHolds();
      await deleteTokens();
    },
  };
}
