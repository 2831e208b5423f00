import type { Drop } from '../../api/client.js';

type Candidate = Pick<Drop, 'id' | 'dropStartsAt'>;

/** Whether no unit of the drop will be sold any more, unless an admin changes it. Units on hold may come back. */
export function isOver({ status, reservedStock }: Pick<Drop, 'status' | 'reservedStock'>): boolean {
  return status === 'ended' || status === 'cancelled' || (status === 'sold_out' && reservedStock === 0);
}

/**
 * The drop that opens next after one that was over at a time, in ms since 1970 by the server's clock. It may have opened since then.
 *
 * @param candidates upcoming drops and those on sale, in any order.
 */
export function nextDrop<Each extends Candidate>(
  over: Candidate,
  overAt: number,
  candidates: readonly Each[],
): Each | null {
  // A cancelled drop may have its start still before it.
  const from = Math.min(Date.parse(over.dropStartsAt), overAt);
  const later = candidates.filter(({ id, dropStartsAt }) => id !== over.id && Date.parse(dropStartsAt) > from);
  return later.toSorted((a, b) => Date.parse(a.dropStartsAt) - Date.parse(b.dropStartsAt))[0] ?? null;
}
