import type { TestDatabase } from './database.js';
import { until } from './locks.js';
import { withClient } from './test-server.js';

/** Index entries, and rows of sequential scans, that were read of each table. */
export type EntriesRead = Readonly<Record<string, number>>;

/** The statistics views of PostgreSQL 15 and later are complete once a session has ended, so `work` has to close its own. */
const READ = `
  SELECT relname AS "table", (seq_tup_read + coalesce(sum(idx_tup_read), 0))::float8 AS entries
  FROM pg_stat_user_tables tables LEFT JOIN pg_stat_user_indexes USING (relid, relname)
  GROUP BY relid, relname, seq_tup_read`;

/**
 * Returns what `work` reads of each table, by PostgreSQL's own counters. Every session that `work` uses must have been closed
 * when it resolves, and no other may read the tables.
 */
export async function entriesReadBy(database: TestDatabase, work: () => Promise<unknown>): Promise<EntriesRead> {
  const before = await counters(database);
  await work();
  const after = await counters(database);
  return Object.fromEntries(Object.entries(after).map(([table, count]) => [table, count - (before[table] ?? 0)]));
}

/** The sum over these tables; all if none is named. */
export function totalOf(read: EntriesRead, tables: readonly string[] = Object.keys(read)): number {
  return tables.reduce((sum, table) => sum + (read[table] ?? 0), 0);
}

function counters({ url }: TestDatabase): Promise<Record<string, number>> {
  return withClient(url, async (client) => {
    await until('all other sessions to end', async () => {
      const { rows } = await client.query(
        `SELECT FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`,
      );
      return rows.length === 0;
    });
    const { rows } = await client.query<{ table: string; entries: number }>(READ);
    return Object.fromEntries(rows.map(({ table, entries }) => [table, entries]));
  });
}
