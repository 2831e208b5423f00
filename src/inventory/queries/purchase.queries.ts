import { Prisma, type Purchase } from '../../generated/prisma/client.js';
import { columnList, textList, uuidList } from '../../lib/db/sql.js';
import { PREPARED } from '../../lib/db/prepared-statements.js';
import { DROP_COLUMNS, dropOf, type DropRow, type MaybeDropRow } from '../drop-row.js';
import { MAX_BATCH_SIZE, type LoadedStock, type ReclaimedHold, type StockContext } from '../stock-context.js';
import { RESERVATION_COLUMNS, type ReservationJson } from '../reservation-row.js';
import { applyReclaim, countReclaimed, toLoadedStock } from './stock.queries.js';

/** A request to purchase the unit of a reservation, in a batch of requests of different users for one drop. */
export interface PurchaseRequest {
  /** The id of the purchase to create. A second run of the batch finds by it what the first run wrote. */
  readonly id: string;
  readonly userId: string;
  readonly reservationId: string;
  readonly idempotencyKey: string | undefined;
}

/** The stored columns of a {@link PurchaseJson}. The price is text, because JSON's numbers are not exact. */
const STORED_COLUMNS = {
  id: 'id',
  userId: 'user_id',
  dropId: 'drop_id',
  reservationId: 'reservation_id',
  price: 'price::text',
  createdAt: 'created_at',
  updatedAt: 'updated_at',
} as const satisfies Partial<Record<keyof Purchase, string>>;

/** A purchase as PostgreSQL returns it in JSON. */
export type PurchaseJson = Readonly<Record<keyof typeof STORED_COLUMNS, string>>;

/** The columns of a {@link PurchaseJson}, for a raw query in which the table `purchases` has the alias `p`. */
export const PURCHASE_COLUMNS = Prisma.raw(columnList('p', STORED_COLUMNS));

export interface PurchaseRecords {
  readonly reservation: ReservationJson;
  /** The purchase that was created with the user's idempotency key. */
  readonly keyed: PurchaseJson | null;
  /** The purchase that an earlier run of this batch created for this request. */
  readonly created: PurchaseJson | null;
}

/** The state from which a batch of purchases is decided. */
export interface PurchaseState extends LoadedStock {
  /** By the reservation's id. Requests whose reservation does not exist have no entry. */
  readonly records: ReadonlyMap<string, PurchaseRecords>;
}

