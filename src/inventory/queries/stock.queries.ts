import type { Transaction } from '../../lib/db/database.js';
import { PREPARED } from '../../lib/db/prepared-statements.js';
import { DROP_COLUMNS, type DropRow } from '../drop-row.js';
import type { ReservationJson } from '../reservation-row.js';
import { MAX_BATCH_SIZE, type LoadedStock, type ReclaimedHold, type StockContext } from '../stock-context.js';

// What every stock transaction needs: the lock, and the reclaim of overdue holds.

/**
 * Locks the drop's row, and marks the changes that the transaction makes as the service's, for the ledger. A statement of its own:
 * what a locking SELECT computes may be computed before it waits for the lock.
 *
 * @returns false if the drop does not exist.
 */
export async function lockDrop(tx: Transaction, dropId: string): Promise<boolean> {
  const rows = await tx.$queryRaw<unknown[]>`${PREPARED}
    SELECT d.id, set_config('drop_inventory.actor', 'service', true) FROM drops d WHERE d.id = ${dropId}::uuid FOR UPDATE`;
  return rows.length > 0;
}

/**
 * As {@link lockDrop}, unless another transaction holds the lock. For the rest of the transaction, a row that is locked is
 * waited for 250 ms at most, and PostgreSQL ends the session after it has been idle for 750 ms; the limits of a request are
 * longer (lib/db/pool-settings.ts).
 *
 * @returns false if the drop is locked or does not exist.
 */
export async function tryToLockDrop(tx: Transaction, dropId: string): Promise<boolean> {
  const rows = await tx.$queryRaw<unknown[]>`${PREPARED}
    SELECT d.id, set_config('drop_inventory.actor', 'service', true),
      set_config('lock_timeout', '250ms', true), set_config('idle_in_transaction_session_timeout', '750ms', true)
    FROM drops d WHERE d.id = ${dropId}::uuid FOR UPDATE SKIP LOCKED`;
  return rows.length > 0;
}

/**
 * Reclaims overdue holds of the drop, the oldest first, {@link MAX_BATCH_SIZE} at most; of a cancelled drop also holds that
 * have time left. The statement that loads the state of a batch of requests begins in the same way, and reclaims the overdue
 * holds of the requests' users besides, however many others are due.
 *
 * A hold is active while `settled_at` is NULL. Queries by drop use that condition, queries by user `status = 'active'`, so that
 * each matches one partial index, whatever the statistics (docs/adr/0027). The clock is read once, in a subquery: a volatile
 * function in the condition would keep PostgreSQL from using the index.
 */
export async function reclaimOverdueHolds({ tx, dropId }: StockContext): Promise<LoadedStock> {
  const [loaded] = await tx.$queryRaw<[DropRow & { reclaimed: ReclaimedHold[] }]>`${PREPARED}
    WITH horizon AS MATERIALIZED (
      SELECT CASE WHEN d.cancelled_at IS NULL THEN clock_timestamp() ELSE 'infinity' END AS t
      FROM drops d WHERE d.id = ${dropId}::uuid
    ), due AS (
      SELECT r.id FROM reservations r
      WHERE r.drop_id = ${dropId}::uuid AND r.settled_at IS NULL AND r.expires_at <= (SELECT t FROM horizon)
      ORDER BY r.expires_at
      LIMIT ${MAX_BATCH_SIZE}
    ), reclaimed AS (
      UPDATE reservations r
      SET status = (CASE WHEN r.expires_at <= clock_timestamp() THEN 'expired' ELSE 'released' END)::reservation_status
      WHERE r.id = ANY(ARRAY(SELECT id FROM due)) AND r.status::text = 'active'
      RETURNING r.id, r.user_id, r.status, r.expires_at, r.updated_at
    )
    SELECT ${DROP_COLUMNS},
      (SELECT coalesce(jsonb_agg(jsonb_build_object(
                'id', reclaimed.id, 'userId', reclaimed.user_id, 'status', reclaimed.status, 'updatedAt', reclaimed.updated_at,
                'lateSeconds', extract(epoch FROM reclaimed.updated_at - reclaimed.expires_at)) ORDER BY reclaimed.expires_at), '[]')
       FROM reclaimed) AS reclaimed
    FROM drops d
    WHERE d.id = ${dropId}::uuid`;
  return toLoadedStock(loaded);
}

