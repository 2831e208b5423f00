import type { ReservationStatus } from '../../generated/prisma/enums.js';
import type { Database } from '../../lib/db/database.js';
import { toIso } from '../../lib/time.js';
import type { Stats } from './stats.schema.js';

interface Totals extends Pick<Stats, 'at' | 'stock'> {
  /** Those of the given users who are admins. */
  readonly admins: readonly string[];
}

/** Reads the stock of all published drops together, and which of these users are admins now. */
export async function readTotals(db: Database, userIds: readonly string[]): Promise<Totals> {
  const [{ at, admins, ...stock }] = await db.$queryRaw<[Stats['stock'] & { at: Date; admins: string[] }]>`
    SELECT clock_timestamp() AS at,
           ARRAY(SELECT id::text FROM users WHERE id = ANY(${userIds}::uuid[]) AND role = 'admin') AS admins,
           coalesce(sum(available_stock), 0)::float8 AS "availableStock",
           coalesce(sum(reserved_stock), 0)::float8 AS "reservedStock",
           coalesce(sum(sold_stock), 0)::float8 AS "soldStock",
           coalesce(sum(total_stock), 0)::float8 AS "totalStock"
    FROM drops WHERE published_at IS NOT NULL`;
  return { at: toIso(at), admins, stock };
}

interface ReservationCount {
  readonly status: ReservationStatus;
  readonly count: number;
  readonly at: Date;
}

/** Counts all reservations by status: reads every row. A status without reservations has no entry. */
export async function countReservations(db: Database): Promise<ReservationCount[]> {
  return db.$queryRaw<ReservationCount[]>`
    SELECT status, count(*)::float8 AS count, statement_timestamp() AS at FROM reservations GROUP BY status`;
}
