import type { Database } from '../lib/db/database.js';

/**
 * Deletes up to `limit` rows of ended tokens that have expired. A day later than that, so that a process whose clock is slow does
 * not accept an ended token again.
 *
 * @returns how many were deleted.
 */
export async function deleteExpiredTokens(db: Database, limit: number): Promise<number> {
  return db.$executeRaw`
    DELETE FROM ended_tokens
    WHERE id = ANY(ARRAY(
      SELECT e.id FROM ended_tokens e
      WHERE e.expires_at < statement_timestamp() - interval '1 day'
      ORDER BY e.expires_at
      LIMIT ${limit}))`;
}
