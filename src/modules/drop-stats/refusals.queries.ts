import { textList, uuidList } from '../../lib/db/sql.js';
import type { Database, Transaction } from '../../lib/db/database.js';

/** Refused requests to reserve a drop, with one code. */
export interface RefusalCount {
  readonly dropId: string;
  readonly code: string;
  readonly refusals: number;
}

/**
 * Adds counts to the totals of their drops, and to the current minute of the database's clock. Counts of drops that do not exist
 * any more are left out. Rows are locked in the order of their keys, so that processes that write at the same time do not deadlock.
 */
export async function addRefusals(tx: Transaction, counts: readonly RefusalCount[]): Promise<void> {
  const dropIds = uuidList(counts.map(({ dropId }) => dropId));
  const codes = textList(counts.map(({ code }) => code));
  const refusals = counts.map((count) => count.refusals).join(',');
  await tx.$executeRaw`
    WITH counted AS MATERIALIZED (
      SELECT c.* FROM unnest(
        string_to_array(${dropIds}, ',')::uuid[],
        string_to_array(${codes}, chr(10)),
        string_to_array(${refusals}, ',')::bigint[]
      ) AS c(drop_id, code, refusals)
      WHERE (SELECT s.drop_id FROM drop_stats s WHERE s.drop_id = c.drop_id) IS NOT NULL
      ORDER BY c.drop_id, c.code
    ), totals AS (
      INSERT INTO drop_refusals AS total (drop_id, code, refusals)
      SELECT drop_id, code, refusals FROM counted
      ON CONFLICT (drop_id, code) DO UPDATE SET refusals = total.refusals + excluded.refusals
    )
    INSERT INTO drop_refusals_by_minute AS sum (drop_id, minute, code, refusals)
    SELECT drop_id, date_trunc('minute', statement_timestamp()), code, refusals FROM counted
    ON CONFLICT (drop_id, minute, code) DO UPDATE SET refusals = sum.refusals + excluded.refusals`;
}

/** Deletes up to `limit` counts of minutes that are older than 90 days, and returns how many. The totals stay. */
export function deleteOldMinutes(db: Database, limit: number): Promise<number> {
  return db.$executeRaw`
    DELETE FROM drop_refusals_by_minute
    WHERE (drop_id, minute, code) IN (
      SELECT m.drop_id, m.minute, m.code FROM drop_refusals_by_minute m
      WHERE m.minute < statement_timestamp() - interval '90 days'
      ORDER BY m.minute
      LIMIT ${limit}
      FOR UPDATE SKIP LOCKED)`;
}