/** Puts the units of reclaimed holds back on sale. Returns the drop after the change. */
export async function writeReclaimedUnits(
  { tx, dropId }: StockContext,
  reclaimed: readonly ReclaimedHold[],
): Promise<DropRow> {
  const { units, expired } = countReclaimed(reclaimed);
  const [drop] = await tx.$queryRaw<[DropRow]>`${PREPARED}
    UPDATE drops d
    SET available_stock = available_stock + ${units}::int, reserved_stock = reserved_stock - ${units}::int
    FROM (SELECT set_config('drop_inventory.expired', ${expired}::int::text, true)) AS ledger
    WHERE d.id = ${dropId}::uuid
    RETURNING ${DROP_COLUMNS}`;
  return drop;
}

/**
 * How many units reclaimed holds return, and how many of the holds had expired. The counts of a drop only show how many units
 * move: the statement that moves them sets the second number for the ledger (docs/adr/0046). It does so in a subquery of the
 * UPDATE, which PostgreSQL runs before the trigger that writes the ledger.
 */
export function countReclaimed(reclaimed: readonly ReclaimedHold[]) {
  return { units: reclaimed.length, expired: reclaimed.filter(({ status }) => status === 'expired').length };
}

/** Who changes a drop, and why: for its rows in the ledger. */
export interface ChangeContext {
  /** Id of the admin. */
  readonly actorId: string;
  readonly reason?: string | null | undefined;
  /** The `Idempotency-Key` of the request, kept with the next change of the transaction. */
  readonly idempotencyKey?: string | null | undefined;
}

/**
 * Sets whom the ledger names for the changes that the transaction makes from here on. A stock transaction calls it after its lock,
 * which sets the service itself. The cause is not set: the ledger's trigger derives it from what changes.
 */
export async function setChangeContext(
  tx: Transaction,
  { actorId, reason, idempotencyKey }: ChangeContext,
): Promise<void> {
  await tx.$queryRaw`
    SELECT set_config('drop_inventory.actor', ${actorId}::uuid::text, true),
           set_config('drop_inventory.reason', ${reason ?? ''}, true),
           set_config('drop_inventory.key', ${idempotencyKey ?? ''}, true)`;
}

/**
 * Returns those of the holds that are as this reclaim left them. If the reclaim was rolled back, another transaction may
 * have reclaimed a hold for the same reason, but at another time.
 */
export async function findStillReclaimed(tx: Transaction, holds: readonly ReclaimedHold[]): Promise<ReclaimedHold[]> {
  if (holds.length === 0) return [];
  const found = await tx.$queryRaw<{ id: string }[]>`
    SELECT r.id
    FROM unnest(${holds.map(({ id }) => id)}::uuid[], ${holds.map(({ updatedAt }) => updatedAt)}::timestamptz[])
      AS reclaimed(id, updated_at)
    JOIN reservations r ON r.id = reclaimed.id AND r.updated_at = reclaimed.updated_at AND r.status <> 'active'`;
  const ids = new Set(found.map(({ id }) => id));
  return holds.filter(({ id }) => ids.has(id));
}

/**
 * Splits a loaded row into the drop and what was loaded beside it. The statement returns the counters from before it
 * reclaimed anything, because a statement does not see its own writes: the reclaimed units are added here.
 */
export function toLoadedStock({
  reclaimed,
  ...row
}: DropRow & { readonly reclaimed: readonly ReclaimedHold[] }): LoadedStock {
  const units = reclaimed.length;
  const drop = { ...row, availableStock: row.availableStock + units, reservedStock: row.reservedStock - units };
  return { drop, reclaimed: reclaimed.map(withReason) };
}

/** Only the holds of a cancelled drop are reclaimed before their time is over. */
function withReason(hold: ReclaimedHold): ReclaimedHold {
  return hold.status === 'released' ? { ...hold, reason: 'drop-cancelled' } : hold;
}

/** Returns a function that gives a loaded reservation the status that the same statement's reclaim set. */
export function applyReclaim(reclaimed: readonly ReclaimedHold[]) {
  const byId = new Map(reclaimed.map((hold) => [hold.id, hold]));
  return (reservation: ReservationJson): ReservationJson => {
    const { status, updatedAt } = byId.get(reservation.id) ?? reservation;
    return { ...reservation, status, updatedAt };
  };
}
