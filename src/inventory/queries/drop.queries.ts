import type { Prisma } from '../../generated/prisma/client.js';
import type { Transaction } from '../../lib/db/database.js';
import { PREPARED } from '../../lib/db/prepared-statements.js';
import { DETAILED_DROP_COLUMNS, DROP_COLUMNS, type DetailedDropRow, type DropRow } from '../drop-row.js';
import type { StockContext } from '../stock-context.js';

/**
 * A drop to create. What is null or left out is the database's: dollars, no description, a start of now, no end, no limit, holds as
 * long as the setting says; it is published unless `published` is false.
 */
interface NewDrop {
  /** Chosen before the first attempt, so that a second one finds what the first one wrote. */
  readonly id: string;
  readonly name: string;
  readonly price: Prisma.Decimal | string;
  readonly currency?: string | null;
  readonly description?: string | null;
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
export async function insertDrop(tx: Transaction, drop: NewDrop): Promise<DetailedDropRow | null> {
  const [created] = await tx.$queryRaw<DetailedDropRow[]>`
    INSERT INTO drops AS d (id, name, price, currency, description, total_stock, image_url, drop_starts_at, drop_ends_at,
                            limit_per_user, hold_seconds, published_at, created_by, idempotency_key, request_hash)
    VALUES (${drop.id}::uuid, ${drop.name}, ${drop.price}::numeric, coalesce(${drop.currency ?? null}::text, 'USD'),
            ${drop.description ?? null}, ${drop.totalStock}, ${drop.imageUrl ?? null},
            coalesce(${drop.dropStartsAt ?? null}::timestamptz, date_trunc('milliseconds', clock_timestamp())),
            ${drop.dropEndsAt ?? null}::timestamptz, ${drop.limitPerUser ?? null}::int,
            ${drop.holdSeconds ?? null}::int, CASE WHEN ${drop.published ?? true}::boolean THEN clock_timestamp() END,
            ${drop.createdBy}::uuid, ${drop.idempotencyKey}, ${drop.requestHash})
    ON CONFLICT DO NOTHING
    RETURNING ${DETAILED_DROP_COLUMNS}`;
  return created ?? null;
}

/** Deletes a drop without reservations and purchases. Its ledger stays. */
export async function deleteDrop(tx: Transaction, dropId: string): Promise<void> {
  await tx.$executeRaw`DELETE FROM drops d WHERE d.id = ${dropId}::uuid`;
}

/** Adds units to the drop, available ones; or takes them off if `delta` is negative. Returns the drop after the change. */
export async function addStock({ tx, dropId }: StockContext, delta: number): Promise<DropRow> {
  const [drop] = await tx.$queryRaw<[DropRow]>`${PREPARED}
    UPDATE drops d
    SET total_stock = total_stock + ${delta}::int, available_stock = available_stock + ${delta}::int
    WHERE d.id = ${dropId}::uuid
    RETURNING ${DROP_COLUMNS}`;
  return drop;
}

/** A change of stock by an admin, as the ledger has it. */
export interface StockChangeRow {
  readonly dropId: string;
  /** Units that were added; negative: taken off. */
  readonly delta: number;
  readonly reason: string | null;
}

/** The change that the admin has made with this key; null if there is none. */
export async function findStockChange(
  tx: Transaction,
  { actorId, idempotencyKey }: { readonly actorId: string; readonly idempotencyKey: string },
): Promise<StockChangeRow | null> {
  const [found] = await tx.$queryRaw<StockChangeRow[]>`
    SELECT m.drop_id AS "dropId", m.delta_available + m.delta_reserved + m.delta_sold AS delta, m.reason
    FROM stock_movements m
    WHERE m.actor_id = ${actorId}::uuid AND m.idempotency_key = ${idempotencyKey}`;
  return found ?? null;
}
