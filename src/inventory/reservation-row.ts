import { Prisma, type Reservation } from '../generated/prisma/client.js';

/** A reservation as raw queries return it. */
export type ReservationRow = Reservation;

/** The columns of a {@link ReservationRow}, for a raw query in which the table `reservations` has the alias `r`. */
export const RESERVATION_COLUMNS = Prisma.sql`
  r.id, r.user_id AS "userId", r.drop_id AS "dropId", r.status,
  r.expires_at AS "expiresAt", r.settled_at AS "settledAt", r.idempotency_key AS "idempotencyKey",
  r.created_at AS "createdAt", r.updated_at AS "updatedAt"`;

/** A reservation as PostgreSQL returns it in JSON: times are text. */
export type ReservationJson = {
  [Column in keyof ReservationRow]: ReservationRow[Column] extends Date | null
    ? string | Extract<ReservationRow[Column], null>
    : ReservationRow[Column];
};
