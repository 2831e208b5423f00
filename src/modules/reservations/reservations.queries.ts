import { RESERVATION_COLUMNS, type ReservationRow } from '../../inventory/reservation-row.js';
import type { Database } from '../../lib/db/database.js';

/** The active reservations of a user whose time is not over, newest first. */
export function findActiveReservations(db: Database, userId: string): Promise<ReservationRow[]> {
  return db.$queryRaw<ReservationRow[]>`
    SELECT ${RESERVATION_COLUMNS} FROM reservations r
    WHERE r.user_id = ${userId}::uuid AND r.status = 'active' AND r.expires_at > clock_timestamp()
    ORDER BY r.created_at DESC, r.id DESC`;
}
