import type { Prisma } from '../generated/prisma/client.js';
import { uuidArray } from '../lib/db/arrays.js';
import type { Transaction } from '../lib/db/database.js';
import { PREPARED } from '../lib/db/prepared-statements.js';
import { DROP_COLUMNS, type DropRow } from './drop-row.js';

/** A hold that was given back by the server. */
export interface ReleasedHold {
  readonly id: string;
  readonly userId: string;
  /** `released` if it still ran, and its drop was cancelled. */
  readonly status: 'expired' | 'released';
  /** ISO 8601. */
  readonly updatedAt: string;
  /** How long after its deadline it was ended, by the database's clock; less than 0 if it still ran. */
  readonly lateSeconds: number;
}

/** A drop as the first statement under its lock finds it. */
export interface OpenedDrop<Facts> {
  readonly row: DropRow;
  readonly released: readonly ReleasedHold[];
  readonly facts: Facts;
}

/**
 * Requests that one transaction serves, and overdue holds that it releases, at most: more would keep the lock longer than
 * they save. One number for both, since each request wants one unit: "sold out" is never said while an overdue hold is left.
 */
export const MAX_BATCH_SIZE = 256;

/**
 * Ends the drop's holds whose time is over by the database's clock, the oldest first, {@link MAX_BATCH_SIZE} at most,
 * and those of `users` in any case; if the drop was cancelled, holds that still run too. Returns them with the drop's row as read after
 * the lock, and whatever else is asked for in the same statement: an SQL expression about the drop, called `d`, and the
 * active holds of `users`, called `held`, as they were before the release.
 *
 * The caller holds the drop's lock and moves the stock.
 */
export async function openDrop<Facts>(
  tx: Transaction,
  dropId: string,
  users: readonly string[],
  facts: Prisma.Sql,
): Promise<OpenedDrop<Facts>> {
  // The clock is read once, in a sub-select: with the bare volatile function in the condition, no index would be used and
  // every active hold of the drop would be visited.
  const [opened] = await tx.$queryRaw<(DropRow & { released: ReleasedHold[]; facts: Facts })[]>`${PREPARED}
    WITH horizon AS MATERIALIZED (
      SELECT CASE WHEN d.cancelled_at IS NULL THEN clock_timestamp() ELSE 'infinity' END AS t
      FROM drops d WHERE d.id = ${dropId}::uuid
    ), held AS MATERIALIZED (
      -- OFFSET 0 keeps PostgreSQL from asking for user and drop at once: it then reads all holds of the drop for each user.
      SELECT mine.* FROM unnest(${uuidArray(users)}) AS of(user_id)
      CROSS JOIN LATERAL (SELECT * FROM reservations r WHERE r.user_id = of.user_id AND r.status = 'active' OFFSET 0) mine
      WHERE mine.drop_id = ${dropId}::uuid
    ), due AS (
      (SELECT r.id FROM reservations r
       WHERE r.drop_id = ${dropId}::uuid AND r.status = 'active' AND r.expires_at <= (SELECT t FROM horizon)
       ORDER BY r.expires_at
       LIMIT ${MAX_BATCH_SIZE})
      UNION
      (SELECT held.id FROM held WHERE held.expires_at <= (SELECT t FROM horizon))
    ), released AS (
      UPDATE reservations r
      SET status = (CASE WHEN r.expires_at <= clock_timestamp() THEN 'expired' ELSE 'released' END)::reservation_status
      -- Without a time at which it was settled, it is active. Asked for the status, PostgreSQL may take the index of active
      -- holds for short, as long as it has no statistics of them, and read all of it.
      WHERE r.id = ANY(ARRAY(SELECT id FROM due)) AND r.settled_at IS NULL
      RETURNING r.id, r.user_id, r.status, r.expires_at, r.updated_at
    )
    SELECT ${DROP_COLUMNS},
      (SELECT coalesce(jsonb_agg(jsonb_build_object('id', released.id, 'userId', released.user_id,
                                                    'status', released.status, 'updatedAt', released.updated_at,
                                                    'lateSeconds', extract(epoch FROM released.updated_at - released.expires_at))
                                 ORDER BY released.expires_at), '[]')
       FROM released) AS released,
      (${facts}) AS facts
    FROM drops d
    WHERE d.id = ${dropId}::uuid`;
  if (!opened) throw new Error(`drop ${dropId} vanished while it was locked`);
  const { released, facts: found, ...row } = opened;
  return { row, released, facts: found };
}

/**
 * Those of the holds that are as this release left them. It was rolled back if they are not, and somebody else may have
 * ended them since: for the same reason, but at another time.
 */
export async function stillAsReleased(tx: Transaction, holds: readonly ReleasedHold[]): Promise<ReleasedHold[]> {
  if (holds.length === 0) return [];
  const found = await tx.$queryRaw<{ id: string }[]>`
    SELECT r.id FROM unnest(${holds.map(({ id }) => id)}::uuid[], ${holds.map(({ updatedAt }) => updatedAt)}::timestamptz[])
      AS released(id, updated_at)
    JOIN reservations r ON r.id = released.id AND r.updated_at = released.updated_at AND r.status <> 'active'`;
  const ids = new Set(found.map(({ id }) => id));
  return holds.filter(({ id }) => ids.has(id));
}
