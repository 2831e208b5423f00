import { uuidArray } from '../lib/db/arrays.js';
import type { Database } from '../lib/db/database.js';
import { createBatchLoader, type BatchLoader } from '../lib/batch-loader.js';
import type { Metrics } from '../lib/metrics.js';

/** What never changes of a reservation: whose it is, and of which drop. */
export interface ReservationOwner {
  readonly id: string;
  readonly userId: string;
  readonly dropId: string;
}

/** Finds out whose a reservation is; null if there is none. Lookups at the same time share one query. */
export type ReservationOwnerLoader = BatchLoader<ReservationOwner>;

export function createReservationOwnerLoader({
  db,
  metrics,
}: {
  db: Database;
  metrics: Metrics;
}): ReservationOwnerLoader {
  return createBatchLoader({
    name: 'hold-lookup',
    metrics,
    async find(ids) {
      const [{ holds }] = await db.$queryRaw<[{ holds: ReservationOwner[] }]>`
        SELECT coalesce(json_agg(json_build_object('id', r.id, 'userId', r.user_id, 'dropId', r.drop_id)), '[]') AS holds
        FROM reservations r WHERE r.id = ANY(${uuidArray(ids)})`;
      return holds;
    },
  });
}
