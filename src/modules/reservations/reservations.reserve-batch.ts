import { Prisma } from '../../generated/prisma/client.js';
import { textArray, uuidArray } from '../../lib/db/arrays.js';
import { type AppError, IdempotencyKeyReusedError } from '../../lib/errors/index.js';
import {
  AlreadyReservedError,
  DropEndedError,
  DropNotStartedError,
  DropPausedError,
  LimitReachedError,
  SoldOutError,
} from '../../inventory/inventory-errors.js';
import type { LockedDrop } from '../../inventory/stock-transaction.js';
import type { DropRow } from '../../inventory/drop-row.js';
import type { DropStatus } from '../../inventory/inventory.schema.js';
import {
  RESERVATION_COLUMNS,
  jsonRow,
  type ReservationJson,
  type ReservationRow,
} from '../../inventory/reservation-row.js';
import { toIso } from '../../lib/time.js';
import type { ReservationResponse } from './reservations.schema.js';

/** A request for one unit, in a batch of requests by different users for one drop. */
export interface ReserveRequest {
  /** The id its reservation will have, by which a second run of the batch finds what the first run wrote. */
  readonly id: string;
  readonly userId: string;
  readonly idempotencyKey: string | undefined;
}

/** What a request came to, before the transaction has ended. */
export type ReserveDecision = { readonly reservation: ReservationResponse; readonly replayed: boolean } | AppError;

/** What is known under the lock of a request whose user has something already; of others there is none. */
interface ReserveFacts {
  /** The request's place in the batch, from 1. */
  readonly place: number;
  /** The reservation that an earlier run of this batch made for this request, whatever has become of it. */
  readonly made: ReservationJson | null;
  /** The reservation that the user's key stands for. */
  readonly keyed: ReservationJson | null;
  /** The hold that the user has of this drop, or had: it may have been overdue. */
  readonly held: ReservationJson | null;
  /** Units of this drop that the user bought; counted only if the drop has a limit. */
  readonly bought: number;
}

export type ReserveFactsList = readonly ReserveFacts[];

const NOTHING_KNOWN = { made: null, keyed: null, held: null, bought: 0 };

/** What the batch has to know under the lock, as an SQL expression about the drop `d`: {@link ReserveFactsList}. */
export function reserveFacts(requests: readonly ReserveRequest[], mayHaveCommitted: boolean): Prisma.Sql {
  const [ids, made] = mayHaveCommitted
    ? [uuidArray(idsOf(requests)), jsonRow(RESERVATION_COLUMNS, Prisma.sql`FROM reservations r WHERE r.id = asked.id`)]
    : [Prisma.sql`NULL::uuid[]`, Prisma.sql`NULL::jsonb`];
  // Most batches have no key at all, and need not look for any.
  const keyed = requests.every((request) => keyOf(request) === null)
    ? Prisma.sql`NULL::jsonb`
    : jsonRow(
        RESERVATION_COLUMNS,
        Prisma.sql`FROM reservations r WHERE r.user_id = asked.user_id AND r.idempotency_key = asked.key`,
      );
  return Prisma.sql`
    SELECT coalesce(jsonb_agg(known), '[]') FROM (
      SELECT asked.place, ${made} AS made, ${keyed} AS keyed,
        CASE WHEN held.id IS NOT NULL THEN ${jsonRow(RESERVATION_COLUMNS, Prisma.sql`FROM (SELECT held.*) r`)} END AS held,
        CASE WHEN d.limit_per_user IS NULL THEN 0
             ELSE (SELECT count(*)::int FROM purchases p WHERE p.user_id = asked.user_id AND p.drop_id = d.id) END AS bought
      FROM unnest(${uuidArray(requests.map(({ userId }) => userId))}, ${textArray(requests.map(keyOf))}, ${ids})
        WITH ORDINALITY AS asked(user_id, key, id, place)
      LEFT JOIN held ON held.user_id = asked.user_id
    ) known
    WHERE known.made IS NOT NULL OR known.keyed IS NOT NULL OR known.held IS NOT NULL OR known.bought > 0`;
}

/**
 * Judges the requests in order of arrival, each in the order that the contract promises, and grants units as long as there
 * are any: one INSERT for all of them.
 */
