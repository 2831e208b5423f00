import type { ReservationStatus } from '../../generated/prisma/enums.js';
import type { Database } from '../../lib/db/database.js';
import { toIso } from '../../lib/time.js';
import type { Stats } from './stats.schema.js';

/** What the database has, at one moment. */
interface Totals extends Pick<Stats, 'at' | 'stock'> {
  /** Which of those asked about are admins. */
  readonly admins: readonly string[];
}

/** Reads the stock of all drops together, and which of these users are admins now. */
export async function readTotals(db: Database, userIds: readonly string[]): Promise<Totals> {
  const [{ at, admins, ...stock }] = await db.$queryRaw<[Stats['stock'] & { at: Date; admins: string[] }]>`
    SELECT clock_timestamp() AS at,
           ARRAY(SELECT id::text FROM users WHERE id = ANY(${userIds}::uuid[]) AND role = 'admin') AS admins,
           coalesce(sum(available_stock), 0)::float8 AS "availableStock",
           coalesce(sum(reserved_stock), 0)::float8 AS "reservedStock",
           coalesce(sum(sold_stock), 0)::float8 AS "soldStock",
           coalesce(sum(total_stock), 0)::float8 AS "totalStock"
    FROM drops`;
  return { at: toIso(at), admins, stock };
}

type Holds = NonNullable<Stats['holds']>;

/** ms. Between two counts of all reservations. */
const MIN_PAUSE = 10_000;
/** Of the time, counting takes at most one part in so many. */
const MAX_SHARE = 50;

/**
 * Counts all reservations by what became of them, which reads every one of them: a tenth of a second for a million. So what
 * was counted is given for ten seconds, and for longer where counting takes long; a count that becomes due is begun and not
 * waited for. Null before the first one is done.
 */
export function createHoldCount(db: Database): { get(): Holds | null; stop(): Promise<void> } {
  let counted: Holds | null = null;
  let due = 0;
  let counting: Promise<void> | undefined;

  async function count(): Promise<void> {
    const began = performance.now();
    try {
      const rows = await db.$queryRaw<{ status: ReservationStatus; count: number; at: Date }[]>`
        SELECT status, count(*)::float8 AS count, statement_timestamp() AS at FROM reservations GROUP BY status`;
      const countOf = (status: ReservationStatus) => rows.find((row) => row.status === status)?.count ?? 0;
      counted = {
        active: countOf('active'),
        completed: countOf('completed'),
        expired: countOf('expired'),
        released: countOf('released'),
        countedAt: toIso(rows[0]?.at ?? new Date()),
      };
    } catch {
      // It took too long, or the database is away, which whoever reads the totals finds out as well.
    }
    const took = performance.now() - began;
    due = performance.now() + Math.max(MIN_PAUSE, took * MAX_SHARE);
    counting = undefined;
  }

  return {
    get() {
      if (performance.now() >= due) counting ??= count();
      return counted;
    },
    async stop() {
      await counting;
    },
  };
}
