import { Prisma } from '../generated/prisma/client.js';
import type { Publish } from '../lib/publish.js';
import type { Database, Transaction } from '../lib/db/database.js';
import { PREPARED } from '../lib/db/prepared-statements.js';
import { inTransaction, type RetryCause } from '../lib/db/transaction.js';
import type { FailureLog } from '../lib/failure-log.js';
import type { Logger } from '../lib/logger.js';
import type { InventoryMetrics } from './inventory.metrics.js';
import { toInventoryUpdate, writeStock, type DropRow, type StockChange } from './drop-row.js';
import { openDrop, stillAsReleased, type ReleasedHold } from './open-drop.js';
import type { ReservationJson } from './reservation-row.js';
import type { StockEvents } from './inventory.schema.js';

/** A drop whose row this transaction has locked, overdue holds already released. */
export interface LockedDrop<Facts> {
  /** The row as it was found, with the units of the released holds free again. */
  readonly row: DropRow;
  /** How many holds were released. {@link MAX_BATCH_SIZE} and more: others may be left. */
  readonly released: number;
  /** What was asked for along with the row. Its reservations are as they were before the release: see `current`. */
  readonly facts: Facts;
  /** The answer to the COMMIT of an earlier run was lost: rows that the work would write may be there already. */
  readonly mayHaveCommitted: boolean;
  /** A reservation of `facts` as it is after the release of overdue holds. */
  current(reservation: ReservationJson): ReservationJson;
  /** Writes what is done, with the stock that it moves, and gives back its result. */
  write<Result>(change: StockChange): Promise<Result>;
}

/**
 * What is done under the lock. A refusal is returned, not thrown: throwing would roll back the release of overdue holds
 * that came before it.
 */
export type LockedWork<T, Facts> = (drop: LockedDrop<Facts>) => Promise<T>;

export interface LockOptions {
  /** Whose overdue holds are released however many others are due: they would count against these users otherwise. */
  readonly users?: readonly string[];
  /**
   * Returns an SQL expression about the drop, called `d`: read under the lock, together with the row. If an earlier run may
   * have been committed, it also reads the rows that this run would have written, by their ids.
   */
  readonly facts?: (mayHaveCommitted: boolean) => Prisma.Sql;
  /**
   * Does nothing, and returns null, if somebody else has the drop locked right now; and keeps nobody waiting for the drop
   * beyond a second, even if this process is stopped meanwhile.
   */
  readonly skipLocked?: boolean;
  /** The work recognises what it has done already, and so may run again after a COMMIT whose answer was lost. */
  readonly idempotent?: boolean;
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
   * @throws {UnavailableError | OverloadedError | OutcomeUnknownError} as {@link inTransaction}. The last also if the drop was
   * deleted after a COMMIT whose answer was lost.
   */
  withDrop<T, Facts = null>(
    dropId: string,
    work: LockedWork<T, Facts>,
    options?: LockOptions,
  ): Promise<LockResult<T> | null>;
}

interface DropLockDependencies {
  readonly db: Database;
  readonly publish: Publish<StockEvents>;
  readonly metrics: InventoryMetrics;
  readonly logger: Logger;
  readonly failures: FailureLog;
}

interface Outcome<T> extends LockResult<T> {
  readonly released: readonly ReleasedHold[];
  readonly changed: boolean;
}

