import type { Database } from '../lib/db/database.js';

/** What is due, by the database's clock. */
export interface DueDrops {
  /** The drops with holds that whoever locks them would end, the oldest hold's first; so many at most. */
  readonly dropIds: readonly string[];
  /** ms from the look until the next running hold ends; null if none runs. */
  readonly nextIn: number | null;
}

/** Beyond it nobody needs to know how many there are. */
const MOST_COUNTED = 10_001;

/**
 * Looks for up to `limit` drops with holds that are over, or that were cancelled, `except` for those, and for the next
 * deadline. Each drop that has units held is asked for its first hold, and for the first that still runs, and no further. One
 * whose stock says that none is held, though holds run, is not found: see {@link countOverdueHolds} and inventory/verify.ts.
 */
export async function findDueDrops(db: Database, limit: number, except: readonly string[] = []): Promise<DueDrops> {
  // The clock is read once: with the bare volatile function in a condition, no index would be used.
  const [due] = await db.$queryRaw<[DueDrops]>`
    WITH now AS MATERIALIZED (SELECT clock_timestamp() AS t),
    held AS MATERIALIZED (
      SELECT d.id, d.cancelled_at,
        (SELECT r.expires_at FROM reservations r
         WHERE r.drop_id = d.id AND r.status = 'active'
         ORDER BY r.expires_at LIMIT 1) AS first,
        (SELECT r.expires_at FROM reservations r
         WHERE r.drop_id = d.id AND r.status = 'active' AND r.expires_at > (SELECT t FROM now)
         ORDER BY r.expires_at LIMIT 1) AS next
      FROM drops d WHERE d.reserved_stock > 0)
    SELECT
      ARRAY(
        SELECT id FROM held
        WHERE (first <= (SELECT t FROM now) OR cancelled_at IS NOT NULL AND first IS NOT NULL)
          AND id <> ALL(${except}::uuid[])
        ORDER BY least(first, cancelled_at)
        LIMIT ${limit}) AS "dropIds",
      (SELECT ceil(extract(epoch FROM min(next) - (SELECT t FROM now)) * 1000)::float8 FROM held) AS "nextIn"`;
  return due;
}

/**
 * How many holds have been over for more than a second and not ended: none, while a worker lives. Counts no further than
 * ten thousand and one.
 */
export async function countOverdueHolds(db: Database): Promise<number> {
  const [{ count }] = await db.$queryRaw<[{ count: number }]>`
    SELECT count(*)::int AS count FROM (
      SELECT FROM reservations
      WHERE status = 'active' AND expires_at <= (SELECT clock_timestamp() - interval '1 second')
      LIMIT ${MOST_COUNTED}) overdue`;
  return count;
}
