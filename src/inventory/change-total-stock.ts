import { reclaimOverdueHolds, writeReclaimedUnits } from './queries/stock.queries.js';
import { writeTotalStock } from './queries/drop.queries.js';
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
    async (context) => {
      // 1. Lock: stock-transaction.ts
      // 2. Load
      const { drop, reclaimed } = await reclaimOverdueHolds(context);

      // 3. Decide
      const isPossible = drop.reservedStock + drop.soldStock <= totalStock;

      // 4. Write
      const reclaimedDrop = reclaimed.length > 0 ? await writeReclaimedUnits(context, reclaimed) : null;
      const written = (isPossible ? await writeTotalStock(context, totalStock) : null) ?? reclaimedDrop;

      // The outcome; then 5. Commit and publish: stock-transaction.ts
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
