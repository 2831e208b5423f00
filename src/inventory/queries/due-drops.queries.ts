import type { Database } from '../../lib/db/database.js';

/** The drops whose holds are to be reclaimed, by the database's clock. */
interface DueDrops {
  /** Drops with overdue holds, or cancelled ones with any hold; the one that is due longest comes first. */
  readonly dropIds: readonly string[];
  /** Time until the next hold expires; null if no hold is active. */
  readonly nextInMs: number | null;
}

/**
 * Finds up to `limit` drops with holds to reclaim, except those named, and the next deadline. A drop whose `reserved_stock` is 0
 * while it has active holds is left out; {@link countOverdueHolds} and verify.ts report it.
 *
 * Reads three index entries of each drop with active holds, and nothing of the others, however many there are: it steps through
 * the index of active holds from the first hold of one drop to the first of the next. Each step has LIMIT 1, for which no other
 * plan is cheaper, whatever the statistics (docs/adr/0039).
 */
export async function findDueDrops(db: Database, limit: number, except: readonly string[] = []): Promise<DueDrops> {
  // The clock is read once: a volatile function in a condition would keep PostgreSQL from using the index.
  const [due] = await db.$queryRaw<[DueDrops]>`
    WITH RECURSIVE now AS MATERIALIZED (SELECT clock_timestamp() AS t),
    earliest (drop_id, expires_at) AS (
      (SELECT r.drop_id, r.expires_at FROM reservations r
       WHERE r.settled_at IS NULL
       ORDER BY r.drop_id, r.expires_at LIMIT 1)
      UNION ALL
      SELECT following.* FROM earliest CROSS JOIN LATERAL (
        SELECT r.drop_id, r.expires_at FROM reservations r
        WHERE r.settled_at IS NULL AND r.drop_id > earliest.drop_id
        ORDER BY r.drop_id, r.expires_at LIMIT 1) following
    ), held AS MATERIALIZED (
      SELECT d.id, d.cancelled_at, earliest.expires_at AS first,
        (SELECT r.expires_at FROM reservations r
         WHERE r.drop_id = d.id AND r.settled_at IS NULL AND r.expires_at > (SELECT t FROM now)
         ORDER BY r.expires_at LIMIT 1) AS next
      FROM earliest CROSS JOIN LATERAL (
        SELECT d.id, d.cancelled_at FROM drops d WHERE d.id = earliest.drop_id AND d.reserved_stock > 0 OFFSET 0) d)
    SELECT
      ARRAY(
        SELECT id FROM held
        WHERE (first <= (SELECT t FROM now) OR cancelled_at IS NOT NULL)
          AND id <> ALL(${except}::uuid[])
        ORDER BY least(first, cancelled_at)
        LIMIT ${limit}) AS "dropIds",
      (SELECT ceil(extract(epoch FROM min(next) - (SELECT t FROM now)) * 1000)::float8 FROM held) AS "nextInMs"`;
  return due;
}

const MAX_COUNT = 10_001;

/**
 * Counts the holds that have been overdue for more than a second: none while a worker runs. Stops counting at
 * {@link MAX_COUNT}. Reads the overdue holds, and one index entry of each drop with active holds, as {@link findDueDrops}.
 */
export async function countOverdueHolds(db: Database): Promise<number> {
  const [{ count }] = await db.$queryRaw<[{ count: number }]>`
    WITH RECURSIVE late AS MATERIALIZED (SELECT clock_timestamp() - interval '1 second' AS t),
    earliest (drop_id, expires_at) AS (
      (SELECT r.drop_id, r.expires_at FROM reservations r
       WHERE r.settled_at IS NULL
       ORDER BY r.drop_id, r.expires_at LIMIT 1)
      UNION ALL
      SELECT following.* FROM earliest CROSS JOIN LATERAL (
        SELECT r.drop_id, r.expires_at FROM reservations r
        WHERE r.settled_at IS NULL AND r.drop_id > earliest.drop_id
        ORDER BY r.drop_id, r.expires_at LIMIT 1) following
    )
    SELECT count(*)::int AS count FROM (
      SELECT FROM earliest CROSS JOIN LATERAL (
        SELECT FROM reservations r
        WHERE r.drop_id = earliest.drop_id AND r.settled_at IS NULL AND r.expires_at <= (SELECT t FROM late)
        ORDER BY r.expires_at LIMIT ${MAX_COUNT}) of_drop
      LIMIT ${MAX_COUNT}) overdue`;
  return count;
}
