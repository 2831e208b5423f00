import { Prisma, type Reservation } from '../../generated/prisma/client.js';
import type { Transaction } from '../db/database.js';

/** A reservation as raw queries read it. */
export type ReservationRow = Reservation;

/** The columns of a {@link ReservationRow}, for a raw query in which the table `reservations` is called `r`. */
export const RESERVATION_COLUMNS = Prisma.sql`
  r.id, r.user_id AS "userId", r.drop_id AS "dropId", r.status,
  r.expires_at AS "expiresAt", r.settled_at AS "settledAt", r.idempotency_key AS "idempotencyKey",
  r.created_at AS "createdAt", r.updated_at AS "updatedAt"`;

/**
 * Ends an active hold for good. Conditional, so that what another transaction settled first, or what the clock has ended
 * meanwhile, stays as it is: then null. `settledAt` is the time that was compared with the deadline, and so lies before it; the clock
 * is looked at again in case somebody else, who did not ask for the drop's lock, had this row locked meanwhile.
 */
export async function settleHold(
  tx: Transaction,
  reservationId: string,
  status: 'completed' | 'released',
): Promise<ReservationRow | null> {
  const [row] = await tx.$queryRaw<ReservationRow[]>`
    UPDATE reservations r
    SET status = ${status}::reservation_status, settled_at = date_trunc('milliseconds', t)
    FROM clock_timestamp() AS t
    WHERE r.id = ${reservationId}::uuid AND r.status = 'active' AND r.expires_at > t AND r.expires_at > clock_timestamp()
    RETURNING ${RESERVATION_COLUMNS}`;
  return row ?? null;
}
