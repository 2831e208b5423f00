import type { Drop } from '../../api/client.js';
import { count, moment } from '../../ui/formats.js';

/** What an admin does to the state of a drop. */
export type DropAction = 'publish' | 'pause' | 'resume' | 'end' | 'cancel';

/** The actions that the API accepts in each state, the most usual one first. */
const ACTIONS: Readonly<Record<Drop['status'], readonly DropAction[]>> = {
  draft: ['publish'],
  scheduled: ['pause', 'cancel'],
  live: ['pause', 'end', 'cancel'],
  sold_out: ['pause', 'end', 'cancel'],
  paused: ['resume', 'end', 'cancel'],
  ended: ['cancel'],
  cancelled: [],
};

/**
 * The actions that the drop allows.
 *
 * @param now ms since 1970, by the server's clock.
 */
export function actionsOf({ status, dropStartsAt }: Drop, now: number): readonly DropAction[] {
  // A drop may be paused before its start, and ends after it.
  const canEnd = Date.parse(dropStartsAt) <= now;
  return ACTIONS[status].filter((action) => action !== 'end' || canEnd);
}

/** What a state means for the organiser. */
export const STATE_TEXTS: Readonly<Record<Drop['status'], (drop: Drop) => string>> = {
  draft: () => 'Only admins see it.',
  scheduled: ({ dropStartsAt }) => `Buyers see it. It opens ${moment(dropStartsAt)}.`,
  live: () => 'Buyers can reserve it.',
  sold_out: ({ reservedStock }) =>
    reservedStock > 0 ? 'No unit is left. Those in a cart come back if they are not bought.' : 'Every unit is bought.',
  paused: () => 'No unit can be reserved. Those in a cart can be bought.',
  ended: () => 'The sale is over. A later end opens it again.',
  cancelled: () => 'It is cancelled for good. What was bought stays bought.',
};

interface ActionTexts {
  /** Of the button, and of the one that confirms. */
  readonly label: string;
  /** While the request runs. */
  readonly busyLabel: string;
  /** What will happen. `now`: ms since 1970, by the server's clock. */
  readonly consequence: (drop: Drop, now: number) => string;
  /** What has happened, after the name of the drop. */
  readonly done: string;
}

export const ACTION_TEXTS: Readonly<Record<DropAction, ActionTexts>> = {
  publish: {
    label: 'Publish',
    busyLabel: 'Publishing …',
    consequence: (drop, now) => `Every buyer sees it, and ${opening(drop, now)}.`,
    done: 'is published',
  },
  pause: {
    label: 'Pause',
    busyLabel: 'Pausing …',
    consequence: () =>
      'No unit can be reserved until you resume the sale. Units that are in a cart can still be bought.',
    done: 'is paused',
  },
  resume: {
    label: 'Resume',
    busyLabel: 'Resuming …',
    consequence: (drop, now) => `The sale goes on: ${opening(drop, now)}.`,
    done: 'is resumed',
  },
  end: {
    label: 'End',
    busyLabel: 'Ending …',
    consequence: () =>
      'No unit can be reserved any more. Units that are in a cart can still be bought. To open the sale again, set a later end.',
    done: 'has ended',
  },
  cancel: {
    label: 'Cancel drop',
    busyLabel: 'Cancelling …',
    consequence: (drop) => `${cancelled(drop)} What was bought stays bought. This cannot be undone.`,
    done: 'is cancelled',
  },
};

function opening({ dropStartsAt }: Drop, now: number): string {
  return Date.parse(dropStartsAt) > now ? `it opens ${moment(dropStartsAt)}` : 'it can be reserved at once';
}

function cancelled({ reservedStock }: Drop): string {
  if (reservedStock === 0) return 'No unit is in a cart now.';
  return reservedStock === 1
    ? 'The reservation of one customer is cancelled, who is notified.'
    : `The reservations of ${count(reservedStock)} customers are cancelled, who are notified.`;
}
