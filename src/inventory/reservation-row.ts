import { Prisma, type Reservation } from '../generated/prisma/client.js';
import { columnList } from '../lib/db/sql.js';

/** Every column of a {@link ReservationRow} and its name in the table. The price is text, because JSON's numbers are not exact. */
const STORED_COLUMNS = {
  id: 'id',
  userId: 'user_id',
  dropId: 'drop_id',
  status: 'status',
  expiresAt: 'expires_at',
  settledAt: 'settled_at',
  price: 'price::text',
  idempotencyKey: 'idempotency_key',
  createdAt: 'created_at',
  updatedAt: 'updated_at',
} as const satisfies Record<keyof Reservation, string>;

/** A reservation as raw queries return it. */
export type ReservationRow = Omit<Pick<Reservation, keyof typeof STORED_COLUMNS>, 'price'> & {
  readonly price: string | null;
};

/** The columns of a {@link ReservationRow}, for a raw query in which the table `reservations` has the alias `r`. */
export const RESERVATION_COLUMNS = Prisma.raw(columnList('r', STORED_COLUMNS));

/** A reservation as PostgreSQL returns it in JSON: times are text. */
export type ReservationJson = {
  [Column in keyof ReservationRow]: ReservationRow[Column] extends Date | null
    ? string | Extract<ReservationRow[Column], null>
    : ReservationRow[Column];
};
