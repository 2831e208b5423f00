import { uuidArray } from '../db/arrays.js';
import type { Database } from '../db/database.js';
import { createLookup, type Lookup } from '../db/lookup.js';
import type { Metrics } from '../metrics.js';

/** What never changes of a reservation: whose it is, and of which drop. */
export interface HoldOwner {
  readonly id: string;
  readonly userId: string;
  readonly dropId: string;
}

/** Finds out whose a reservation is; null if there is none. Lookups at the same time share one query. */
export type HoldLookup = Lookup<HoldOwner>;

export function createHoldLookup({ db, metrics }: { db: Database; metrics: Metrics }): HoldLookup {
  return createLookup({
    name: 'hold-lookup',
    metrics,
    async find(ids) {
      const [{ holds }] = await db.$queryRaw<[{ holds: HoldOwner[] }]>`
        SELECT coalesce(json_agg(json_build_object('id', r.id, 'userId', r.user_id, 'dropId', r.drop_id)), '[]') AS holds
        FROM reservations r WHERE r.id = ANY(${uuidArray(ids)})`;
      return holds;
    },
  });
}
