import type { AuthenticatedUser } from '../../lib/auth/authenticate.js';
import type { Database, Transaction } from '../../lib/db/database.js';
import { violatedConstraint } from '../../lib/db/database-errors.js';
import {
  AlreadyReservedError,
  type AppError,
  DropEndedError,
  DropNotFoundError,
  DropNotStartedError,
  DropPausedError,
  IdempotencyKeyReusedError,
  InvalidTokenError,
  LimitReachedError,
  NotYourReservationError,
  ReservationExpiredError,
  ReservationNotFoundError,
  ReservationSettledError,
  SoldOutError,
} from '../../lib/errors/index.js';
import type { DropLock, LockedDrop } from '../../lib/stock/drop-lock.js';
import type { DropRow } from '../../lib/stock/drop-row.js';
import { RESERVATION_COLUMNS, settleHold, type ReservationRow } from '../../lib/stock/reservation-row.js';
import { toIso } from '../../lib/time.js';
import type { HoldResponse, ReservationResponse } from './reservations.schema.js';

interface ReservationsDependencies {
  readonly db: Database;
  readonly dropLock: DropLock;
  /** How long a hold lasts, in seconds. */
  readonly ttlSeconds: number;
}

interface ReserveRequest {
  readonly user: AuthenticatedUser;
  readonly dropId: string;
  readonly idempotencyKey: string | undefined;
  readonly signal?: AbortSignal;
}

/** A hold, and whether it was made by an earlier request with the same key. */
export interface ReserveResult extends HoldResponse {
  readonly replayed: boolean;
}

export type ReservationsService = ReturnType<typeof createReservationsService>;

export function createReservationsService({ db, dropLock, ttlSeconds }: ReservationsDependencies) {
  /** Judges in the order that the contract promises, and grants or refuses. */
  async function reserveLocked(drop: LockedDrop, request: ReserveRequest): Promise<ReserveResult | AppError> {
    const { user, idempotencyKey } = request;
    const earlier = await findByKey(drop.tx, user.id, idempotencyKey);
    if (earlier) {
      if (earlier.dropId !== drop.row.id) return new IdempotencyKeyReusedError();
      return { ...presentHold(earlier, drop.row), replayed: true };
    }
    const refusal = refuseByState(drop.row) ?? (await refuseByOwnUnits(drop, user.id));
    if (refusal) return refusal;
    if (drop.row.availableStock === 0) return new SoldOutError();

    const reservation = await insertHold(drop, request, ttlSeconds);
    await drop.moveStock({ available: -1, reserved: 1, sold: 0 });
    return { ...presentHold(reservation, drop.row), replayed: false };
  }

  return {
    /**
     * Holds one unit of a drop for a user, for `ttlSeconds` by the database's clock. With a key that was used before for
     * the same drop: that reservation as it is now.
     *
     * @throws the refusals of the contract, in its order; the errors of {@link DropLock.withDrop}.
     */
    async reserve(request: ReserveRequest): Promise<ReserveResult> {
      const { user, dropId, idempotencyKey, signal } = request;
      const result = await dropLock
        .withDrop(dropId, (drop) => reserveLocked(drop, request), { signal, forUser: user.id })
        .catch(explainViolation);
      if (result) return result;
      throw (await findByKey(db, user.id, idempotencyKey)) ? new IdempotencyKeyReusedError() : new DropNotFoundError();
    },

    /** The holds of a user that still run, newest first. */
    async listActive(userId: string): Promise<ReservationResponse[]> {
      const rows = await db.$queryRaw<ReservationRow[]>`
        SELECT ${RESERVATION_COLUMNS} FROM reservations r
        WHERE r.user_id = ${userId}::uuid AND r.status = 'active' AND r.expires_at > clock_timestamp()
        ORDER BY r.created_at DESC, r.id DESC`;
      return rows.map(presentReservation);
    },

    /**
     * Gives a hold back before its time. One that was given back already is shown as it is.
     *
     * @throws {ReservationNotFoundError | NotYourReservationError | ReservationExpiredError | ReservationSettledError}
     */
    async release(userId: string, reservationId: string): Promise<HoldResponse> {
      const target = await db.reservation.findUnique({ where: { id: reservationId } });
      if (!target) throw new ReservationNotFoundError();
      if (target.userId !== userId) throw new NotYourReservationError();

      const hold = await dropLock.withDrop(target.dropId, (drop) => releaseLocked(drop, reservationId), {
        urgent: true,
        forUser: userId,
      });
      if (!hold) throw new ReservationNotFoundError();
      return hold;
    },
  };
}

async function releaseLocked(drop: LockedDrop, reservationId: string): Promise<HoldResponse | AppError> {
  const released = await settleHold(drop.tx, reservationId, 'released');
  if (released) {
    await drop.moveStock({ available: 1, reserved: -1, sold: 0 });
    return presentHold(released, drop.row);
  }
  const settled = await drop.tx.reservation.findUniqueOrThrow({ where: { id: reservationId } });
  if (settled.status === 'released') return presentHold(settled, drop.row);
  return settled.status === 'completed' ? new ReservationSettledError('completed') : new ReservationExpiredError();
}

function refuseByState({ status, dropStartsAt }: DropRow): AppError | null {
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

async function refuseByOwnUnits({ tx, row }: LockedDrop, userId: string): Promise<AppError | null> {
  const held = await tx.reservation.findFirst({ where: { userId, dropId: row.id, status: 'active' } });
  if (held) return new AlreadyReservedError(presentReservation(held));
  if (row.limitPerUser === null) return null;
  const bought = await tx.purchase.count({ where: { userId, dropId: row.id } });
  return bought >= row.limitPerUser ? new LimitReachedError(row.limitPerUser) : null;
}

async function insertHold(
  { tx, row }: LockedDrop,
  { user, idempotencyKey }: ReserveRequest,
  ttlSeconds: number,
): Promise<ReservationRow> {
  const [reservation] = await tx.$queryRaw<ReservationRow[]>`
    INSERT INTO reservations AS r (user_id, drop_id, idempotency_key, created_at, updated_at, expires_at)
    SELECT ${user.id}::uuid, ${row.id}::uuid, ${idempotencyKey ?? null}, t, t,
           t + make_interval(secs => ${ttlSeconds}::double precision)
    FROM clock_timestamp() AS t
    RETURNING ${RESERVATION_COLUMNS}`;
  if (!reservation) throw new Error('INSERT … RETURNING gave no row');
  return reservation;
}

async function findByKey(client: Transaction, userId: string, idempotencyKey: string | undefined) {
  if (idempotencyKey === undefined) return null;
  return client.reservation.findUnique({ where: { userId_idempotencyKey: { userId, idempotencyKey } } });
}

/** Gives a constraint that spoke in place of a check the answer that the check would have given. */
function explainViolation(error: unknown): never {
  switch (violatedConstraint(error)) {
    // The same key at the same moment, for another drop: that one was first.
    case 'reservations_user_id_idempotency_key_key':
      throw new IdempotencyKeyReusedError();
    case 'reservations_user_id_fkey':
      throw new InvalidTokenError('The account of this token no longer exists');
    default:
      throw error;
  }
}

function presentReservation(row: ReservationRow): ReservationResponse {
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

function presentHold(reservation: ReservationRow, { availableStock, readAt }: DropRow): HoldResponse {
  return { reservation: presentReservation(reservation), availableStock, serverTime: toIso(readAt) };
}
