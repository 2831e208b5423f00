import type { Prisma } from '../../generated/prisma/client.js';
import type { Transaction } from '../../lib/db/database.js';
import { PREPARED } from '../../lib/db/prepared-statements.js';
import { DROP_COLUMNS, type DropRow } from '../drop-row.js';
import type { StockContext } from '../stock-context.js';

/**
 * A drop to create. What is null or left out is the database's: a start of now, no end, no limit, holds as long as the setting says;
 * it is published unless `published` is false.
 */
interface NewDrop {
  /** Chosen before the first attempt, so that a second one finds what the first one wrote. */
  readonly id: string;
  readonly name: string;
  readonly price: Prisma.Decimal | string;
  readonly totalStock: number;
  readonly imageUrl?: string | null;
  readonly dropStartsAt?: string | null;
  readonly dropEndsAt?: string | null;
  readonly limitPerUser?: number | null;
  readonly holdSeconds?: number | null;
  readonly published?: boolean | null;
  /** Id of the admin. */
  readonly createdBy: string;
  readonly idempotencyKey: string | null;
  readonly requestHash: string | null;
}

/** Creates a drop with all of its units available. Returns null if its id, or the admin's key, exists already. */
export async function insertDrop(tx: Transaction, drop: NewDrop): Promise<DropRow | null> {
  const [created] = await tx.$queryRaw<DropRow[]>`
    INSERT INTO drops AS d (id, name, price, total_stock, image_url, drop_starts_at, drop_ends_at, limit_per_user,
                            hold_seconds, published_at, created_by, idempotency_key, request_hash)
    VALUES (${drop.id}::uuid, ${drop.name}, ${drop.price}::numeric, ${drop.totalStock}, ${drop.imageUrl ?? null},
            coalesce(${drop.dropStartsAt ?? null}::timestamptz, date_trunc('milliseconds', clock_timestamp())),
            ${drop.dropEndsAt ?? null}::timestamptz, ${drop.limitPerUser ?? null}::int,
            ${drop.holdSeconds ?? null}::int, CASE WHEN ${drop.published ?? true}::boolean THEN clock_timestamp() END,
            ${drop.createdBy}::uuid, ${drop.idempotencyKey}, ${drop.requestHash})
    ON CONFLICT DO NOTHING
    RETURNING ${DROP_COLUMNS}`;
  return created ?? null;
}

/**
 * Sets how many units the drop has; the difference is added to the available ones. Fails if more are held and sold.
 *
 * @returns the drop after the change; null if it had this total already.
 */
export async function writeTotalStock({ tx, dropId }: StockContext, totalStock: number): Promise<DropRow | null> {
  const [drop] = await tx.$queryRaw<DropRow[]>`${PREPARED}
    UPDATE drops d
    SET total_stock = ${totalStock}::int, available_stock = ${totalStock}::int - reserved_stock - sold_stock
    WHERE d.id = ${dropId}::uuid AND total_stock <> ${totalStock}::int
    RETURNING ${DROP_COLUMNS}`;
  return drop ?? null;
}
