import { Prisma, type Reservation } from '../generated/prisma/client.js';

/** A reservation as raw queries read it. */
export type ReservationRow = Reservation;

/** The columns of a {@link ReservationRow}, for a raw query in which the table `reservations` is called `r`. */
export const RESERVATION_COLUMNS = Prisma.sql`
  r.id, r.user_id AS "userId", r.drop_id AS "dropId", r.status,
  r.expires_at AS "expiresAt", r.settled_at AS "settledAt", r.idempotency_key AS "idempotencyKey",
  r.created_at AS "createdAt", r.updated_at AS "updatedAt"`;

/** A reservation as PostgreSQL writes it in JSON: the times are text. */
export type ReservationJson = {
  [Column in keyof ReservationRow]: ReservationRow[Column] extends Date | null
    ? string | Extract<ReservationRow[Column], null>
    : ReservationRow[Column];
};

/** One row as JSON, null if there is none: what `columns` selects and `from` says from where. */
export function jsonRow(columns: Prisma.Sql, from: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`(SELECT to_jsonb(found) FROM (SELECT ${columns} ${from}) found)`;
}

/**
 * Ends active holds for good. Conditional, so that what another transaction settled first, or what the clock has ended
 * meanwhile, stays as it is. `settledAt` is the time that was compared with the deadline, and so lies before it; the clock
 * is looked at again in case somebody else, who did not ask for the drop's lock, had a row locked meanwhile.
 *
 * An UPDATE … RETURNING for a WITH clause. `ids` is an SQL expression, an array of the holds' ids.
 */
export function settleHolds(ids: Prisma.Sql, status: 'completed' | 'released'): Prisma.Sql {
  return Prisma.sql`
    UPDATE reservations r
    SET status = ${status}::reservation_status, settled_at = date_trunc('milliseconds', t)
    FROM clock_timestamp() AS t
    WHERE r.id = ANY(${ids}) AND r.status = 'active' AND r.expires_at > t AND r.expires_at > clock_timestamp()
    RETURNING ${RESERVATION_COLUMNS}`;
}
