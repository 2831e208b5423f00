import type { ValidToken } from '../../lib/auth/authenticate.js';
import { textList, uuidList } from '../../lib/db/sql.js';
import { PREPARED } from '../../lib/db/prepared-statements.js';
import type { TokenRefusal } from '../../lib/errors/index.js';
import { DROP_COLUMNS, dropOf, type DropRow, type MaybeDropRow } from '../drop-row.js';
import type { DropStatus } from '../inventory.schema.js';
import { MAX_BATCH_SIZE, type LoadedStock, type ReclaimedHold, type StockContext } from '../stock-context.js';
import { RESERVATION_COLUMNS, type ReservationJson } from '../reservation-row.js';
import { applyReclaim, countReclaimed, toLoadedStock } from './stock.queries.js';

/** A request for one unit, in a batch of requests of different users for one drop. */
export interface ReserveRequest {
  /** The id of the reservation to create. A second run of the batch finds by it what the first run wrote. */
  readonly id: string;
  readonly userId: string;
  /** The token of the request. Whether it is still valid is loaded with the rest. */
  readonly token: Pick<ValidToken, 'version' | 'id'>;
  readonly idempotencyKey: string | undefined;
}

export interface ReserveRecords {
  /** Why the token is refused: its account is closed, or it was ended. Null if it is valid. */
  readonly tokenRefusal: TokenRefusal | null;
  /** The reservation that an earlier run of this batch created for this request, whatever its status is now. */
  readonly created: ReservationJson | null;
  /** The reservation that was created with the user's idempotency key. */
  readonly keyed: ReservationJson | null;
  /** The reservation of the user that was active before overdue holds were reclaimed. */
  readonly held: ReservationJson | null;
  /** Units of this drop that the user bought, counted up to the drop's limit; 0 if the drop has no limit. */
  readonly bought: number;
  /**
   * When the user's latest unpaid holds of this drop ended, newest first: ISO 8601, null if there are none. Without the hold
   * that this statement has reclaimed.
   */
  readonly unpaid: readonly string[] | null;
}

/** The state from which a batch of reservations is decided. */
export interface ReserveState extends LoadedStock {
  /** By the request's index. A request without an entry has a valid token and nothing of the rest. */
  readonly records: ReadonlyMap<number, ReserveRecords>;
}

/**
 * Reclaims overdue holds (see {@link reclaimOverdueHolds}) and loads what decides about the requests.
 *
 * @param maxUnpaid the number of unpaid holds to load for each user; with 0, none is looked up.
 */
