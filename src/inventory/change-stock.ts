import { IdempotencyKeyReusedError, type AppError } from '../lib/errors/index.js';
import { refuseViolations } from '../lib/db/database-errors.js';
import { timeOrderedId } from '../lib/time-ordered-id.js';
import type { DropRow } from './drop-row.js';
import { DropNotFoundError, DropStateError, StockInUseError, StockLimitError } from './inventory-errors.js';
import { MAX_TOTAL_STOCK } from './inventory.schema.js';
import { addStock, findStockChange, type StockChangeRow } from './queries/drop.queries.js';
import { reclaimOverdueHolds, setChangeContext, writeReclaimedUnits } from './queries/stock.queries.js';
import type { StockTransactions } from './stock-transaction.js';

/** A request of an admin to put units on sale, or to take them off. */
export interface StockRequest {
  readonly dropId: string;
  /** Units to add; negative: to take off. Not 0. */
  readonly delta: number;
  readonly reason: string | null;
  /** Id of the admin. */
  readonly actorId: string;
  readonly idempotencyKey: string | undefined;
}

type Decision = 'write' | 'replayed' | AppError;

/**
 * Adds units to a drop, or takes off some that are available. Published like every change of stock. With a key that the admin used
 * before for the same change, nothing changes.
 *
 * @returns whether an earlier request with the key has changed the stock.
 * @throws {DropNotFoundError | DropStateError | StockInUseError | StockLimitError | IdempotencyKeyReusedError}
 * @throws {UnavailableError | OverloadedError | OutcomeUnknownError}
 */
export async function changeStock(stockTransactions: StockTransactions, request: StockRequest): Promise<boolean> {
  const { dropId, delta, reason, actorId } = request;
  // Without a key of the client, one that is chosen before the first attempt: after a lost COMMIT, the second one finds the movement.
  const idempotencyKey = request.idempotencyKey ?? timeOrderedId();
  let hasRun = false;

  const change = await stockTransactions
    .run<Decision>(
      dropId,
      async (context) => {
        const { tx, mayHaveCommitted } = context;
        // 1. Lock: stock-transaction.ts
        // 2. Load
        const { drop, reclaimed } = await reclaimOverdueHolds(context);
        const earlier = await findStockChange(tx, { actorId, idempotencyKey });

        // 3. Decide
        const decision = decideStockChange(drop, request, earlier);

        // 4. Write
        const reclaimedDrop = reclaimed.length > 0 ? await writeReclaimedUnits(context, reclaimed) : null;
        if (decision === 'write') await setChangeContext(tx, { actorId, reason, idempotencyKey });
        const written = decision === 'write' ? await addStock(context, delta) : reclaimedDrop;

        // What the first run did not find, and a later one does, is what this request has written.
        const isOwn = decision === 'replayed' && mayHaveCommitted && hasRun;
        hasRun ||= decision === 'write';

        // The outcome; then 5. Commit and publish: stock-transaction.ts
        return { result: isOwn ? 'write' : decision, drop: written ?? drop, reclaimed, hasChanged: written !== null };
      },
      { idempotent: true },
    )
    .catch(explainViolation);

  if (!change) throw new DropNotFoundError();
  if (typeof change.result !== 'string') throw change.result;
  return change.result === 'replayed';
}

/** Decides about a change of stock. `drop` has the units of reclaimed holds available. */
export function decideStockChange(
  drop: Pick<DropRow, 'id' | 'status' | 'totalStock' | 'availableStock'>,
  { delta, reason }: Pick<StockRequest, 'delta' | 'reason'>,
  earlier: StockChangeRow | null,
): Decision {
  if (earlier) {
    const isSame = earlier.dropId === drop.id && earlier.delta === delta && earlier.reason === reason;
    return isSame ? 'replayed' : new IdempotencyKeyReusedError();
  }
  if (drop.status === 'cancelled' || drop.status === 'ended') return new DropStateError('change', drop.status);
  if (-delta > drop.availableStock) return new StockInUseError(drop.availableStock);
  const room = MAX_TOTAL_STOCK - drop.totalStock;
  if (delta > room) return new StockLimitError(room);
  return 'write';
}

const explainViolation = refuseViolations({
  // A concurrent request with the same key, for another drop, committed first.
  stock_movements_actor_id_idempotency_key_key: () => new IdempotencyKeyReusedError(),
});
