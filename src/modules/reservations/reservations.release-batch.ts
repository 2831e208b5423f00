import { Prisma } from '../../generated/prisma/client.js';
import type { Transaction } from '../../lib/db/database.js';
import { type AppError, ReservationExpiredError, ReservationSettledError } from '../../lib/errors/index.js';
import type { LockedDrop } from '../../lib/stock/drop-lock.js';
import { RESERVATION_COLUMNS, settleHolds, type ReservationJson } from '../../lib/stock/reservation-row.js';

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
    FROM (SELECT ${RESERVATION_COLUMNS} FROM reservations r WHERE r.id = ANY(${idsOf(requests)}::uuid[])) known`;
}

/** Gives back what still runs, in one UPDATE. What was given back before is shown as it is. */
export async function releaseLocked(
  { tx, facts, current, move }: LockedDrop<readonly ReservationJson[]>,
  requests: readonly ReleaseRequest[],
): Promise<ReleaseDecision[]> {
  const known = new Map(facts.map((reservation) => [reservation.id, current(reservation)]));
  const running = [...known.values()].filter(({ status }) => status === 'active').map(({ id }) => id);
  const released = running.length === 0 ? [] : await settle(tx, running);
  move({ available: released.length, reserved: -released.length, sold: 0 });

  const justReleased = new Map(released.map((reservation) => [reservation.id, reservation]));
  return requests.map(({ reservationId }) => {
    const reservation = justReleased.get(reservationId) ?? known.get(reservationId);
    if (reservation?.status === 'released') return reservation;
    return reservation?.status === 'completed'
      ? new ReservationSettledError('completed')
      : new ReservationExpiredError();
  });
}

async function settle(tx: Transaction, ids: readonly string[]): Promise<readonly ReservationJson[]> {
  const [settled] = await tx.$queryRaw<[{ holds: ReservationJson[] }]>`
    WITH released AS (${settleHolds(Prisma.sql`${ids}::uuid[]`, 'released')})
    SELECT coalesce(jsonb_agg(released), '[]') AS holds FROM released`;
  return settled.holds;
}

function idsOf(requests: readonly ReleaseRequest[]): string[] {
  return requests.map(({ reservationId }) => reservationId);
}
