import { Prisma } from '../generated/prisma/client.js';
import type { Database } from '../lib/db/database.js';

/** A drop whose counters contradict its reservations, purchases or ledger. */
interface StockMismatch {
  readonly dropId: string;
  readonly problems: readonly string[];
}

type Sum =
  | 'total' | 'available' | 'reserved' | 'sold' | 'version' | 'activeHolds' | 'completedHolds' | 'purchases'
  | 'movements' | 'replayedAvailable' | 'replayedReserved' | 'replayedSold' | 'brokenSteps'; // prettier-ignore
type Sums = Readonly<Record<Sum, number> & Record<'dropId', string>>;

/**
 * Checks every drop, or one: the counters add up and nothing is oversold, the reserved stock equals the active reservations,
 * the sold stock equals the purchases, and the ledger, replayed from its first row, has no gap and ends at the counters.
 *
 * One statement reads everything at one moment, so the check may run during a rush.
 *
 * @returns the drops with a contradiction.
 */
export async function verifyStock(db: Database, dropId?: string): Promise<readonly StockMismatch[]> {
  const rows = await db.$queryRaw<Sums[]>`
    SELECT d.id AS "dropId", d.total_stock AS total, d.available_stock AS available, d.reserved_stock AS reserved,
           d.sold_stock AS sold, d.version, holds.*, bought.*, ledger.*
    FROM drops d
    CROSS JOIN LATERAL (
      SELECT count(*) FILTER (WHERE status = 'active')::int AS "activeHolds",
             count(*) FILTER (WHERE status = 'completed')::int AS "completedHolds"
      FROM reservations r WHERE r.drop_id = d.id) holds
    CROSS JOIN LATERAL (SELECT count(*)::int AS purchases FROM purchases p WHERE p.drop_id = d.id) bought
    CROSS JOIN LATERAL (
      SELECT count(*)::int AS movements,
             coalesce(sum(delta_available), 0)::int AS "replayedAvailable",
             coalesce(sum(delta_reserved), 0)::int AS "replayedReserved",
             coalesce(sum(delta_sold), 0)::int AS "replayedSold",
             (count(*) FILTER (WHERE (available_stock, reserved_stock, sold_stock)
                IS DISTINCT FROM (run_available, run_reserved, run_sold)))::int AS "brokenSteps"
      FROM (SELECT m.*, sum(delta_available) OVER steps AS run_available, sum(delta_reserved) OVER steps AS run_reserved,
                   sum(delta_sold) OVER steps AS run_sold
            FROM stock_movements m WHERE m.drop_id = d.id
            WINDOW steps AS (ORDER BY version)) replay) ledger
    ${dropId === undefined ? Prisma.empty : Prisma.sql`WHERE d.id = ${dropId}::uuid`}
    ORDER BY d.created_at, d.id`;

  return rows
    .map((row) => ({ dropId: row.dropId, problems: problemsOf(row) }))
    .filter((row) => row.problems.length > 0);
}

function problemsOf(row: Sums): string[] {
  const expectations: [what: string, actual: number, expected: number][] = [
    ['available + reserved + sold against the total', row.available + row.reserved + row.sold, row.total],
    ['units sold or held beyond the total', Math.max(0, -row.available), 0],
    ['active holds against reserved stock', row.activeHolds, row.reserved],
    ['purchases against sold stock', row.purchases, row.sold],
    ['completed holds against purchases', row.completedHolds, row.purchases],
    ['movements in the ledger against the version', row.movements, row.version],
    ['available stock replayed from the ledger', row.replayedAvailable, row.available],
    ['reserved stock replayed from the ledger', row.replayedReserved, row.reserved],
    ['sold stock replayed from the ledger', row.replayedSold, row.sold],
    ['movements whose result is not the sum of those before', row.brokenSteps, 0],
  ];
  return expectations
    .filter(([, actual, expected]) => actual !== expected)
    .map(([what, actual, expected]) => `${what}: ${actual}, expected ${expected}`);
}
