import { Prisma } from '../../generated/prisma/client.js';
import type { Database } from '../../lib/db/database.js';

type Sum =
  | 'total' | 'available' | 'reserved' | 'sold' | 'version' | 'activeHolds' | 'completedHolds' | 'purchases'
  | 'movements' | 'replayedAvailable' | 'replayedReserved' | 'replayedSold' | 'brokenSteps'; // prettier-ignore
/** The counters of a drop, and the sums that they have to agree with. */
export type StockSums = Readonly<Record<Sum, number> & Record<'dropId', string>>;

/** Sums up every drop, or one. One statement reads everything at one moment, so it may run during a rush. */
export async function sumStock(db: Database, dropId?: string): Promise<readonly StockSums[]> {
  return db.$queryRaw<StockSums[]>`
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
}
