import { PREPARED } from '../../lib/db/prepared-statements.js';
import { DROP_COLUMNS, type DropRow } from '../drop-row.js';
import type { StockContext } from '../stock-context.js';

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
