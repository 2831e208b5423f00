import { Prisma } from '../../generated/prisma/client.js';
import type { Announce } from '../announce.js';
import type { Database, Transaction } from '../db/database.js';
import { inTransaction } from '../db/transaction.js';
import { AppError } from '../errors/index.js';
import type { Metrics } from '../metrics.js';
import { moveStock, toInventoryUpdate, type DropRow, type StockMove } from './drop-row.js';
import { releaseOverdue, type ReleasedHold } from './release-overdue.js';
import type { StockEvents } from './stock.schema.js';
import { createTurns, type TurnLimits, type TurnOptions } from './turns.js';

/** A drop whose row this transaction has locked, overdue holds already released. */
export interface LockedDrop {
  readonly tx: Transaction;
  /** The row as it is now, in this transaction. */
  readonly row: DropRow;
  /** Moves units and refreshes `row`. */
  moveStock(move: StockMove): Promise<void>;
}

/**
 * What is done under the lock. A refusal is returned, not thrown: throwing would roll back the release of overdue holds
 * that came before it.
 */
export type LockedWork<T> = (drop: LockedDrop) => Promise<T | AppError>;

export interface LockOptions extends TurnOptions {
  /** Whose overdue hold is released whatever else waits: it would count against this user otherwise. */
  readonly forUser?: string;
  /** Does nothing, and returns null, if somebody else has the drop locked right now. */
  readonly skipLocked?: boolean;
}

export interface DropLock {
  /**
   * Runs `work` with the drop's row locked and its overdue holds released, in one transaction; announces every change of
   * stock once it is committed. Returns what `work` returned, or null if there is no such drop.
   *
   * @throws the {@link AppError} that `work` returned, after the commit.
   * @throws {OverloadedError} too many wait, or this one waited 10 s.
   * @throws {UnavailableError | OutcomeUnknownError} as {@link inTransaction}.
   */
  withDrop<T>(dropId: string, work: LockedWork<T>, options?: LockOptions): Promise<T | null>;
}

interface DropLockDependencies extends TurnLimits {
  readonly db: Database;
  readonly announce: Announce<StockEvents>;
  readonly metrics: Metrics;
}

interface Outcome<T> {
  readonly result: T | AppError;
  readonly released: readonly ReleasedHold[];
  readonly changed: DropRow | null;
}

/** The one way to a drop's stock: whoever changes it comes through here. */
export function createDropLock(dependencies: DropLockDependencies): DropLock {
  const { db, announce, metrics } = dependencies;
  const turns = createTurns(dependencies);

  function tell({ released, changed }: Outcome<unknown>): void {
    if (!changed) return;
    const expired = released.filter(({ status }) => status === 'expired');
    metrics.holdsExpired.inc(expired.length);
    for (const { id: reservationId, userId } of expired) {
      announce('reservation_update', {
        reservationId,
        dropId: changed.id,
        userId,
        availableStock: changed.availableStock,
      });
    }
    announce('inventory_update', toInventoryUpdate(changed));
  }

  return {
    async withDrop<T>(dropId: string, work: LockedWork<T>, options: LockOptions = {}) {
      const run = async () => {
        const outcome = await inTransaction(db, (tx) => lockAndWork(tx, dropId, work, options));
        if (!outcome) return null;
        tell(outcome);
        if (outcome.result instanceof AppError) throw outcome.result;
        return outcome.result;
      };
      return turns.take(dropId, run, options);
    },
  };
}

async function lockAndWork<T>(
  tx: Transaction,
  dropId: string,
  work: LockedWork<T>,
  { forUser, skipLocked }: LockOptions,
): Promise<Outcome<T> | null> {
  // The statement of its own is on purpose: what a locking SELECT computes, it may compute before it waits for the lock.
  const locked = await tx.$queryRaw<unknown[]>`
    SELECT d.id FROM drops d WHERE d.id = ${dropId}::uuid FOR UPDATE ${skipLocked ? Prisma.sql`SKIP LOCKED` : Prisma.empty}`;
  if (locked.length === 0) return null;

  const { row: rowAtLock, released } = await releaseOverdue(tx, dropId, forUser ?? null);
  let row = rowAtLock;
  let changed: DropRow | null = null;
  const drop: LockedDrop = {
    tx,
    get row() {
      return row;
    },
    async moveStock(move) {
      row = changed = await moveStock(tx, dropId, move);
    },
  };
  if (released.length > 0) {
    await drop.moveStock({ available: released.length, reserved: -released.length, sold: 0 });
  }
  const result = await work(drop);
  return { result, released, changed };
}
