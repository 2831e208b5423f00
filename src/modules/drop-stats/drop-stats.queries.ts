import type { Database } from '../../lib/db/database.js';

/** The latest purchases from which the median is taken. */
const MEDIAN_SAMPLE_SIZE = 1_000;

interface DropStatsRow {
  readonly active: number;
  readonly expired: number;
  readonly released: number;
  readonly completed: number;
  readonly peakReservationsPerSecond: number;
  /** A decimal with two digits after the point. */
  readonly revenue: string;
  readonly currency: string;
  /** Of the latest {@link MEDIAN_SAMPLE_SIZE} purchases; null if there are none. */
  readonly medianSecondsToPurchase: number | null;
  readonly refusals: Readonly<Record<string, number>>;
}

/**
 * The stats of a drop, null if it does not exist. Reads a row of the drop and one of its sums, a row for each code of a refusal,
 * and the latest purchases with their holds, which are looked up one by one: a join could read all reservations.
 */
export async function findDropStats(db: Database, dropId: string): Promise<DropStatsRow | null> {
  const [found] = await db.$queryRaw<DropStatsRow[]>`
    SELECT d.reserved_stock AS active, s.expired_holds AS expired, s.released_holds AS released, d.sold_stock AS completed,
           s.peak_per_second AS "peakReservationsPerSecond", s.revenue::text AS revenue, d.currency,
           (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM latest.created_at - hold.created_at)::float8)
            FROM (SELECT p.reservation_id, p.created_at FROM purchases p
                  WHERE p.drop_id = d.id
                  ORDER BY p.created_at DESC, p.id DESC
                  LIMIT ${MEDIAN_SAMPLE_SIZE}::int) latest
            CROSS JOIN LATERAL (
              SELECT r.created_at FROM reservations r WHERE r.id = latest.reservation_id OFFSET 0) hold
           ) AS "medianSecondsToPurchase",
           (SELECT coalesce(json_object_agg(f.code, f.refusals ORDER BY f.code), '{}')
            FROM drop_refusals f WHERE f.drop_id = d.id) AS refusals
    FROM drops d JOIN drop_stats s ON s.drop_id = d.id
    WHERE d.id = ${dropId}::uuid`;
  return found ?? null;
}
