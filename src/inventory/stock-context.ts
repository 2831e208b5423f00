import type { Transaction } from '../lib/db/database.js';
import type { DropRow } from './drop-row.js';
import type { ReleaseReason } from './inventory.schema.js';

/**
 * The most requests that one stock transaction serves, and the most overdue holds that it reclaims: more would keep the lock
 * longer than they save. One limit for both, because each request needs at most one unit: a request is never refused as
 * sold out while an overdue hold is left.
 */
export const MAX_BATCH_SIZE = 256;

/** A transaction that holds the lock on a drop. Only stock-transaction.ts creates one, so no query runs without the lock. */
export interface StockContext {
  readonly tx: Transaction;
  readonly dropId: string;
  /** The answer to the COMMIT of an earlier run was lost: rows that this run would write may exist already. */
  readonly mayHaveCommitted: boolean;
}

/** A hold whose unit went back on sale without a request of its owner. */
export interface ReclaimedHold {
  readonly id: string;
  readonly userId: string;
  /** `released` if the hold had time left. */
  readonly status: 'expired' | 'released';
  /** Only of a released hold. */
  readonly reason?: ReleaseReason | undefined;
  /** ISO 8601. */
  readonly updatedAt: string;
  /** Time from the deadline to the reclaim, by the database's clock; negative if the hold had time left. */
  readonly lateSeconds: number;
}

/** What the load step of every stock transaction returns. */
export interface LoadedStock {
  /** The row as it was loaded, with the units of the reclaimed holds available. */
  readonly drop: DropRow;
  readonly reclaimed: readonly ReclaimedHold[];
}