export async function loadReserveState(
  { tx, dropId, mayHaveCommitted }: StockContext,
  requests: readonly ReserveRequest[],
  { maxUnpaid }: { readonly maxUnpaid: number },
): Promise<ReserveState> {
  const userIds = uuidList(requests.map(({ userId }) => userId));
  const versions = requests.map(({ token }) => token.version).join(',');
  const tokenIds = textList(requests.map(({ token }) => token.id));
  const keys = textList(requests.map(({ idempotencyKey }) => idempotencyKey ?? null));
  // An array that is shorter than the others is filled up with NULL.
  const ids = uuidList(mayHaveCommitted ? requests.map(({ id }) => id) : []);
  const [loaded] = await tx.$queryRaw<
    [DropRow & { reclaimed: ReclaimedHold[]; records: (ReserveRecords & { readonly position: number })[] }]
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
      -- As text: with a condition on the status itself or on settled_at, PostgreSQL may read all active holds to find the ids.
      WHERE r.id = ANY(ARRAY(SELECT id FROM due)) AND r.status::text = 'active'
      RETURNING r.id, r.user_id, r.status, r.expires_at, r.updated_at
    )
    SELECT ${DROP_COLUMNS},
      (SELECT coalesce(jsonb_agg(jsonb_build_object(
                'id', reclaimed.id, 'userId', reclaimed.user_id, 'status', reclaimed.status, 'updatedAt', reclaimed.updated_at,
                'lateSeconds', extract(epoch FROM reclaimed.updated_at - reclaimed.expires_at)) ORDER BY reclaimed.expires_at), '[]')
       FROM reclaimed) AS reclaimed,
      (SELECT coalesce(jsonb_agg(known), '[]') FROM (
         SELECT requested.position,
           CASE WHEN account.id IS NULL THEN 'deleted' ELSE account.refusal END AS "tokenRefusal",
           CASE WHEN requested.id IS NOT NULL THEN
             (SELECT to_jsonb(found) FROM (
                SELECT ${RESERVATION_COLUMNS} FROM reservations r WHERE r.id = requested.id) found) END AS created,
           CASE WHEN requested.key IS NOT NULL THEN
             (SELECT to_jsonb(found) FROM (
                SELECT ${RESERVATION_COLUMNS} FROM reservations r
                WHERE r.user_id = requested.user_id AND r.idempotency_key = requested.key) found) END AS keyed,
           CASE WHEN held.id IS NOT NULL THEN
             (SELECT to_jsonb(found) FROM (SELECT ${RESERVATION_COLUMNS} FROM (SELECT held.*) r) found) END AS held,
           CASE WHEN d.limit_per_user IS NULL THEN 0
                -- Completed reservations, because no index of purchases has the user and the drop. No more than decide.
                ELSE (SELECT count(*)::int FROM (
                        SELECT FROM reservations r
                        WHERE r.user_id = requested.user_id AND r.drop_id = ${dropId}::uuid AND r.status = 'completed'
                        LIMIT d.limit_per_user) completed) END AS bought,
           latest.unpaid
         FROM unnest(
           string_to_array(${userIds}, ',')::uuid[],
           string_to_array(${versions}, ',')::int[],
           string_to_array(${tokenIds}, chr(10), '')::uuid[],
           string_to_array(${keys}, chr(10), ''),
           string_to_array(${ids}, ',')::uuid[]
         ) WITH ORDINALITY AS requested(user_id, token_version, token_id, key, id, position)
         LEFT JOIN held ON held.user_id = requested.user_id
         -- OFFSET 0 as above. The rows of users are not locked: see docs/adr/0030.
         LEFT JOIN LATERAL (
           SELECT u.id,
             CASE WHEN u.erased_at IS NOT NULL THEN 'deleted'
                  WHEN u.disabled_at IS NOT NULL THEN 'disabled'
                  WHEN u.token_version <> requested.token_version THEN 'signed-out'
                  WHEN u.has_ended_tokens AND (SELECT e.id FROM ended_tokens e WHERE e.id = requested.token_id) IS NOT NULL
                  THEN 'signed-out' END AS refusal
           FROM users u WHERE u.id = requested.user_id OFFSET 0) account ON true
         -- One index has this condition and this order, so a request reads no more entries than the limit: see docs/adr/0036.
         CROSS JOIN LATERAL (
           SELECT jsonb_agg(own.settled_at ORDER BY own.settled_at DESC) AS unpaid FROM (
             SELECT r.settled_at FROM reservations r
             WHERE r.user_id = requested.user_id AND r.drop_id = ${dropId}::uuid AND r.status IN ('expired', 'released')
             ORDER BY r.settled_at DESC
             LIMIT ${maxUnpaid}::int) own) latest
       ) known
       WHERE known.created IS NOT NULL OR known.keyed IS NOT NULL OR known.held IS NOT NULL OR known.bought > 0
          OR known."tokenRefusal" IS NOT NULL OR known.unpaid IS NOT NULL) AS records
    FROM drops d
    WHERE d.id = ${dropId}::uuid`;
  const { records, ...row } = loaded;
  const current = applyReclaim(row.reclaimed);
  const known = records.map(({ position, created, keyed, held, ...others }): [number, ReserveRecords] => [
    position - 1,
    { ...others, created: created && current(created), keyed: keyed && current(keyed), held: held && current(held) },
  ]);
  return { ...toLoadedStock(row), records: new Map(known) };
}

interface WrittenReservations {
  /** The drop after the change; null if nothing changed. */
  readonly drop: DropRow | null;
  /** The drop's status at the time of the write: reservations are created only while it is `live` or `sold_out`. */
  readonly statusAtWrite: DropStatus;
  /** The times that all created reservations have; null if none was created. */
  readonly times: { readonly createdAt: Date; readonly expiresAt: Date } | null;
  /** The ids of the requests whose account was closed after it was loaded. */
  readonly unwritten: ReadonlySet<string>;
}

/**
 * Creates the reservations, and moves as many units from available to reserved: all, or none if the drop has ended. The units of
 * reclaimed holds go back on sale in the same UPDATE.
 *
 * Left out are only the reservations of accounts that were closed after the load. The rows of the accounts are locked, as the
 * foreign key locks them anyway: closing an account waits for the reservations that are being created, and then releases them.
 */
export async function writeReservations(
  { tx, dropId }: StockContext,
  requests: readonly ReserveRequest[],
  { holdSeconds, reclaimed }: { readonly holdSeconds: number; readonly reclaimed: readonly ReclaimedHold[] },
): Promise<WrittenReservations> {
  const { units: reclaimedUnits, expired } = countReclaimed(reclaimed);
  const ids = uuidList(requests.map(({ id }) => id));
  const userIds = uuidList(requests.map(({ userId }) => userId));
  const keys = textList(requests.map(({ idempotencyKey }) => idempotencyKey ?? null));
  const [written] = await tx.$queryRaw<
    [
      MaybeDropRow & {
        statusAtWrite: DropStatus;
        made: number;
        madeIds: string[] | null;
        madeAt: Date;
        heldUntil: Date;
      },
    ]
  >`${PREPARED}
    WITH now AS MATERIALIZED (
      -- Truncated, because the columns are rounded: no reservation is dated after the moment at which the status was read.
      SELECT date_trunc('milliseconds', clock_timestamp()) AS t, drop_status(d) AS status, d.price
      FROM drops d WHERE d.id = ${dropId}::uuid
    ), open AS (
      SELECT u.id FROM users u
      WHERE u.id = ANY(string_to_array(${userIds}, ',')::uuid[]) AND u.disabled_at IS NULL
      FOR KEY SHARE
    ), made AS (
      INSERT INTO reservations (id, user_id, drop_id, price, idempotency_key, created_at, updated_at, expires_at)
      SELECT requested.id, requested.user_id, ${dropId}::uuid, now.price, requested.key, t, t,
             t + make_interval(secs => ${holdSeconds}::double precision)
      FROM now, unnest(
        string_to_array(${ids}, ',')::uuid[],
        string_to_array(${userIds}, ',')::uuid[],
        string_to_array(${keys}, chr(10), '')
      ) AS requested(id, user_id, key)
      JOIN open ON open.id = requested.user_id
      -- 'sold_out' may be outdated: the units of reclaimed holds are moved back below.
      WHERE now.status IN ('live', 'sold_out')
      RETURNING id, created_at, expires_at
    ), moved AS (
      UPDATE drops d
      SET available_stock = available_stock + ${reclaimedUnits}::int - units,
          reserved_stock = reserved_stock - ${reclaimedUnits}::int + units,
          -- A change also if as many units are reclaimed as reserved, so that the ledger has it.
          version = version + 1
      FROM (SELECT count(*)::int AS units, set_config('drop_inventory.expired', ${expired}::int::text, true) FROM made) AS counted
      WHERE d.id = ${dropId}::uuid AND ${reclaimedUnits}::int + units > 0
      RETURNING ${DROP_COLUMNS}
    )
    SELECT (SELECT status FROM now) AS "statusAtWrite", counted.*, moved.*,
      CASE WHEN made < ${requests.length}::int THEN ARRAY(SELECT id FROM made) END AS "madeIds"
    FROM (SELECT count(*)::int AS made, min(created_at) AS "madeAt", min(expires_at) AS "heldUntil" FROM made) AS counted
    LEFT JOIN moved ON true`;
  const { statusAtWrite, made, madeIds, madeAt, heldUntil, ...row } = written;
  const isOpen = statusAtWrite === 'live' || statusAtWrite === 'sold_out';
  const unwritten = requests.flatMap(({ id }) => (madeIds && isOpen && !madeIds.includes(id) ? id : []));
  return {
    drop: dropOf(row),
    statusAtWrite,
    unwritten: new Set(unwritten),
    times: made > 0 ? { createdAt: madeAt, expiresAt: heldUntil } : null,
  };
}
