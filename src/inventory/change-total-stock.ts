import { PREPARED } from '../lib/db/prepared-statements.js';
import { DROP_COLUMNS, type DropRow } from './drop-row.js';
import type { LockedDrop } from './locked-drop.js';
import { reclaimOverdueHolds, writeReclaimedUnits } from './queries/reclaim.queries.js';
import type { StockTransactions } from './stock-transaction.js';

/** Whether the total was changed, or stays because more units than that are held and sold. */
type TotalStockChange = 'changed' | 'below-held-and-sold';

/**
 * Changes how many units a drop has; the difference is added to the available units. Published like every change of stock.
 *
 * @returns the outcome and the drop after it; null if the drop does not exist.
 * @throws {UnavailableError | OverloadedError | OutcomeUnknownError}
 */
export function changeTotalStock(stockTransactions: StockTransactions, dropId: string, totalStock: number) {
  return stockTransactions.run<TotalStockChange>(
    dropId,
    async (locked) => {
      const { drop, reclaimed } = await reclaimOverdueHolds(locked);
      const isPossible = drop.reservedStock + drop.soldStock <= totalStock;
      const reclaimedDrop = reclaimed.length > 0 ? await writeReclaimedUnits(locked, reclaimed.length) : null;
      const written = (isPossible ? await writeTotalStock(locked, totalStock) : null) ?? reclaimedDrop;
      return {
        result: isPossible ? 'changed' : 'below-held-and-sold',
        drop: written ?? drop,
        reclaimed,
        hasChanged: written !== null,
      };
    },
    { idempotent: true },
  );
}

async function writeTotalStock({ tx, dropId }: LockedDrop, totalStock: number): Promise<DropRow | null> {
  const [drop] = await tx.$queryRaw<DropRow[]>`${PREPARED}
    UPDATE drops d
    SET total_stock = ${totalStock}::int, available_stock = ${totalStock}::int - reserved_stock - sold_stock
    WHERE d.id = ${dropId}::uuid AND total_stock <> ${totalStock}::int
    RETURNING ${DROP_COLUMNS}`;
  return drop ?? null;
}
