import { openDatabase } from '../../src/lib/db/database.js';
import type { Logger } from '../../src/lib/logger.js';
import { verifyStock } from '../../src/inventory/verify.js';
import type { BenchDatabase } from './database.js';

/** What came of the calls of a run, by status or by name. */
export type Outcomes = Readonly<Record<string, number>>;

/** Whether every drop of the database adds up. Says what does not. */
export async function violationsOfStock(databaseUrl: string, logger: Logger): Promise<string[]> {
  const { db, close } = openDatabase(databaseUrl, { logger });
  try {
    return (await verifyStock(db)).flatMap(({ dropId, problems }) => problems.map((text) => `drop ${dropId}: ${text}`));
  } finally {
    await close();
  }
}

/** Whether the drop has exactly as many holds, and as much reserved stock, as callers were told. */
export async function violationsOfHolds(database: BenchDatabase, dropId: string, granted: number): Promise<string[]> {
  const [row] = await database.query<{ holds: number; reserved: number }>(
    `SELECT (SELECT count(*)::int FROM reservations WHERE drop_id = $1 AND status = 'active') AS holds,
            (SELECT reserved_stock FROM drops WHERE id = $1) AS reserved`,
    [dropId],
  );
  if (row?.holds === granted && row.reserved === granted) return [];
  return [`${granted} were told they hold a unit; active holds: ${row?.holds}, reserved stock: ${row?.reserved}`];
}

/** Whether nothing came but what was expected. */
export function violationsOfOutcomes(outcomes: Outcomes, expected: readonly string[]): string[] {
  const unexpected = Object.entries(outcomes).filter(([outcome]) => !expected.includes(outcome));
  return unexpected.map(([outcome, count]) => `${count} × ${outcome}, where only ${expected.join(', ')} may come`);
}
