import { Prisma } from '../../generated/prisma/client.js';
import type { Database } from '../../lib/db/database.js';

type Sum =
  | 'total' | 'available' | 'reserved' | 'sold' | 'version' | 'activeHolds' | 'completedHolds' | 'expiredHolds' | 'releasedHolds'
  | 'purchases' | 'otherPrices' | 'movements' | 'replayedAvailable' | 'replayedReserved' | 'replayedSold' | 'brokenSteps'; // prettier-ignore
/** The counters of a drop, and the sums that they have to agree with. */
export type StockSums = Readonly<
  Record<Sum, number> & Record<'dropId', string> & Record<'recordedExpired' | 'recordedReleased', number | null>
>;

/**
 * Sums up every drop, or one. One statement reads everything at one moment, so it may run during a rush.
 *
 * `recordedExpired` and `recordedReleased` are null if a movement of the drop is older than its cause, or if a session of SQL
 * returned held units: the ledger then cannot say how many holds expired.
 */
export async function sumStock(db: Database, dropId?: string): Promise<readonly StockSums[]> {
  return db.$queryRaw<StockSums[]>`
    SELECT d.id AS "dropId", d.total_stock AS total, d.available_stock AS available, d.reserved_stock AS reserved,
           d.sold_stock AS sold, d.version, holds.*, bought.*, ledger.*
    FROM drops d
    CROSS JOIN LATERAL (
      SELECT count(*) FILTER (WHERE status = 'active')::int AS "activeHolds",
             count(*) FILTER (WHERE status = 'completed')::int AS "completedHolds",
             count(*) FILTER (WHERE status = 'expired')::int AS "expiredHolds",
             count(*) FILTER (WHERE status = 'released')::int AS "releasedHolds"
      FROM reservations r WHERE r.drop_id = d.id) holds
    CROSS JOIN LATERAL (
      SELECT count(*)::int AS purchases, (count(*) FILTER (WHERE p.price <> hold.price))::int AS "otherPrices"
      FROM purchases p
      LEFT JOIN LATERAL (SELECT r.price FROM reservations r WHERE r.id = p.reservation_id OFFSET 0) hold ON true
      WHERE p.drop_id = d.id) bought
    CROSS JOIN LATERAL (
      SELECT count(*)::int AS movements,
             coalesce(sum(delta_available), 0)::int AS "replayedAvailable",
             coalesce(sum(delta_reserved), 0)::int AS "replayedReserved",
             coalesce(sum(delta_sold), 0)::int AS "replayedSold",
             CASE WHEN bool_and(is_recorded) THEN sum(expired_units)::int END AS "recordedExpired",
             CASE WHEN bool_and(is_recorded) THEN sum(released_units)::int END AS "recordedReleased",
             (count(*) FILTER (WHERE (available_stock, reserved_stock, sold_stock)
                IS DISTINCT FROM (run_available, run_reserved, run_sold)))::int AS "brokenSteps"
      FROM (SELECT m.*,
                   cause IS NOT NULL AND (actor_role IS NULL OR expired_units + released_units = 0) AS is_recorded,
                   sum(delta_available) OVER steps AS run_available, sum(delta_reserved) OVER steps AS run_reserved,
                   sum(delta_sold) OVER steps AS run_sold
            FROM stock_movements m WHERE m.drop_id = d.id
            WINDOW steps AS (ORDER BY version)) replay) ledger
    ${dropId === undefined ? Prisma.empty : Prisma.sql`WHERE d.id = ${dropId}::uuid`}
    ORDER BY d.created_at, d.id`;
}
