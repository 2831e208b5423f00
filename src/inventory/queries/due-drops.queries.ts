import type { Database } from '../../lib/db/database.js';

/** The drops whose holds are to be reclaimed, by the database's clock. */
interface DueDrops {
  /** Drops with overdue holds, or cancelled ones with any hold; the one that is due longest comes first. */
  readonly dropIds: readonly string[];
  /** Time until the next hold expires; null if no hold is active. */
  readonly nextInMs: number | null;
}

/**
 * Finds up to `limit` drops with holds to reclaim, except those named, and the next deadline. Reads two index entries of each
 * drop with reserved units: its first active hold, and its first that is not overdue. A drop whose `reserved_stock` is 0 while
 * it has active holds is not found; {@link countOverdueHolds} and verify.ts report it.
 */
export async function findDueDrops(db: Database, limit: number, except: readonly string[] = []): Promise<DueDrops> {
  // The clock is read once: a volatile function in a condition would keep PostgreSQL from using the index.
  const [due] = await db.$queryRaw<[DueDrops]>`
    WITH now AS MATERIALIZED (SELECT clock_timestamp() AS t),
    held AS MATERIALIZED (
      SELECT d.id, d.cancelled_at,
        (SELECT r.expires_at FROM reservations r
         WHERE r.drop_id = d.id AND r.settled_at IS NULL
         ORDER BY r.expires_at LIMIT 1) AS first,
        (SELECT r.expires_at FROM reservations r
         WHERE r.drop_id = d.id AND r.settled_at IS NULL AND r.expires_at > (SELECT t FROM now)
         ORDER BY r.expires_at LIMIT 1) AS next
      FROM drops d WHERE d.reserved_stock > 0)
    SELECT
      ARRAY(
        SELECT id FROM held
        WHERE (first <= (SELECT t FROM now) OR cancelled_at IS NOT NULL AND first IS NOT NULL)
          AND id <> ALL(${except}::uuid[])
        ORDER BY least(first, cancelled_at)
        LIMIT ${limit}) AS "dropIds",
      (SELECT ceil(extract(epoch FROM min(next) - (SELECT t FROM now)) * 1000)::float8 FROM held) AS "nextInMs"`;
  return due;
}

const MAX_COUNT = 10_001;

/**
 * Counts the holds that have been overdue for more than a second: none while a worker runs. Stops counting at
 * {@link MAX_COUNT}.
 */
export async function countOverdueHolds(db: Database): Promise<number> {
  const [{ count }] = await db.$queryRaw<[{ count: number }]>`
    SELECT count(*)::int AS count FROM (
      SELECT FROM reservations
      WHERE settled_at IS NULL AND expires_at <= (SELECT clock_timestamp() - interval '1 second')
      LIMIT ${MAX_COUNT}) overdue`;
  return count;
}
