import type { Database } from '../../lib/db/database.js';

/** Active holds of one account that are read at a time. */
const MAX_HOLDS = 256;

export interface HoldOfDrop {
  readonly id: string;
  readonly dropId: string;
}

/**
 * Up to {@link MAX_HOLDS} active holds of a closed account. None if it is not closed, or has been enabled: its holds are kept, and
 * so are those that its user makes from then on.
 */
export async function findActiveHolds(db: Database, userId: string): Promise<HoldOfDrop[]> {
  return db.$queryRaw<HoldOfDrop[]>`
    SELECT r.id, r.drop_id AS "dropId" FROM reservations r
    WHERE r.user_id = ${userId}::uuid AND r.status = 'active'
      AND (SELECT u.has_holds_to_release FROM users u WHERE u.id = ${userId}::uuid)
    LIMIT ${MAX_HOLDS}`;
}

/** The closed accounts whose active holds wait to be released, up to `limit`. */
export async function findAccountsWithHoldsToRelease(db: Database, limit: number): Promise<string[]> {
  const rows = await db.$queryRaw<{ id: string }[]>`
    SELECT u.id FROM users u WHERE u.has_holds_to_release ORDER BY u.id LIMIT ${limit}`;
  return rows.map(({ id }) => id);
}

/**
 * Records that the holds of a closed account are released, unless one is left. None can follow: reservations lock the account,
 * and are not created for a closed one.
 */
export async function writeHoldsReleased(db: Database, userId: string): Promise<void> {
  await db.$executeRaw`
    UPDATE users u SET has_holds_to_release = false
    WHERE u.id = ${userId}::uuid AND u.has_holds_to_release
      AND (SELECT r.id FROM reservations r WHERE r.user_id = u.id AND r.status = 'active' LIMIT 1) IS NULL`;
}
