import type { Drop } from '../../api/client.js';
import { texts } from '../../texts/texts.js';
import { count, moment } from '../../ui/formats.js';

export const DROP_ACTIONS = ['publish', 'pause', 'resume', 'end', 'cancel'] as const;

/** What an admin does to the state of a drop. */
export type DropAction = (typeof DROP_ACTIONS)[number];

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

/** What its state means for the organiser. */
export function stateText({ status, availability, dropStartsAt }: Drop): string {
  const { states } = texts.admin;
  switch (status) {
    case 'scheduled':
      return states.scheduled(moment(dropStartsAt));
    case 'sold_out':
      return availability === 'all_held' ? states.allHeld : states.soldOut;
    default:
      return states[status];
  }
}

/**
 * What an action will do.
 *
 * @param now ms since 1970, by the server's clock.
 */
export function consequenceOf(action: DropAction, { dropStartsAt, reservedStock }: Drop, now: number): string {
  const opens = Date.parse(dropStartsAt) > now ? moment(dropStartsAt) : null;
  switch (action) {
    case 'publish':
      return texts.admin.publish.consequence(opens);
    case 'resume':
      return texts.admin.resume.consequence(opens);
    case 'cancel':
      return texts.admin.cancel.consequence(reservedStock, count(reservedStock));
    default:
      return texts.admin[action].consequence;
  }
}
