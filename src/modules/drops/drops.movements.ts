import { Prisma } from '../../generated/prisma/client.js';
import type { Database } from '../../lib/db/database.js';
import { toIso } from '../../lib/time.js';
import type { MovementResponse, MovementsQuery } from './drops.schema.js';

interface MovementRow extends Omit<MovementResponse, 'createdAt'> {
  readonly createdAt: Date;
  readonly totalItems: number;
}

/**
 * Reads how a drop stood at `limit` moments at most, evenly distributed over its movements: the last one before `since`, or
 * the first of all, up to the newest. `totalItems` counts those between, too. Without a drop there are none.
 *
 * A drop of a million movements costs no more than one of a thousand. Its versions have no gaps, and each is found by the
 * primary key: twenty of them in search of `since`, which has no index, since times rise with the versions; then those that
 * are told.
 */
export async function readMovements(db: Database, dropId: string, { since, limit }: MovementsQuery) {
  const rows = await db.$queryRaw<MovementRow[]>`
    WITH RECURSIVE ledger AS (
      -- Each a look at one end of the index; in a join, every movement would be read for them.
      SELECT (SELECT min(version) FROM stock_movements WHERE drop_id = d.id) AS first,
             (SELECT max(version) FROM stock_movements WHERE drop_id = d.id) AS newest
      FROM drops d WHERE d.id = ${dropId}::uuid
    ), search (low, high) AS (
      -- The version looked for is always one of low to high; the middle is rounded up, so that each step leaves fewer.
      SELECT first, CASE WHEN ${since ?? null}::timestamptz IS NULL THEN first ELSE newest END FROM ledger
      UNION ALL
      SELECT CASE WHEN m.created_at <= ${since ?? null}::timestamptz THEN m.version ELSE low END,
             CASE WHEN m.created_at <= ${since ?? null}::timestamptz THEN high ELSE m.version - 1 END
      FROM search CROSS JOIN LATERAL (${movementOf(dropId, Prisma.sql`low + (high - low + 1) / 2`)}) m
      WHERE low < high
    ), span AS (
      SELECT newest, newest - low + 1 AS total, least(newest - low + 1, ${limit}::int) AS told
      FROM ledger, search WHERE low = high
    )
    SELECT m.version, m.available_stock AS "availableStock", m.reserved_stock AS "reservedStock",
           m.sold_stock AS "soldStock", m.created_at AS "createdAt", span.total AS "totalItems"
    FROM span
    CROSS JOIN LATERAL generate_series(0, told - 1) AS place
    -- As bigint: a million versions times a thousand places is more than an integer holds.
    CROSS JOIN LATERAL (
      ${movementOf(dropId, Prisma.sql`newest - (place::bigint * (total - 1) / greatest(told - 1, 1))::int`)}
    ) m
    ORDER BY m.version`;
  return {
    movements: rows.map(({ totalItems: _, createdAt, ...row }): MovementResponse => ({
      ...row,
      createdAt: toIso(createdAt),
    })),
    totalItems: rows[0]?.totalItems ?? 0,
  };
}

/** OFFSET 0 keeps PostgreSQL from joining in another way, for which it would read all movements of the drop. */
function movementOf(dropId: string, version: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`SELECT * FROM stock_movements WHERE drop_id = ${dropId}::uuid AND version = ${version} OFFSET 0`;
}
