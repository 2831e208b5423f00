import { Prisma } from '../../generated/prisma/client.js';
import type { Database } from '../../lib/db/database.js';

type Sum =
  | 'total' | 'available' | 'reserved' | 'sold' | 'version' | 'activeHolds' | 'completedHolds' | 'expiredHolds' | 'releasedHolds'
  | 'purchases' | 'otherPrices' | 'movements' | 'replayedAvailable' | 'replayedReserved' | 'replayedSold' | 'brokenSteps'
  | 'statsRows' | 'statsExpired' | 'statsReleased' | 'statsPeak' | 'statsRevenueCents' | 'paidCents' | 'ledgerPeak' | 'refusalsBeyondTotals'; // prettier-ignore
/** The counters of a drop, and the sums that they have to agree with. */
export type StockSums = Readonly<
  Record<Sum, number> &
    Record<'dropId', string> &
    Record<'recordedExpired' | 'recordedReleased' | 'ledgerExpired' | 'ledgerReleased', number | null>
>;

/**
 * Sums up every drop, or one. One statement reads everything at one moment, so it may run during a rush.
 *
 * `recordedExpired` and `recordedReleased` are null if a movement of the drop is older than its cause, or if a session of SQL
 * returned held units: the ledger then cannot say how many holds expired. `ledgerExpired` and `ledgerReleased` are null in the first
 * case only: the sums of `drop_stats` follow from the ledger.
 */
export async function sumStock(db: Database, dropId?: string): Promise<readonly StockSums[]> {
  return db.$queryRaw<StockSums[]>`
    SELECT d.id AS "dropId", d.total_stock AS total, d.available_stock AS available, d.reserved_stock AS reserved,
           d.sold_stock AS sold, d.version, holds.*, bought.*, ledger.*, peak.*, stats.*, refused.*
    FROM drops d
    CROSS JOIN LATERAL (
      SELECT count(*) FILTER (WHERE status = 'active')::int AS "activeHolds",
             count(*) FILTER (WHERE status = 'completed')::int AS "completedHolds",
             count(*) FILTER (WHERE status = 'expired')::int AS "expiredHolds",
             count(*) FILTER (WHERE status = 'released')::int AS "releasedHolds"
      FROM reservations r WHERE r.drop_id = d.id) holds
    CROSS JOIN LATERAL (
      SELECT count(*)::int AS purchases, (count(*) FILTER (WHERE p.price <> hold.price))::int AS "otherPrices",
             coalesce(sum(p.price) * 100, 0)::float8 AS "paidCents"
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
             CASE WHEN bool_and(cause IS NOT NULL) THEN sum(expired_units)::int END AS "ledgerExpired",
             CASE WHEN bool_and(cause IS NOT NULL) THEN sum(released_units)::int END AS "ledgerReleased",
             (count(*) FILTER (WHERE (available_stock, reserved_stock, sold_stock)
                IS DISTINCT FROM (run_available, run_reserved, run_sold)))::int AS "brokenSteps"
      FROM (SELECT m.*,
                   cause IS NOT NULL AND (actor_role IS NULL OR expired_units + released_units = 0) AS is_recorded,
                   sum(delta_available) OVER steps AS run_available, sum(delta_reserved) OVER steps AS run_reserved,
                   sum(delta_sold) OVER steps AS run_sold
            FROM stock_movements m WHERE m.drop_id = d.id
            WINDOW steps AS (ORDER BY version)) replay) ledger
    CROSS JOIN LATERAL (
      SELECT coalesce(max(reserved), 0)::int AS "ledgerPeak" FROM (
        SELECT sum(greatest(delta_reserved + delta_sold + coalesce(expired_units, 0) + coalesce(released_units, 0), 0)) AS reserved
        FROM stock_movements m WHERE m.drop_id = d.id AND m.version > 1
        GROUP BY date_trunc('second', m.created_at)) seconds) peak
    CROSS JOIN LATERAL (
      SELECT count(*)::int AS "statsRows", coalesce(sum(expired_holds), 0)::int AS "statsExpired",
             coalesce(sum(released_holds), 0)::int AS "statsReleased", coalesce(sum(peak_per_second), 0)::int AS "statsPeak",
             coalesce(sum(revenue) * 100, 0)::float8 AS "statsRevenueCents"
      FROM drop_stats s WHERE s.drop_id = d.id) stats
    CROSS JOIN LATERAL (
      SELECT count(*)::int AS "refusalsBeyondTotals"
      FROM (SELECT code, sum(refusals) AS refusals FROM drop_refusals_by_minute m WHERE m.drop_id = d.id GROUP BY code) minutes
      LEFT JOIN drop_refusals total ON total.drop_id = d.id AND total.code = minutes.code
      WHERE minutes.refusals > coalesce(total.refusals, 0)) refused
    ${dropId === undefined ? Prisma.empty : Prisma.sql`WHERE d.id = ${dropId}::uuid`}
    ORDER BY d.created_at, d.id`;
}
