import type { TokenSubject } from '../../lib/auth/authenticate.js';
import type { CancellationSignal } from '../../lib/batcher.js';
import type { Database } from '../../lib/db/database.js';
import { violatedConstraint } from '../../lib/db/database-errors.js';
import { AccountGoneError, IdempotencyKeyReusedError } from '../../lib/errors/index.js';
import {
  DropNotFoundError,
  NotYourReservationError,
  ReservationNotFoundError,
} from '../../inventory/inventory-errors.js';
import type { Decided, DropBatches } from '../../inventory/stock-batches.js';
import type { LockedDrop } from '../../inventory/stock-transaction.js';
import type { ReservationOwnerLoader } from '../../inventory/reservation-loader.js';
import { RESERVATION_COLUMNS, type ReservationRow } from '../../inventory/reservation-row.js';
import { timeOrderedId } from '../../lib/time-ordered-id.js';
import { releaseFacts, releaseLocked } from './reservations.release-batch.js';
import {
  presentReservation,
  reserveFacts,
  reserveLocked,
  type ReserveFactsList,
} from './reservations.reserve-batch.js';
import type { HoldResponse, ReservationResponse } from './reservations.schema.js';

interface ReservationsDependencies {
  readonly db: Database;
  readonly dropBatches: DropBatches;
  readonly loadReservationOwner: ReservationOwnerLoader;
  /** How long a hold lasts, in seconds. */
  readonly ttlSeconds: number;
}

interface ReserveInput {
  readonly user: TokenSubject;
  readonly dropId: string;
  readonly idempotencyKey: string | undefined;
  readonly signal?: CancellationSignal;
}

/** A hold, and whether it was made by an earlier request with the same key. */
export interface ReserveResult extends HoldResponse {
  readonly replayed: boolean;
}

export type ReservationsService = ReturnType<typeof createReservationsService>;

export function createReservationsService({
  db,
  dropBatches,
  loadReservationOwner,
  ttlSeconds,
}: ReservationsDependencies) {
  const reserving = dropBatches({
    name: 'reserve',
    userOf: ({ userId }) => userId,
    facts: reserveFacts,
    work: (drop: LockedDrop<ReserveFactsList>, requests) => reserveLocked(drop, requests, ttlSeconds),
  });
  const releasing = dropBatches({
    name: 'release',
    userOf: ({ userId }) => userId,
    facts: releaseFacts,
    work: releaseLocked,
  });

  return {
    /**
     * Holds one unit of a drop for a user, for `ttlSeconds` by the database's clock. With a key that was used before for
     * the same drop: that reservation as it is now. `signal` tells whether the client has gone.
     *
     * @throws the refusals of the contract, in its order.
     * @throws {UnavailableError | OverloadedError | OutcomeUnknownError}
     */
    async reserve({ user, dropId, idempotencyKey, signal }: ReserveInput): Promise<ReserveResult> {
      const request = { id: timeOrderedId(), userId: user.id, idempotencyKey };
      const reserved = await reserving.submit(dropId, request, signal).catch(explainViolation);
      if (reserved) {
        const { reservation, replayed } = reserved.decision;
        return { ...holdOf(reservation, reserved), replayed };
      }
      throw (await isKeyUsed(db, user.id, idempotencyKey)) ? new IdempotencyKeyReusedError() : new DropNotFoundError();
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
     * @throws {UnavailableError | OverloadedError | OutcomeUnknownError}
     */
    async release(userId: string, reservationId: string): Promise<HoldResponse> {
      const hold = await loadReservationOwner(reservationId);
      if (!hold) throw new ReservationNotFoundError();
      if (hold.userId !== userId) throw new NotYourReservationError();

      const released = await releasing.submit(hold.dropId, { userId, reservationId });
      if (!released) throw new ReservationNotFoundError();
      return holdOf(presentReservation(released.decision), released);
    },
  };
}

async function isKeyUsed(db: Database, userId: string, idempotencyKey: string | undefined): Promise<boolean> {
  if (idempotencyKey === undefined) return false;
  return (await db.reservation.findFirst({ where: { userId, idempotencyKey }, select: { id: true } })) !== null;
}

/** Gives a constraint that spoke in place of a check the answer that the check would have given. */
function explainViolation(error: unknown): never {
  switch (violatedConstraint(error)) {
    // The same key at the same moment, for another drop: that one was first.
    case 'reservations_user_id_idempotency_key_key':
      throw new IdempotencyKeyReusedError();
    case 'reservations_user_id_fkey':
      throw new AccountGoneError();
    default:
      throw error;
  }
}

function holdOf(reservation: ReservationResponse, { row, serverTime }: Decided<unknown>): HoldResponse {
  return { reservation, availableStock: row.availableStock, serverTime };
}
