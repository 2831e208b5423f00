import { Prisma } from '../../generated/prisma/client.js';
import type { DropStatus } from '../../inventory/inventory.schema.js';
import type { Database } from '../../lib/db/database.js';
import type { Poll } from './visibility-horizon.js';

export interface MovedDrop {
  readonly dropId: string;
  readonly version: number;
  /** Its latest version that changed more than the state of units: the creation, a detail, or the total. */
  readonly editVersion: number | null;
  /** Whether it was published since the time from which the ledger was read: as it was created, or later. */
  readonly isNew: boolean;
  /** Its status when it was read; null if the drop has been deleted. */
  readonly status: DropStatus | null;
}

export interface StartedOrEndedDrop {
  readonly dropId: string;
  readonly version: number;
  readonly status: DropStatus;
}

interface PollResult {
  readonly poll: Poll;
  /** Identifies the database that was read. */
  readonly epoch: string;
  readonly moved: readonly MovedDrop[];
  readonly startedOrEnded: readonly StartedOrEndedDrop[];
  /** When the next drop starts or ends, by `performance.now()`; Infinity if none will. */
  readonly nextStartOrEndAt: number;
}

interface PollRow {
  readonly time: Date;
  readonly epoch: string;
  readonly open: string[];
  readonly moved: MovedDrop[];
  readonly startedOrEnded: StartedOrEndedDrop[];
  readonly dueIn: number | null;
}

/**
 * Reads the drops that moved since `movedSince`, and those that started or ended after `clockSince`; null skips either part.
 * It is one statement, so that both parts see the same state: if a drop's start is read, so is its creation.
 *
 * The starts and ends are read one by one along their indexes, up to the first in the future, and the ledger in chunks from
 * `movedSince` to its end: with outdated statistics, PostgreSQL would read a range by scanning the whole table (docs/adr/0039).
 */
export async function pollLedger(db: Database, movedSince: Date | null, clockSince: Date | null): Promise<PollResult> {
  const [row] = await db.$queryRaw<[PollRow]>`
    WITH RECURSIVE chunk (movements, newest) AS (
      SELECT NULL::stock_movements[], ${movedSince}::timestamptz - interval '1 ms'
      UNION ALL
      SELECT following.* FROM chunk CROSS JOIN LATERAL (
        SELECT array_agg(movement), max(created_at) FROM (
          SELECT m AS movement, m.created_at FROM stock_movements m
          WHERE m.created_at > chunk.newest
          ORDER BY m.created_at
          -- With those of the same millisecond as the last one, so that the next chunk begins after it.
          FETCH FIRST 100 ROWS WITH TIES) found) following
      WHERE chunk.newest IS NOT NULL
    ), due AS (${timesUpToNext(Prisma.sql`drop_starts_at`, clockSince)}
                 UNION ALL ${timesUpToNext(Prisma.sql`drop_ends_at`, clockSince)}),
    reached AS (
      SELECT id AS "dropId", state.version, state.status
      FROM (SELECT DISTINCT id FROM due WHERE at <= statement_timestamp()) passed
      CROSS JOIN LATERAL (SELECT d.version, drop_status(d) AS status FROM drops d
                          WHERE d.id = passed.id AND d.published_at IS NOT NULL LIMIT 1) state)
    SELECT date_trunc('milliseconds', statement_timestamp()) AS time,
      (SELECT database_epoch()) AS epoch,
      ARRAY(SELECT transactionid::text FROM pg_locks
            WHERE locktype = 'transactionid' AND mode = 'ExclusiveLock' AND granted) AS open,
      (SELECT coalesce(jsonb_agg(m), '[]') FROM (
         SELECT drop_id AS "dropId", max(version) AS version,
                coalesce((SELECT d.published_at >= ${movedSince}::timestamptz FROM drops d WHERE d.id = drop_id), false) AS "isNew",
                max(version) FILTER (WHERE cause IS NULL OR cause IN ('create', 'adjust', 'edit') OR changed IS NOT NULL)
                  AS "editVersion",
                (SELECT drop_status(d) FROM drops d WHERE d.id = drop_id) AS status
         FROM chunk CROSS JOIN LATERAL unnest(chunk.movements) AS movement
         GROUP BY drop_id) m) AS moved,
      (SELECT coalesce(jsonb_agg(r), '[]') FROM reached r) AS "startedOrEnded",
      (SELECT ceil(extract(epoch FROM min(at) - clock_timestamp()) * 1000)::float8 FROM due
       WHERE at > statement_timestamp()) AS "dueIn"`;
  const { time, open, epoch, moved, startedOrEnded, dueIn } = row;
  const at = performance.now();
  return { poll: { time, open, at }, epoch, moved, startedOrEnded, nextStartOrEndAt: at + (dueIn ?? Infinity) };
}

/** A query for the drops whose time in this column is after `since`, in order, up to the first in the future. */
function timesUpToNext(column: Prisma.Sql, since: Date | null): Prisma.Sql {
  return Prisma.sql`(
    WITH RECURSIVE times AS (
      (SELECT ${column} AS at, id FROM drops
       WHERE ${column} > ${since}::timestamptz
       ORDER BY ${column}, id LIMIT 1)
      UNION ALL
      SELECT next.at, next.id FROM times CROSS JOIN LATERAL (
        SELECT d.${column} AS at, d.id FROM drops d
        WHERE (d.${column}, d.id) > (times.at, times.id)
        ORDER BY d.${column}, d.id LIMIT 1) next
      WHERE times.at <= statement_timestamp())
    SELECT * FROM times)`;
}
