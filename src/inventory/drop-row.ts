import { Prisma, type Drop } from '../generated/prisma/client.js';
import type { Transaction } from '../lib/db/database.js';
import { PREPARED } from '../lib/db/prepared-statements.js';
import type { DropStatus, InventoryUpdate } from './inventory.schema.js';

/**
 * A drop as raw queries read it, with the two things only the database knows: its state and the time. Without the columns
 * that serve to recognise a repeated request.
 */
export interface DropRow extends Omit<Drop, 'createdBy' | 'idempotencyKey' | 'requestHash'> {
  readonly status: DropStatus;
  /** The database's clock when the row was read. */
  readonly readAt: Date;
}

/** The columns of a {@link DropRow}, for a raw query in which the table `drops` is called `d`. */
export const DROP_COLUMNS = Prisma.sql`
  d.id, d.name, d.price,
  d.total_stock AS "totalStock", d.available_stock AS "availableStock",
  d.reserved_stock AS "reservedStock", d.sold_stock AS "soldStock",
  d.version, d.image_url AS "imageUrl",
  d.drop_starts_at AS "dropStartsAt", d.drop_ends_at AS "dropEndsAt", d.limit_per_user AS "limitPerUser",
  d.paused_at AS "pausedAt", d.cancelled_at AS "cancelledAt",
  d.created_at AS "createdAt", d.updated_at AS "updatedAt",
  drop_status(d) AS status, clock_timestamp() AS "readAt"`;

/** What units move between: the sum is zero, so that the total stays. */
export interface StockMove {
  readonly available: number;
  readonly reserved: number;
  readonly sold: number;
}

/** Something that is written of which each row moves units of the drop. */
export interface StockChange {
  /** For a WITH clause: the last table is called `done`, an INSERT or UPDATE … RETURNING. */
  readonly done: Prisma.Sql;
  /** What each row of `done` moves. */
  readonly move: StockMove;
  /** What to give back: an SQL query of one value, over `done`. */
  readonly result: Prisma.Sql;
}

/**
 * Writes a change, and the stock it moves, in the one statement of the service that changes stock: what moves is counted
 * where it is written. `released` units come back besides. Returns the row after it; null if nothing moved.
 */
export async function writeStock<Result>(
  tx: Transaction,
  dropId: string,
  released: number,
  { done, move, result }: StockChange,
): Promise<{ row: DropRow | null; result: Result }> {
  const [written] = await tx.$queryRaw<
    [(DropRow | { [Column in keyof DropRow]: null }) & { result: Result }]
  >`${PREPARED}
    WITH ${done}, moved AS (
      UPDATE drops d
      SET available_stock = available_stock + ${released}::int + ${move.available}::int * units,
          reserved_stock = reserved_stock - ${released}::int + ${move.reserved}::int * units,
          sold_stock = sold_stock + ${move.sold}::int * units
      FROM (SELECT count(*)::int AS units FROM done) AS counted
      WHERE d.id = ${dropId}::uuid AND ${released}::int + units > 0
      RETURNING ${DROP_COLUMNS}
    )
    SELECT (${result}) AS result, moved.* FROM (SELECT) AS always LEFT JOIN moved ON true`;
  const { result: given, ...row } = written;
  return { row: row.id === null ? null : row, result: given };
}

/** The event that tells a drop's stock. */
export function toInventoryUpdate(
  row: Pick<DropRow, 'id' | Exclude<keyof InventoryUpdate, 'dropId'>>,
): InventoryUpdate {
  const { id: dropId, availableStock, reservedStock, soldStock, totalStock, version, status } = row;
  return { dropId, availableStock, reservedStock, soldStock, totalStock, version, status };
}
