import type { Drop } from '../api/client.js';

type Schedule = Pick<Drop, 'status' | 'dropStartsAt' | 'dropEndsAt' | 'availableStock'>;

/**
 * The state of a drop at a time, in ms since 1970 by the server's clock: a drop starts and ends without an event. Every state
 * that the page shows is read from here.
 */
export function stateAt({ status, dropStartsAt, dropEndsAt, availableStock }: Schedule, time: number): Drop['status'] {
  if (status === 'draft' || status === 'cancelled' || status === 'ended') return status;
  if (dropEndsAt !== null && Date.parse(dropEndsAt) <= time) return 'ended';
  if (status !== 'scheduled' || Date.parse(dropStartsAt) > time) return status;
  return availableStock === 0 ? 'sold_out' : 'live';
}
