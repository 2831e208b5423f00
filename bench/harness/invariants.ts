import { openDatabase } from '../../src/lib/db/database.js';
import { COMMAND_TIME_LIMITS } from '../../src/lib/db/pool-settings.js';
import type { Logger } from '../../src/lib/logger.js';
import { verifyStock } from '../../src/inventory/verify.js';
import type { BenchDatabase } from './database.js';

/** Number of requests by outcome: an HTTP status, `granted` or an error code. */
export type Outcomes = Readonly<Record<string, number>>;

/** Checks that the counters of every drop add up. Returns what does not. */
export async function violationsOfStock(databaseUrl: string, logger: Logger): Promise<string[]> {
  const { db, close } = openDatabase(databaseUrl, { logger, limits: COMMAND_TIME_LIMITS });
  try {
    return (await verifyStock(db)).flatMap(({ dropId, problems }) => problems.map((text) => `drop ${dropId}: ${text}`));
  } finally {
    await close();
  }
}

/** Checks that the drop has exactly as many active holds, and as much reserved stock, as requests were granted. */
export async function violationsOfHolds(database: BenchDatabase, dropId: string, granted: number): Promise<string[]> {
  const [row] = await database.query<{ holds: number; reserved: number }>(
    `SELECT (SELECT count(*)::int FROM reservations WHERE drop_id = $1 AND status = 'active') AS holds,
            (SELECT reserved_stock FROM drops WHERE id = $1) AS reserved`,
    [dropId],
  );
  if (row?.holds === granted && row.reserved === granted) return [];
  return [`${granted} requests were granted a unit; active holds: ${row?.holds}, reserved stock: ${row?.reserved}`];
}

export function violationsOfOutcomes(outcomes: Outcomes, expected: readonly string[]): string[] {
  const unexpected = Object.entries(outcomes).filter(([outcome]) => !expected.includes(outcome));
  return unexpected.map(([outcome, count]) => `${count} × ${outcome}, expected only ${expected.join(', ')}`);
}
