import { Prisma } from '../../generated/prisma/client.js';
import type { Transaction } from '../db/database.js';
import { DROP_COLUMNS, type DropRow } from './drop-row.js';

/** A hold that was given back by the server. */
export interface ReleasedHold {
  readonly id: string;
  readonly userId: string;
}

/**
 * Ends the drop's holds whose time is over by the database's clock, the oldest first, `atMost` of them (all if null); if
 * the drop was cancelled, those that still run too. Returns them with the drop's row as read after the lock.
 *
 * The caller holds the drop's lock and moves the stock.
 */
export async function releaseOverdue(
  tx: Transaction,
  dropId: string,
  atMost: number | null,
): Promise<{ row: DropRow; released: readonly ReleasedHold[] }> {
  // The clock stands in a sub-select, so that it is read once and the index on (drop_id, expires_at) can be used: with
  // the bare volatile function, every active hold of the drop would be visited.
  const [row] = await tx.$queryRaw<(DropRow & { released: ReleasedHold[] })[]>`
    WITH due AS (
      SELECT r.id
      FROM drops d JOIN reservations r ON r.drop_id = d.id AND r.status = 'active'
        AND r.expires_at <= CASE WHEN d.cancelled_at IS NULL THEN (SELECT clock_timestamp()) ELSE 'infinity' END
      WHERE d.id = ${dropId}::uuid
      ORDER BY r.expires_at
      LIMIT ${atMost}::bigint
    ), released AS (
      UPDATE reservations r
      SET status = (CASE WHEN r.expires_at <= clock_timestamp() THEN 'expired' ELSE 'released' END)::reservation_status
      FROM due
      WHERE r.id = due.id AND r.status = 'active'
      RETURNING r.id, r.user_id, r.expires_at
    )
    SELECT ${DROP_COLUMNS},
      (SELECT coalesce(jsonb_agg(jsonb_build_object('id', released.id, 'userId', released.user_id)
                                 ORDER BY released.expires_at), '[]')
       FROM released) AS released
    FROM drops d
    WHERE d.id = ${dropId}::uuid`;
  if (!row) throw new Error(`drop ${dropId} vanished while it was locked`);
  const { released, ...drop } = row;
  return { row: drop, released };
}

/** The drops with holds that {@link releaseOverdue} would end, at most `limit` of them. */
export const dropsWithOverdueHolds = (limit: number) => Prisma.sql`
  (SELECT DISTINCT drop_id AS id FROM reservations
   WHERE status = 'active' AND expires_at <= (SELECT clock_timestamp()))
  UNION
  (SELECT id FROM drops WHERE cancelled_at IS NOT NULL AND reserved_stock > 0)
  LIMIT ${limit}`;
