import { uuidList } from '../../lib/db/sql.js';
import { PREPARED } from '../../lib/db/prepared-statements.js';
import { DROP_COLUMNS, dropOf, type DropRow, type MaybeDropRow } from '../drop-row.js';
import { MAX_BATCH_SIZE, type LoadedStock, type ReclaimedHold, type StockContext } from '../stock-context.js';
import { RESERVATION_COLUMNS, type ReservationJson } from '../reservation-row.js';
import { applyReclaim, countReclaimed, toLoadedStock } from './stock.queries.js';

/** A request to release a reservation, in a batch of requests for reservations of different users in one drop. */
export interface ReleaseRequest {
  /** The owner of the reservation. */
  readonly userId: string;
  readonly reservationId: string;
}

/** The state from which a batch of releases is decided. */
export interface ReleaseState extends LoadedStock {
  /** The reservations of the requests that exist, by id. */
  readonly reservations: ReadonlyMap<string, ReservationJson>;
}

/** Reclaims overdue holds (see {@link reclaimOverdueHolds}) and loads what decides about the requests. */
export async function loadReleaseState(
  { tx, dropId }: StockContext,
  requests: readonly ReleaseRequest[],
): Promise<ReleaseState> {
  const userIds = uuidList(requests.map(({ userId }) => userId));
  const ids = uuidList(requests.map(({ reservationId }) => reservationId));
  const [loaded] = await tx.$queryRaw<
    [DropRow & { reclaimed: ReclaimedHold[]; reservations: ReservationJson[] }]
  >`${PREPARED}
    WITH horizon AS MATERIALIZED (
      SELECT CASE WHEN d.cancelled_at IS NULL THEN clock_timestamp() ELSE 'infinity' END AS t
      FROM drops d WHERE d.id = ${dropId}::uuid
    ), held AS MATERIALIZED (
      -- OFFSET 0 makes PostgreSQL look up each user; a join could read all active holds.
      SELECT own.* FROM unnest(string_to_array(${userIds}, ',')::uuid[]) AS requester(user_id)
      CROSS JOIN LATERAL (
        SELECT * FROM reservations r
        WHERE r.user_id = requester.user_id AND r.drop_id = ${dropId}::uuid AND r.status = 'active' OFFSET 0) own
    ), due AS (
      (SELECT r.id FROM reservations r
       WHERE r.drop_id = ${dropId}::uuid AND r.settled_at IS NULL AND r.expires_at <= (SELECT t FROM horizon)
       ORDER BY r.expires_at
       LIMIT ${MAX_BATCH_SIZE})
      UNION
      (SELECT held.id FROM held WHERE held.expires_at <= (SELECT t FROM horizon))
    ), reclaimed AS (
      UPDATE reservations r
      SET status = (CASE WHEN r.expires_at <= clock_timestamp() THEN 'expired' ELSE 'released' END)::reservation_status
      WHERE r.id = ANY(ARRAY(SELECT id FROM due)) AND r.status::text = 'active'
      RETURNING r.id, r.user_id, r.status, r.expires_at, r.updated_at
    )
    SELECT ${DROP_COLUMNS},
      (SELECT coalesce(jsonb_agg(jsonb_build_object(
                'id', reclaimed.id, 'userId', reclaimed.user_id, 'status', reclaimed.status, 'updatedAt', reclaimed.updated_at,
                'lateSeconds', extract(epoch FROM reclaimed.updated_at - reclaimed.expires_at)) ORDER BY reclaimed.expires_at), '[]')
       FROM reclaimed) AS reclaimed,
      (SELECT coalesce(jsonb_agg(known), '[]')
       FROM (SELECT ${RESERVATION_COLUMNS} FROM reservations r
             WHERE r.id = ANY(string_to_array(${ids}, ',')::uuid[])) known) AS reservations
    FROM drops d
    WHERE d.id = ${dropId}::uuid`;
  const { reservations, ...row } = loaded;
  const current = applyReclaim(row.reclaimed);
  return { ...toLoadedStock(row), reservations: new Map(reservations.map((each) => [each.id, current(each)])) };
}

/**
 * Releases the active reservations whose time is not over, and moves their units from reserved to available, together with
 * the units of reclaimed holds.
 *
 * The deadline is compared with the time that is stored as `settled_at`, and with the clock once more, in case a session
 * that does not lock the drop had locked the row in the meantime.
 *
 * @returns the drop after the change, null if nothing changed; and the released reservations by id.
 */
export async function writeReleases(
  { tx, dropId }: StockContext,
  reservationIds: readonly string[],
  reclaimed: readonly ReclaimedHold[],
): Promise<{ readonly drop: DropRow | null; readonly released: ReadonlyMap<string, ReservationJson> }> {
  const { units: reclaimedUnits, expired } = countReclaimed(reclaimed);
  const [written] = await tx.$queryRaw<[MaybeDropRow & { released: ReservationJson[] }]>`${PREPARED}
    WITH settled AS (
      UPDATE reservations r
      SET status = 'released', settled_at = date_trunc('milliseconds', t)
      FROM clock_timestamp() AS t
      -- As text: see reserve.queries.ts.
      WHERE r.id = ANY(string_to_array(${uuidList(reservationIds)}, ',')::uuid[])
        AND r.status::text = 'active' AND r.expires_at > t AND r.expires_at > clock_timestamp()
      RETURNING ${RESERVATION_COLUMNS}
    ), moved AS (
      UPDATE drops d
      SET available_stock = available_stock + ${reclaimedUnits}::int + units,
          reserved_stock = reserved_stock - ${reclaimedUnits}::int - units
      FROM (SELECT count(*)::int AS units, set_config('drop_inventory.expired', ${expired}::int::text, true) FROM settled) AS counted
      WHERE d.id = ${dropId}::uuid AND ${reclaimedUnits}::int + units > 0
      RETURNING ${DROP_COLUMNS}
    )
    SELECT (SELECT coalesce(jsonb_agg(settled), '[]') FROM settled) AS released, moved.*
    FROM (SELECT) AS always LEFT JOIN moved ON true`;
  const { released, ...row } = written;
  return { drop: dropOf(row), released: new Map(released.map((each) => [each.id, each])) };
}
