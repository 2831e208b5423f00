import { CurrencyInUseError, DropStateError } from '../../inventory/inventory-errors.js';
import type { DropRow } from '../../inventory/drop-row.js';
import type { DropStatus } from '../../inventory/inventory.schema.js';
import type { CurrencyState } from '../../inventory/queries/life-cycle.queries.js';
import type { DropAction } from './changes.schema.js';

/** Whether a change is written, whether nothing is left to do, or why it is refused. */
export type ChangeDecision = 'write' | 'nothing' | DropStateError | CurrencyInUseError;

type DecidedDrop = Pick<DropRow, 'status' | 'dropStartsAt' | 'readAt'>;

/** What an action does in a state. It is refused in the states that are left out. */
const ACTIONS: Readonly<Record<DropAction, Readonly<Partial<Record<DropStatus, 'write' | 'nothing'>>>>> = {
  publish: {
    draft: 'write',
    scheduled: 'nothing',
    live: 'nothing',
    sold_out: 'nothing',
    paused: 'nothing',
    ended: 'nothing',
  },
  pause: { scheduled: 'write', live: 'write', sold_out: 'write', paused: 'nothing' },
  resume: { paused: 'write', scheduled: 'nothing', live: 'nothing', sold_out: 'nothing' },
  end: { live: 'write', sold_out: 'write', paused: 'write', ended: 'nothing' },
  cancel: {
    scheduled: 'write',
    live: 'write',
    sold_out: 'write',
    paused: 'write',
    ended: 'write',
    cancelled: 'nothing',
  },
};

/** Decides about an action by the state of the drop. */
export function decideAction(action: DropAction, { status, dropStartsAt, readAt }: DecidedDrop): ChangeDecision {
  // A drop ends after its start, and may be paused before.
  if (action === 'end' && status === 'paused' && dropStartsAt > readAt)
    return new DropStateError(action, status, 'scheduled');
  return ACTIONS[action][status] ?? new DropStateError(action, status);
}

/** A new currency, and the state that decides about it. */
export interface CurrencyChange extends CurrencyState {
  readonly wanted: string;
}

/**
 * Decides about new details: every drop can be changed but a cancelled one, and its currency until a unit was reserved. An end in
 * the future opens a drop that has ended.
 *
 * @param change null: the currency is left out.
 */
export function decideDetails(
  { status }: Pick<DecidedDrop, 'status'>,
  change: CurrencyChange | null = null,
): ChangeDecision {
  if (status === 'cancelled') return new DropStateError('change', status);
  return change?.isFixed && change.wanted !== change.currency ? new CurrencyInUseError(change.currency) : 'write';
}
