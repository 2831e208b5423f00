import { createBatcher } from '../batcher.js';
import type { Database } from '../db/database.js';
import type { Metrics } from '../metrics.js';

/** What never changes of a reservation: whose it is, and of which drop. */
export interface HoldOwner {
  readonly userId: string;
  readonly dropId: string;
}

/** Finds out whose a reservation is; null if there is none. Lookups at the same time share one query. */
export type HoldLookup = (reservationId: string) => Promise<HoldOwner | null>;

const MAX_BATCH = 1_000;

export function createHoldLookup({ db, metrics }: { db: Database; metrics: Metrics }): HoldLookup {
  const batcher = createBatcher<string, HoldOwner | null>({
    maxBatch: MAX_BATCH,
    maxRunning: 1,
    metrics: metrics.ofBatcher('hold-lookup'),
    async run(_key, ids) {
      const rows = await db.reservation.findMany({
        where: { id: { in: [...ids] } },
        select: { id: true, userId: true, dropId: true },
      });
      const found = new Map(rows.map((row) => [row.id, row]));
      return ids.map((id) => found.get(id) ?? null);
    },
  });
  return (reservationId) => batcher.submit('all', reservationId);
}
