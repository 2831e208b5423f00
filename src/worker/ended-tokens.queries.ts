import type { Database } from '../lib/db/database.js';

/**
 * Deletes up to `limit` rows of ended tokens that have expired. A day later than that, so that a process whose clock is slow does
 * not accept an ended token again.
 *
 * @returns the users of the deleted rows.
 */
export async function deleteExpiredTokens(db: Database, limit: number): Promise<string[]> {
  const rows = await db.$queryRaw<{ userId: string }[]>`
    DELETE FROM ended_tokens
    WHERE id = ANY(ARRAY(
      SELECT e.id FROM ended_tokens e
      WHERE e.expires_at < statement_timestamp() - interval '1 day'
      ORDER BY e.expires_at
      LIMIT ${limit}))
    RETURNING user_id AS "userId"`;
  return rows.map(({ userId }) => userId);
}

/**
 * Takes the mark of ended tokens away from a user of whom none is left. A trigger waits for tokens that are being ended, and keeps
 * the mark if one was.
 */
export async function writeNoEndedTokens(db: Database, userId: string): Promise<void> {
  await db.$executeRaw`
    UPDATE users u SET has_ended_tokens = false
    WHERE u.id = ${userId}::uuid AND u.has_ended_tokens
      AND (SELECT e.id FROM ended_tokens e WHERE e.user_id = u.id LIMIT 1) IS NULL`;
}
