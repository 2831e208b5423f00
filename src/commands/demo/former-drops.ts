import { deleteDrop } from '../../inventory/queries/drop.queries.js';
import { lockDrop } from '../../inventory/queries/stock.queries.js';
import type { Database, Transaction } from '../../lib/db/database.js';
import { inTransaction } from '../../lib/db/transaction.js';
import type { Api } from './api.js';
import { DEMO_EMAIL_DOMAIN, type Participant } from './participants.js';

/** The name of the drop of each run, by which the next run finds it. */
export const DEMO_DROP_NAME = 'Demo: The rush';
/** By then a run has ended, whatever ended it. A younger drop that is open may belong to a run of another terminal. */
const LONGEST_RUN_MS = 120_000;

/**
 * Removes the drops of former runs with their reservations, purchases and buyers, so that the list has one demo at most. A drop in
 * which other accounts took part is cancelled instead: what they bought stays.
 */
export async function clearFormerDrops(db: Database, api: Api, organiser: Pick<Participant, 'token'>): Promise<void> {
  const former = await db.drop.findMany({
    where: {
      name: DEMO_DROP_NAME,
      cancelledAt: null,
      AND: [
        // The organiser of a run is removed with it. The drop of an admin who chose the same name stays.
        { OR: [{ createdBy: null }, { creator: { email: { endsWith: DEMO_EMAIL_DOMAIN } } }] },
        { OR: [{ dropEndsAt: { lte: new Date() } }, { createdAt: { lt: new Date(Date.now() - LONGEST_RUN_MS) } }] },
      ],
    },
    select: { id: true },
  });
  for (const { id } of former) {
    const isRemoved = await inTransaction(db, (tx) => removeDrop(tx, id));
    if (!isRemoved) await api.post(`/api/drops/${id}/cancel`, organiser.token, { reason: 'A newer run of the demo' });
  }
}

/** Returns whether the drop was removed: only buyers of the demo took part in it. */
async function removeDrop(tx: Transaction, dropId: string): Promise<boolean> {
  if (!(await lockDrop(tx, dropId))) return true;
  const holds = await tx.reservation.findMany({
    where: { dropId },
    select: { user: { select: { id: true, email: true } } },
  });
  if (holds.some(({ user }) => !user.email.endsWith(DEMO_EMAIL_DOMAIN))) return false;
  await tx.purchase.deleteMany({ where: { dropId } });
  await tx.reservation.deleteMany({ where: { dropId } });
  await deleteDrop(tx, dropId);
  const buyerIds = holds.map(({ user }) => user.id);
  await tx.user.deleteMany({ where: { id: { in: buyerIds }, reservations: { none: {} }, purchases: { none: {} } } });
  return true;
}
