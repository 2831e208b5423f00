import { Prisma } from '../../generated/prisma/client.js';
import { uuidArray } from '../../lib/db/arrays.js';
import { type AppError, OutcomeUnknownError } from '../../lib/errors/index.js';
import {
  ReservationExpiredError,
  ReservationNotFoundError,
  ReservationSettledError,
} from '../../inventory/inventory-errors.js';
import type { LockedDrop } from '../../inventory/stock-transaction.js';
import { RESERVATION_COLUMNS, settleHolds, type ReservationJson } from '../../inventory/reservation-row.js';

/** A request to give one hold back. */
export interface ReleaseRequest {
  readonly userId: string;
  readonly reservationId: string;
}

/** The reservation, released, or why it could not be. */
export type ReleaseDecision = ReservationJson | AppError;

/** What the batch has to know under the lock, as an SQL expression: the reservations as they are. */
export function releaseFacts(requests: readonly ReleaseRequest[]): Prisma.Sql {
  return Prisma.sql`
    SELECT coalesce(jsonb_agg(known), '[]')
    FROM (SELECT ${RESERVATION_COLUMNS} FROM reservations r WHERE r.id = ANY(${uuidArray(idsOf(requests))})) known`;
}

/** Gives back what still runs, in one UPDATE. What was given back before is shown as it is. */
export async function releaseLocked(
  { facts, current, mayHaveCommitted, write }: LockedDrop<readonly ReservationJson[]>,
  requests: readonly ReleaseRequest[],
): Promise<ReleaseDecision[]> {
  const known = new Map(facts.map((reservation) => [reservation.id, current(reservation)]));
  const running = [...known.values()].filter(({ status }) => status === 'active').map(({ id }) => id);
  const released = running.length === 0 ? [] : await settle(write, running);

  const justReleased = new Map(released.map((reservation) => [reservation.id, reservation]));
  return requests.map(({ reservationId }) => {
    const reservation = justReleased.get(reservationId) ?? known.get(reservationId);
    if (!reservation) return mayHaveCommitted ? new OutcomeUnknownError() : new ReservationNotFoundError();
    if (reservation.status === 'released') return reservation;
    return reservation.status === 'completed'
      ? new ReservationSettledError('completed')
      : new ReservationExpiredError();
  });
}

function settle(write: LockedDrop<unknown>['write'], ids: readonly string[]): Promise<readonly ReservationJson[]> {
  return write({
    done: Prisma.sql`done AS (${settleHolds(uuidArray(ids), 'released')})`,
    move: { available: 1, reserved: -1, sold: 0 },
    result: Prisma.sql`SELECT coalesce(jsonb_agg(done), '[]') FROM done`,
  });
}

function idsOf(requests: readonly ReleaseRequest[]): string[] {
  return requests.map(({ reservationId }) => reservationId);
}
