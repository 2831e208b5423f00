import type { Database } from '../db/database.js';

/** What is due, by the database's clock. */
export interface DueDrops {
  /** The drops with holds that whoever locks them would end, the oldest hold's first; so many at most. */
  readonly dropIds: readonly string[];
  /** ms from the look until the next running hold ends; null if none runs. */
  readonly nextIn: number | null;
}

/** Beyond it nobody needs to know how many there are. */
const MOST_COUNTED = 10_001;

/** Looks at up to `limit` drops with holds that are over, or that were cancelled, `except` for those, and at the next deadline. */
export async function findDueDrops(db: Database, limit: number, except: readonly string[] = []): Promise<DueDrops> {
  // The clock is read once: with the bare volatile function in a condition, no index would be used.
  const [due] = await db.$queryRaw<[DueDrops]>`
    WITH now AS MATERIALIZED (SELECT clock_timestamp() AS t)
    SELECT
      ARRAY(
        SELECT drop_id FROM (
          SELECT drop_id, min(expires_at) AS since FROM reservations
          WHERE status = 'active' AND expires_at <= (SELECT t FROM now)
          GROUP BY drop_id
          UNION ALL
          SELECT d.id, d.cancelled_at FROM drops d
          WHERE d.cancelled_at IS NOT NULL
            AND EXISTS (SELECT FROM reservations r WHERE r.drop_id = d.id AND r.status = 'active')) due
        WHERE drop_id <> ALL(${except}::uuid[])
        GROUP BY drop_id
        ORDER BY min(since)
        LIMIT ${limit}) AS "dropIds",
      (SELECT ceil(extract(epoch FROM min(expires_at) - (SELECT t FROM now)) * 1000)::float8
       FROM reservations WHERE status = 'active' AND expires_at > (SELECT t FROM now)) AS "nextIn"`;
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
