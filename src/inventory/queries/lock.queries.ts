import type { Transaction } from '../../lib/db/database.js';
import { PREPARED } from '../../lib/db/prepared-statements.js';

/**
 * Locks the drop's row. A statement of its own: what a locking SELECT computes may be computed before it waits for the lock.
 *
 * @returns false if the drop does not exist.
 */
export async function lockDrop(tx: Transaction, dropId: string): Promise<boolean> {
  const rows = await tx.$queryRaw<unknown[]>`${PREPARED}
    SELECT d.id FROM drops d WHERE d.id = ${dropId}::uuid FOR UPDATE`;
  return rows.length > 0;
}

/**
 * Locks the drop's row unless another transaction holds the lock. For the rest of the transaction, a row that is locked is
 * waited for 250 ms at most, and PostgreSQL ends the session after it has been idle for 750 ms; the limits of a request are
 * longer (lib/db/pool-settings.ts).
 *
 * @returns false if the drop is locked or does not exist.
 */
export async function tryToLockDrop(tx: Transaction, dropId: string): Promise<boolean> {
  const rows = await tx.$queryRaw<unknown[]>`${PREPARED}
    SELECT d.id, set_config('lock_timeout', '250ms', true), set_config('idle_in_transaction_session_timeout', '750ms', true)
    FROM drops d WHERE d.id = ${dropId}::uuid FOR UPDATE SKIP LOCKED`;
  return rows.length > 0;
}
