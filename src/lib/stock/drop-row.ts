import { Prisma, type Drop } from '../../generated/prisma/client.js';
import type { Transaction } from '../db/database.js';
import type { DropStatus, InventoryUpdate } from './stock.schema.js';

/** A drop as raw queries read it, with the two things only the database knows: its state and the time. */
export interface DropRow extends Drop {
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

/** Moves units of a drop; the one statement of the service that changes stock. Returns the row after it. */
export async function moveStock(tx: Transaction, dropId: string, move: StockMove): Promise<DropRow> {
  const [row] = await tx.$queryRaw<DropRow[]>`
    UPDATE drops d
    SET available_stock = available_stock + ${move.available},
        reserved_stock = reserved_stock + ${move.reserved},
        sold_stock = sold_stock + ${move.sold}
    WHERE d.id = ${dropId}::uuid
    RETURNING ${DROP_COLUMNS}`;
  if (!row) throw new Error(`drop ${dropId} vanished while it was locked`);
  return row;
}

/** The event that tells a drop's stock. */
export function toInventoryUpdate(row: DropRow): InventoryUpdate {
  const { id: dropId, availableStock, reservedStock, soldStock, totalStock, version, status } = row;
  return { dropId, availableStock, reservedStock, soldStock, totalStock, version, status };
}
