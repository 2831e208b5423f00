import {
  loadCurrency,
  writeCancelled,
  writeDetails,
  writeEnded,
  writePaused,
  writePublished,
  writeResumed,
} from '../../inventory/queries/life-cycle.queries.js';
import {
  reclaimOverdueHolds,
  setChangeContext,
  writeReclaimedUnits,
  type ChangeContext,
} from '../../inventory/queries/stock.queries.js';
import type { ReclaimedHold, StockContext } from '../../inventory/stock-context.js';
import type { StockTransactions } from '../../inventory/stock-transaction.js';
import type { DropRow } from '../../inventory/drop-row.js';
import { DropNotFoundError } from '../../inventory/inventory-errors.js';
import { refuseViolations } from '../../lib/db/database-errors.js';
import { AppError, ValidationError } from '../../lib/errors/index.js';
import type { Publish } from '../../lib/publish.js';
import { decideAction, decideDetails, type ChangeDecision } from './changes.decide.js';
import { findDrops } from './drops.queries.js';
import type { ChangeDropBody, DropAction } from './changes.schema.js';
import { toDropResponse, type DropEvents, type DropResponse, type DropResponseSettings } from './drops.schema.js';

interface DropChangesDependencies extends DropResponseSettings {
  readonly stockTransactions: StockTransactions;
  readonly publish: Publish<DropEvents>;
}

/** A change of a drop other than of its stock. Its write may run again: it sets what is to be. */
interface DropChange {
  /** May load what it decides by. */
  readonly decide: (drop: DropRow, context: StockContext) => ChangeDecision | Promise<ChangeDecision>;
  /** Returns the holds that it reclaims. */
  readonly write: (context: StockContext) => Promise<readonly ReclaimedHold[] | void>;
  readonly event: keyof DropEvents;
}

export type DropChangesService = ReturnType<typeof createDropChangesService>;

/** Creates the service that changes the state and the details of drops. */
export function createDropChangesService({ stockTransactions, publish, ...settings }: DropChangesDependencies) {
  async function apply(dropId: string, { decide, write, event }: DropChange, by: ChangeContext): Promise<DropResponse> {
    const done = await stockTransactions.run(
      dropId,
      async (context) => {
        // 1. Lock: inventory/stock-transaction.ts
        // 2. Load
        const { drop, reclaimed } = await reclaimOverdueHolds(context);

        // 3. Decide
        const decision = await decide(drop, context);

        // 4. Write, the units of reclaimed holds in any case
        const reclaimedDrop = reclaimed.length > 0 ? await writeReclaimedUnits(context, reclaimed) : drop;
        await setChangeContext(context.tx, by);
        const released = (decision === 'write' ? await write(context) : null) ?? [];
        const changed = await readDrop(context);

        // The outcome; then 5. Commit and publish: inventory/stock-transaction.ts
        return {
          result: {
            drop: decision instanceof AppError ? decision : changed,
            hasChanged: changed.version > reclaimedDrop.version || context.mayHaveCommitted,
          },
          drop: changed,
          reclaimed: [...reclaimed, ...released],
          hasChanged: reclaimed.length + released.length > 0,
        };
      },
      { idempotent: true },
    );
    if (!done) throw new DropNotFoundError();
    const { drop, hasChanged } = done.result;
    if (drop instanceof AppError) throw drop;
    const response = toDropResponse(drop, settings);
    if (hasChanged) publish(event, response);
    return response;
  }

  return {
    /**
     * Changes the state of a drop. If it has that state already, nothing happens.
     *
     * @throws {DropNotFoundError | DropStateError | UnavailableError | OverloadedError | OutcomeUnknownError}
     */
    act(dropId: string, action: DropAction, by: ChangeContext): Promise<DropResponse> {
      const decide = (drop: DropRow) => decideAction(action, drop);
      const event = action === 'publish' ? 'new_drop' : 'drop_update';
      return apply(dropId, { decide, write: WRITES[action], event }, by);
    },

    /**
     * Changes details of a drop, for every request that follows. Members that are left out stay as they are.
     *
     * @throws {DropNotFoundError | DropStateError | CurrencyInUseError | ValidationError}
     * @throws {UnavailableError | OverloadedError | OutcomeUnknownError}
     */
    change(dropId: string, body: ChangeDropBody, by: ChangeContext): Promise<DropResponse> {
      const { currency: wanted } = body;
      const decide = async (drop: DropRow, context: StockContext) =>
        decideDetails(drop, wanted === undefined ? null : { wanted, ...(await loadCurrency(context)) });
      const write = (context: StockContext) => writeDetails(context, body);
      return apply(dropId, { decide, write, event: 'drop_update' }, by).catch(explainViolation(body));
    },
  };
}

const WRITES: Readonly<Record<DropAction, DropChange['write']>> = {
  publish: writePublished,
  pause: writePaused,
  resume: writeResumed,
  end: writeEnded,
  cancel,
};

/**
 * Cancels the drop and releases its holds, up to the limit of one transaction. The other ones cannot be purchased any more: the
 * worker releases them, like every other stock transaction of the drop.
 */
async function cancel(context: StockContext): Promise<readonly ReclaimedHold[]> {
  await writeCancelled(context);
  const { reclaimed } = await reclaimOverdueHolds(context);
  if (reclaimed.length > 0) await writeReclaimedUnits(context, reclaimed);
  return reclaimed;
}

/** The locked drop as the transaction leaves it. */
async function readDrop({ tx, dropId }: StockContext) {
  const [drop] = await findDrops(tx, [dropId]);
  if (!drop) throw new Error(`The locked drop ${dropId} does not exist`);
  return drop;
}

/** One of the two times may be the stored one, which only the database compares. */
function explainViolation({ dropEndsAt }: ChangeDropBody) {
  const issue = dropEndsAt
    ? { path: 'body.dropEndsAt', message: 'must be after the start', label: 'The end' }
    : { path: 'body.dropStartsAt', message: 'must be before the end', label: 'The start' };
  return refuseViolations({ drops_ends_after_start: () => new ValidationError([issue]) });
}
