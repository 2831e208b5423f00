import type { Database } from '../lib/db/database.js';
import type { FailureLog } from '../lib/failure-log.js';
import type { Logger } from '../lib/logger.js';
import type { ReleaseReason } from './inventory.schema.js';
import { findActiveHolds, writeHoldsReleased } from './queries/closed-accounts.queries.js';
import { writeReleases } from './queries/release.queries.js';
import { reclaimOverdueHolds } from './queries/stock.queries.js';
import type { ReservationJson } from './reservation-row.js';
import type { ReclaimedHold, StockContext } from './stock-context.js';
import type { StockChange, StockTransactions } from './stock-transaction.js';

export interface HoldReleases {
  /**
   * Releases the active holds of a closed account, drop by drop, and records that it is done. May be repeated, and run in several
   * processes at a time. Never throws: an error is logged, and the worker repeats what is not recorded as done.
   *
   * @param options `skipLocked` ends the attempt at a drop that another transaction has locked, instead of waiting.
   */
  releaseOrLeaveToWorker(userId: string, options?: { readonly skipLocked?: boolean }): Promise<void>;
}

interface HoldReleasesDependencies {
  readonly db: Database;
  readonly stockTransactions: StockTransactions;
  readonly logger: Logger;
  readonly failures: FailureLog;
}

export function createHoldReleases(dependencies: HoldReleasesDependencies): HoldReleases {
  const { db, stockTransactions, logger, failures } = dependencies;

  async function release(userId: string, skipLocked: boolean): Promise<void> {
    for (;;) {
      const holds = await findActiveHolds(db, userId);
      if (holds.length === 0) return writeHoldsReleased(db, userId);
      for (const dropId of new Set(holds.map((hold) => hold.dropId))) {
        const ids = holds.filter((hold) => hold.dropId === dropId).map(({ id }) => id);
        const options = { skipLocked, idempotent: true };
        const done = await stockTransactions.run(dropId, (context) => releaseHolds(context, ids), options);
        if (!done) return;
      }
    }
  }

  return {
    async releaseOrLeaveToWorker(userId, { skipLocked = false } = {}) {
      try {
        await release(userId, skipLocked);
      } catch (err) {
        const isLogged = failures.record(err, 'sweep', { userId });
        if (!isLogged) logger.warn({ err, userId }, 'The holds of a closed account are released later, by the worker');
      }
    },
  };
}

/** Steps 2 to 4 of a stock transaction. There is nothing to decide: the holds that are still active are released. */
async function releaseHolds(context: StockContext, ids: readonly string[]): Promise<StockChange<null>> {
  const { drop, reclaimed } = await reclaimOverdueHolds(context);
  const { drop: changed, released } = await writeReleases(context, ids, reclaimed);
  const all = [...reclaimed, ...[...released.values()].map((hold) => toReleasedHold(hold, 'account-closed'))];
  return { result: null, drop: changed ?? drop, reclaimed: all, hasChanged: changed !== null };
}

/** A reservation that was released without a request of its owner, to be published as such. */
export function toReleasedHold(
  { id, userId, updatedAt, expiresAt }: ReservationJson,
  reason: ReleaseReason,
): ReclaimedHold {
  const lateSeconds = (Date.parse(updatedAt) - Date.parse(expiresAt)) / 1000;
  return { id, userId, status: 'released', reason, updatedAt, lateSeconds };
}
