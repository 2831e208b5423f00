import type { ReservationStatus } from '../../generated/prisma/enums.js';
import type { Database } from '../../lib/db/database.js';
import { toIso } from '../../lib/time.js';
import type { Stats } from './stats.schema.js';
import { countReservations } from './totals.queries.js';

type ReservationCounts = NonNullable<Stats['holds']>;

const MIN_COUNT_INTERVAL_MS = 10_000;
/** Counting takes at most a fiftieth of the time. */
const MIN_INTERVAL_PER_DURATION = 50;

/**
 * Counts all reservations by status. The count reads every row, so the result is kept for ten seconds, or longer where counting
 * is slow. `get` returns the last result, null before the first, and starts a count in the background when one is due.
 */
export function createReservationCounts(db: Database): { get(): ReservationCounts | null; stop(): Promise<void> } {
  let result: ReservationCounts | null = null;
  let dueAt = 0;
  let counting: Promise<void> | undefined;

  async function count(): Promise<void> {
    const startedAt = performance.now();
    try {
      const rows = await countReservations(db);
      const countOf = (status: ReservationStatus) => rows.find((row) => row.status === status)?.count ?? 0;
      result = {
        active: countOf('active'),
        completed: countOf('completed'),
        expired: countOf('expired'),
        released: countOf('released'),
        countedAt: toIso(rows[0]?.at ?? new Date()),
      };
    } catch {
      // A timeout keeps the last result. A lost connection fails the read of the totals too, which is logged.
    }
    const durationMs = performance.now() - startedAt;
    dueAt = performance.now() + Math.max(MIN_COUNT_INTERVAL_MS, durationMs * MIN_INTERVAL_PER_DURATION);
    counting = undefined;
  }

  return {
    get() {
      if (performance.now() >= dueAt) counting ??= count();
      return result;
    },
    async stop() {
      await counting;
    },
  };
}