export async function reserveLocked(
  drop: LockedDrop<ReserveFactsList>,
  requests: readonly ReserveRequest[],
  ttlSeconds: number,
): Promise<ReserveDecision[]> {
  const { row, facts } = drop;
  const known = new Map(facts.map((fact) => [fact.place, fact]));
  const closed = refuseByState(row);
  const soldOut = new SoldOutError();
  const granted: ReserveRequest[] = [];

  /** Null: granted. */
  function judge(
    request: ReserveRequest,
    { made, keyed, held, bought }: Omit<ReserveFacts, 'place'>,
  ): ReserveDecision | null {
    if (made) return { reservation: presentReservation(drop.current(made)), replayed: false };
    if (keyed) {
      return keyed.dropId === row.id
        ? { reservation: presentReservation(drop.current(keyed)), replayed: true }
        : new IdempotencyKeyReusedError();
    }
    if (closed) return closed;
    if (held && drop.current(held).status === 'active') return new AlreadyReservedError(presentReservation(held));
    if (row.limitPerUser !== null && bought >= row.limitPerUser) return new LimitReachedError(row.limitPerUser);
    if (granted.length >= row.availableStock) return soldOut;
    granted.push(request);
    return null;
  }

  const judged = requests.map((request, index) => judge(request, known.get(index + 1) ?? NOTHING_KNOWN));
  const made = granted.length > 0 ? await insertHolds(drop, granted, ttlSeconds) : null;
  return requests.map(({ id, userId }, index) => {
    const decision = judged[index] ?? made;
    if (!decision) throw new Error('a request was neither granted nor refused');
    return 'expiresAt' in decision ? { reservation: { id, userId, ...decision }, replayed: false } : decision;
  });
}

/** What the drop's state refuses everybody. */
function refuseByState({ status, dropStartsAt }: Pick<DropRow, 'status' | 'dropStartsAt'>): AppError | null {
  switch (status) {
    case 'cancelled':
    case 'ended':
      return new DropEndedError(status);
    case 'paused':
      return new DropPausedError();
    case 'scheduled':
      return new DropNotStartedError(toIso(dropStartsAt));
    case 'sold_out': // What the user already has is judged first.
    case 'live':
      return null;
  }
}

/**
 * Makes the holds, all for the same time by the database's clock. Returns what they have in common; or, if the drop is not
 * open at that time, why: it was judged open by an earlier statement, and may have reached its end since.
 */
async function insertHolds(
  { row, write }: LockedDrop<unknown>,
  requests: readonly ReserveRequest[],
  ttlSeconds: number,
): Promise<Omit<ReservationResponse, 'id' | 'userId'> | AppError> {
  const made = await write<{ status: DropStatus; count: number; createdAt: string; expiresAt: string }>({
    done: Prisma.sql`
      now AS MATERIALIZED (
        -- Truncated, since the columns are rounded: no hold is dated after the moment at which the state was looked at.
        SELECT date_trunc('milliseconds', clock_timestamp()) AS t, drop_status(d) AS status
        FROM drops d WHERE d.id = ${row.id}::uuid
      ), done AS (
        INSERT INTO reservations (id, user_id, drop_id, idempotency_key, created_at, updated_at, expires_at)
        SELECT asked.id, asked.user_id, ${row.id}::uuid, asked.key, t, t,
               t + make_interval(secs => ${ttlSeconds}::double precision)
        FROM now, unnest(${uuidArray(idsOf(requests))}, ${uuidArray(requests.map(({ userId }) => userId))},
                         ${textArray(requests.map(keyOf))}) AS asked(id, user_id, key)
        -- A drop whose units are all held or sold is open: those of expired holds are yet to be moved back.
        WHERE now.status IN ('live', 'sold_out')
        RETURNING created_at, expires_at
      )`,
    move: { available: -1, reserved: 1, sold: 0 },
    result: Prisma.sql`
      SELECT jsonb_build_object('status', (SELECT status FROM now), 'count', count(*),
                                'createdAt', min(created_at), 'expiresAt', min(expires_at))
      FROM done`,
  });
  const closed = refuseByState({ ...row, status: made.status });
  if (closed) return closed;
  if (made.count !== requests.length) throw new Error(`${made.count} holds were made in place of ${requests.length}`);
  const createdAt = toIso(made.createdAt);
  return { dropId: row.id, status: 'active', createdAt, updatedAt: createdAt, expiresAt: toIso(made.expiresAt) };
}

function idsOf(requests: readonly ReserveRequest[]): string[] {
  return requests.map(({ id }) => id);
}

function keyOf({ idempotencyKey }: ReserveRequest): string | null {
  return idempotencyKey ?? null;
}

/** A reservation as the API shows it. */
export function presentReservation(row: ReservationRow | ReservationJson): ReservationResponse {
  return {
    id: row.id,
    userId: row.userId,
    dropId: row.dropId,
    status: row.status,
    expiresAt: toIso(row.expiresAt),
    createdAt: toIso(row.createdAt),
    updatedAt: toIso(row.updatedAt),
  };
}
