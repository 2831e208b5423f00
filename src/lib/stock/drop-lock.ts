import { Prisma } from '../../generated/prisma/client.js';
import type { Announce } from '../announce.js';
import type { Database, Transaction } from '../db/database.js';
import { inTransaction, type RetryCause } from '../db/transaction.js';
import type { Logger } from '../logger.js';
import type { Metrics } from '../metrics.js';
import { moveStock, toInventoryUpdate, type DropRow, type StockMove } from './drop-row.js';
import { openDrop, type ReleasedHold } from './open-drop.js';
import type { ReservationJson } from './reservation-row.js';
import type { StockEvents } from './stock.schema.js';

/** A drop whose row this transaction has locked, overdue holds already released. */
export interface LockedDrop<Facts> {
  readonly tx: Transaction;
  /** The row as it was found, with the units of the released holds free again. */
  readonly row: DropRow;
  /** What was asked for along with the row. Its reservations are as they were before the release: see `current`. */
  readonly facts: Facts;
  /** A reservation of `facts` as it is after the release of overdue holds. */
  current(reservation: ReservationJson): ReservationJson;
  /** Moves units. All moves are written in one update when the work is done. */
  move(move: StockMove): void;
}

/**
 * What is done under the lock. A refusal is returned, not thrown: throwing would roll back the release of overdue holds
 * that came before it.
 */
export type LockedWork<T, Facts> = (drop: LockedDrop<Facts>) => Promise<T>;

export interface LockOptions {
  /** Whose overdue holds are released however many others are due: they would count against these users otherwise. */
  readonly users?: readonly string[];
  /** An SQL expression about the drop, called `d`: read under the lock, together with the row. */
  readonly facts?: Prisma.Sql;
  /** Does nothing, and returns null, if somebody else has the drop locked right now. */
  readonly skipLocked?: boolean;
  /** The work recognises what it has done already, and so may run again after a COMMIT whose answer was lost. */
  readonly repeatable?: boolean;
}

export interface LockResult<T> {
  readonly result: T;
  /** The drop as this transaction left it. */
  readonly row: DropRow;
}

export interface DropLock {
  /**
   * Runs `work` with the drop's row locked and its overdue holds released, in one transaction; announces every change of
   * stock once it is committed. Returns null if there is no such drop.
   *
   * @throws {UnavailableError | OverloadedError | OutcomeUnknownError} as {@link inTransaction}.
   */
  withDrop<T, Facts = null>(
    dropId: string,
    work: LockedWork<T, Facts>,
    options?: LockOptions,
  ): Promise<LockResult<T> | null>;
}

interface DropLockDependencies {
  readonly db: Database;
  readonly announce: Announce<StockEvents>;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

interface Outcome<T> extends LockResult<T> {
  readonly released: readonly ReleasedHold[];
  readonly changed: boolean;
}

/** The one way to a drop's stock: whoever changes it comes through here. */
export function createDropLock({ db, announce, metrics, logger }: DropLockDependencies): DropLock {
  function tell({ released, row, changed }: Outcome<unknown>): void {
    const expired = released.filter(({ status }) => status === 'expired');
    metrics.holdsExpired.inc(expired.length);
    for (const { id: reservationId, userId } of expired) {
      announce('reservation_update', { reservationId, dropId: row.id, userId, availableStock: row.availableStock });
    }
    if (changed) announce('inventory_update', toInventoryUpdate(row));
  }

  return {
    async withDrop<T, Facts>(dropId: string, work: LockedWork<T, Facts>, options: LockOptions = {}) {
      let released: readonly ReleasedHold[] = [];
      const outcome = await inTransaction(
        db,
        async (tx, perhapsDone) => {
          const done = await lockAndWork(tx, dropId, work, perhapsDone, options, metrics);
          // What an earlier run may have released for good nobody has announced yet, and this one does not find it again.
          released = unionById(perhapsDone ? released : [], done?.released ?? []);
          return done;
        },
        {
          repeatable: options.repeatable ?? false,
          onRetry(cause: RetryCause, err: unknown) {
            metrics.transactionFallbacks.inc({ way: `retry after ${cause}` });
            logger.warn({ err, dropId, cause }, 'a transaction on a drop runs again');
          },
        },
      );
      if (!outcome) return null;
      tell({ ...outcome, released });
      return { result: outcome.result, row: outcome.row };
    },
  };
}

function unionById(some: readonly ReleasedHold[], others: readonly ReleasedHold[]): ReleasedHold[] {
  return [...new Map([...some, ...others].map((hold) => [hold.id, hold])).values()];
}

const NOTHING = Prisma.sql`NULL`;

async function lockAndWork<T, Facts>(
  tx: Transaction,
  dropId: string,
  work: LockedWork<T, Facts>,
  perhapsDone: boolean,
  { users = [], facts = NOTHING, skipLocked = false }: LockOptions,
  { lockWait }: Metrics,
): Promise<Outcome<T> | null> {
  // The statement of its own is on purpose: what a locking SELECT computes, it may compute before it waits for the lock.
  const since = performance.now();
  const locked = await tx.$queryRaw<unknown[]>`
    SELECT d.id FROM drops d WHERE d.id = ${dropId}::uuid FOR UPDATE ${skipLocked ? Prisma.sql`SKIP LOCKED` : Prisma.empty}`.finally(
    () => {
      // In vain, too. But who does not wait says nothing of how long one has to.
      if (!skipLocked) lockWait.observe((performance.now() - since) / 1000);
    },
  );
  if (locked.length === 0) return null;

  const opened = await openDrop<Facts>(tx, dropId, users, facts);
  const { released } = opened;
  const releasedById = new Map(released.map((hold) => [hold.id, hold]));
  const moved = { available: released.length, reserved: -released.length, sold: 0 };
  const result = await work({
    tx,
    row: afterMove(opened.row, moved),
    facts: opened.facts,
    current(reservation) {
      const { status, updatedAt } = releasedById.get(reservation.id) ?? reservation;
      return { ...reservation, status, updatedAt };
    },
    move({ available, reserved, sold }) {
      moved.available += available;
      moved.reserved += reserved;
      moved.sold += sold;
    },
  });
  const moves = Object.values(moved).some((units) => units !== 0);
  const row = moves ? await moveStock(tx, dropId, moved) : opened.row;
  // What an earlier run may have committed nobody has announced yet.
  return { result, row, released, changed: moves || perhapsDone };
}

function afterMove(row: DropRow, { available, reserved, sold }: StockMove): DropRow {
  return {
    ...row,
    availableStock: row.availableStock + available,
    reservedStock: row.reservedStock + reserved,
    soldStock: row.soldStock + sold,
  };
}