/** Reclaims overdue holds (see {@link reclaimOverdueHolds}) and loads what decides about the requests. */
export async function loadPurchaseState(
  { tx, dropId, mayHaveCommitted }: StockContext,
  requests: readonly PurchaseRequest[],
): Promise<PurchaseState> {
  const userIds = uuidList(requests.map(({ userId }) => userId));
  const reservationIds = uuidList(requests.map(({ reservationId }) => reservationId));
  const keys = textList(requests.map(({ idempotencyKey }) => idempotencyKey ?? null));
  // An array that is shorter than the others is filled up with NULL.
  const ids = uuidList(mayHaveCommitted ? requests.map(({ id }) => id) : []);
  const [loaded] = await tx.$queryRaw<
    [DropRow & { reclaimed: ReclaimedHold[]; records: PurchaseRecords[] }]
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
      (SELECT coalesce(jsonb_agg(known), '[]') FROM (
         SELECT (SELECT to_jsonb(found) FROM (SELECT ${RESERVATION_COLUMNS}) found) AS reservation,
           CASE WHEN requested.key IS NOT NULL THEN
             (SELECT to_jsonb(found) FROM (
                SELECT ${PURCHASE_COLUMNS} FROM purchases p
                WHERE p.user_id = r.user_id AND p.idempotency_key = requested.key) found) END AS keyed,
           CASE WHEN requested.id IS NOT NULL THEN
             (SELECT to_jsonb(found) FROM (
                SELECT ${PURCHASE_COLUMNS} FROM purchases p WHERE p.id = requested.id) found) END AS created
         FROM unnest(
           string_to_array(${reservationIds}, ',')::uuid[],
           string_to_array(${keys}, chr(10), ''),
           string_to_array(${ids}, ',')::uuid[]
         ) AS requested(reservation_id, key, id)
         JOIN reservations r ON r.id = requested.reservation_id
       ) known) AS records
    FROM drops d
    WHERE d.id = ${dropId}::uuid`;
  const { records, ...row } = loaded;
  const current = applyReclaim(row.reclaimed);
  const known = records.map((each): [string, PurchaseRecords] => [
    each.reservation.id,
    { ...each, reservation: current(each.reservation) },
  ]);
  return { ...toLoadedStock(row), records: new Map(known) };
}

/**
 * Completes the active reservations whose time is not over, creates their purchases at the prices of the holds, and moves as many
 * units from reserved to sold; the units of reclaimed holds go back on sale in the same UPDATE.
 *
 * The deadline is compared with the time that is stored as `settled_at`, and with the clock once more, in case a session
 * that does not lock the drop had locked the row in the meantime.
 *
 * @returns the drop after the change, null if nothing changed; and the purchases by the ids of their requests.
 */
export async function writePurchases(
  { tx, dropId }: StockContext,
  requests: readonly PurchaseRequest[],
  reclaimed: readonly ReclaimedHold[],
): Promise<{ readonly drop: DropRow | null; readonly purchases: ReadonlyMap<string, PurchaseJson> }> {
  const { units: reclaimedUnits, expired } = countReclaimed(reclaimed);
  const ids = uuidList(requests.map(({ id }) => id));
  const reservationIds = uuidList(requests.map(({ reservationId }) => reservationId));
  const keys = textList(requests.map(({ idempotencyKey }) => idempotencyKey ?? null));
  const [written] = await tx.$queryRaw<[MaybeDropRow & { purchases: PurchaseJson[] }]>`${PREPARED}
    WITH requested AS (
      SELECT * FROM unnest(
        string_to_array(${ids}, ',')::uuid[],
        string_to_array(${reservationIds}, ',')::uuid[],
        string_to_array(${keys}, chr(10), '')
      ) AS requested(id, reservation_id, key)
    ), settled AS (
      UPDATE reservations r
      SET status = 'completed', settled_at = date_trunc('milliseconds', t)
      FROM clock_timestamp() AS t
      -- As text: see reserve.queries.ts.
      WHERE r.id = ANY(ARRAY(SELECT reservation_id FROM requested)) AND r.status::text = 'active' AND r.expires_at > t AND r.expires_at > clock_timestamp()
      RETURNING r.id, r.user_id, r.drop_id, r.price, r.settled_at
    ), made AS (
      INSERT INTO purchases AS p (id, user_id, drop_id, reservation_id, price, idempotency_key, created_at, updated_at)
      SELECT requested.id, settled.user_id, settled.drop_id, settled.id, settled.price, requested.key,
             settled.settled_at, settled.settled_at
      FROM settled JOIN requested ON requested.reservation_id = settled.id
      RETURNING ${PURCHASE_COLUMNS}
    ), moved AS (
      UPDATE drops d
      SET available_stock = available_stock + ${reclaimedUnits}::int,
          reserved_stock = reserved_stock - ${reclaimedUnits}::int - units,
          sold_stock = sold_stock + units
      FROM (SELECT count(*)::int AS units, set_config('drop_inventory.expired', ${expired}::int::text, true) FROM made) AS counted
      WHERE d.id = ${dropId}::uuid AND ${reclaimedUnits}::int + units > 0
      RETURNING ${DROP_COLUMNS}
    )
    SELECT (SELECT coalesce(jsonb_agg(made), '[]') FROM made) AS purchases, moved.*
    FROM (SELECT) AS always LEFT JOIN moved ON true`;
  const { purchases, ...row } = written;
  return { drop: dropOf(row), purchases: new Map(purchases.map((each) => [each.id, each])) };
}
