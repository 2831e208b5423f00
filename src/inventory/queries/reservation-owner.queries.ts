import type { BatchLoader } from '../../lib/batch-loader.js';
import { uuidList } from '../../lib/db/sql.js';
import type { Database } from '../../lib/db/database.js';

/** The members of a reservation that never change. */
interface ReservationOwner {
  readonly id: string;
  readonly userId: string;
  readonly dropId: string;
}

/** Loads the owner and the drop of a reservation; null if it does not exist. Concurrent calls share one query. */
export type ReservationOwnerLoader = BatchLoader<ReservationOwner | null>;

/** The owners and drops of the reservations with these ids, in their order; null for those that do not exist. */
export async function findReservationOwners(
  db: Database,
  ids: readonly string[],
): Promise<(ReservationOwner | null)[]> {
  const [{ owners }] = await db.$queryRaw<[{ owners: ReservationOwner[] }]>`
    SELECT coalesce(json_agg(json_build_object('id', r.id, 'userId', r.user_id, 'dropId', r.drop_id)), '[]') AS owners
    FROM reservations r WHERE r.id = ANY(string_to_array(${uuidList(ids)}, ',')::uuid[])`;
  const byId = new Map(owners.map((owner) => [owner.id, owner]));
  return ids.map((id) => byId.get(id) ?? null);
}