/** The one way to a drop's stock: whoever changes it comes through here. */
export function createDropLock({ db, publish, metrics, logger, failures }: DropLockDependencies): DropLock {
  function tell({ released, row, changed }: Outcome<unknown>): void {
    const expired = released.filter(({ status }) => status === 'expired');
    metrics.holdsExpired.inc(expired.length);
    for (const { id: reservationId, userId, lateSeconds } of expired) {
      metrics.expiryLateness.observe(lateSeconds);
      publish('reservation_update', { reservationId, dropId: row.id, userId, availableStock: row.availableStock });
    }
    if (changed) publish('inventory_update', toInventoryUpdate(row));
  }

  return {
    async withDrop<T, Facts>(dropId: string, work: LockedWork<T, Facts>, options: LockOptions = {}) {
      let released: readonly ReleasedHold[] = [];
      const outcome = await inTransaction(
        db,
        async (tx, mayHaveCommitted) => {
          const done = await lockAndWork(tx, dropId, work, mayHaveCommitted, options, metrics);
          // What an earlier run released for good is not announced yet, and this run does not find it again.
          const earlier = mayHaveCommitted ? await stillAsReleased(tx, released) : [];
          released = unionById(earlier, done?.released ?? []);
          return done;
        },
        {
          idempotent: options.idempotent ?? false,
          onRetry(cause: RetryCause, err: unknown) {
            metrics.transactionFallbacks.inc({ way: `retry after ${cause}` });
            const isLogged = failures.record(err, 'transaction run again', { dropId, retry: cause });
            if (!isLogged) logger.warn({ err, dropId, cause }, 'a transaction on a drop runs again');
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
const SKIP = Prisma.sql`SKIP LOCKED`;
/**
 * For the rest of the transaction: a row that somebody else has locked is not waited for, and should this process stop,
 * PostgreSQL takes the drop from it within a second. A request is given longer: see lib/db/pool-settings.ts.
 */
const IMPATIENT = Prisma.sql`,
  set_config('lock_timeout', '250ms', true), set_config('idle_in_transaction_session_timeout', '750ms', true)`;

const NO_CHANGE: StockChange = {
  done: Prisma.sql`done AS (SELECT WHERE false)`,
  move: { available: 0, reserved: 0, sold: 0 },
  result: NOTHING,
};

async function lockAndWork<T, Facts>(
  tx: Transaction,
  dropId: string,
  work: LockedWork<T, Facts>,
  mayHaveCommitted: boolean,
  { users = [], facts = () => NOTHING, skipLocked = false }: LockOptions,
  { lockWait }: InventoryMetrics,
): Promise<Outcome<T> | null> {
  // What an earlier run may have committed must be found out, whoever has the drop now.
  const [impatient, skip] = skipLocked && !mayHaveCommitted ? [IMPATIENT, SKIP] : [Prisma.empty, Prisma.empty];
  // The statement of its own is on purpose: what a locking SELECT computes, it may compute before it waits for the lock.
  const since = performance.now();
  const locked = await tx.$queryRaw<unknown[]>`${PREPARED}
    SELECT d.id ${impatient} FROM drops d WHERE d.id = ${dropId}::uuid FOR UPDATE ${skip}`.finally(() => {
    // In vain, too. But who does not wait says nothing of how long one has to.
    if (skip !== SKIP) lockWait.observe((performance.now() - since) / 1000);
  });
  if (locked.length === 0) {
    if (mayHaveCommitted) throw new Error(`drop ${dropId} was deleted after a commit whose answer was lost`);
    return null;
  }

  const opened = await openDrop<Facts>(tx, dropId, users, facts(mayHaveCommitted));
  const { released } = opened;
  const releasedById = new Map(released.map((hold) => [hold.id, hold]));
  let row = opened.row;
  /** Units of released holds that are free by now, and not yet in the drop's row. */
  let freed = released.length;

  async function write<Result>(change: StockChange): Promise<Result> {
    const written = await writeStock<Result>(tx, dropId, freed, change);
    row = written.row ?? row;
    freed = 0;
    return written.result;
  }

  const result = await work({
    row: withFreed(opened.row, freed),
    released: released.length,
    facts: opened.facts,
    mayHaveCommitted,
    current(reservation) {
      const { status, updatedAt } = releasedById.get(reservation.id) ?? reservation;
      return { ...reservation, status, updatedAt };
    },
    write,
  });
  if (freed > 0) await write(NO_CHANGE);
  // What an earlier run may have committed is not announced yet.
  return { result, row, released, changed: row !== opened.row || mayHaveCommitted };
}

function withFreed(row: DropRow, freed: number): DropRow {
  return { ...row, availableStock: row.availableStock + freed, reservedStock: row.reservedStock - freed };
}
