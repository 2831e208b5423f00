import type { Database } from '../../../lib/db/database.js';

/** Accounts that one statement returns. */
export const MAX_CHANGED_ACCOUNTS = 1_000;

interface AccountChanges {
  /** The accounts, up to {@link MAX_CHANGED_ACCOUNTS}. */
  readonly userIds: readonly string[];
  /** What this statement has read up to: the next one's `seen`. */
  readonly snapshot: string;
}

/**
 * The accounts whose last change became visible after a snapshot. A change is compared by its transaction and not by its time, so
 * that one that commits late is found as well. If the database was replaced by one that is behind the snapshot, returns
 * what is being changed there now.
 */
export async function findAccountChanges(db: Database, seen: string): Promise<AccountChanges> {
  const [changes] = await db.$queryRaw<[AccountChanges]>`
    WITH read AS MATERIALIZED (
      SELECT pg_current_snapshot() AS now, ${seen}::pg_snapshot AS seen
    )
    SELECT (SELECT now::text FROM read) AS snapshot,
      ARRAY(
        SELECT c.user_id FROM account_changes c
        WHERE c.transaction_id >= (SELECT least(pg_snapshot_xmin(seen), pg_snapshot_xmin(now))::text::bigint FROM read)
          AND ((SELECT pg_snapshot_xmin(now) < pg_snapshot_xmin(seen) FROM read)
               OR NOT pg_visible_in_snapshot(c.transaction_id::text::xid8, (SELECT seen FROM read)))
        ORDER BY c.transaction_id, c.user_id
        LIMIT ${MAX_CHANGED_ACCOUNTS}) AS "userIds"`;
  return changes;
}
