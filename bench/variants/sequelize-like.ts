import pg from 'pg';
import type { Drop, Reservation } from '../../src/generated/prisma/client.js';
import { AlreadyReservedError, DropNotFoundError, SoldOutError } from '../../src/inventory/inventory-errors.js';
import { toResponse } from './one-transaction.js';
import { CONNECTIONS, databaseUrlOfProcess, HOLD_TTL_MS, type ReservationService } from './support.js';

const DROP = `"id", "name", "price", "total_stock" AS "totalStock", "available_stock" AS "availableStock",
  "reserved_stock" AS "reservedStock", "sold_stock" AS "soldStock", "version", "image_url" AS "imageUrl",
  "drop_starts_at" AS "dropStartsAt", "drop_ends_at" AS "dropEndsAt", "limit_per_user" AS "limitPerUser",
  "created_at" AS "createdAt", "updated_at" AS "updatedAt"`;
const RESERVATION = `"id", "user_id" AS "userId", "drop_id" AS "dropId", "status", "price", "expires_at" AS "expiresAt",
  "settled_at" AS "settledAt", "idempotency_key" AS "idempotencyKey", "created_at" AS "createdAt",
  "updated_at" AS "updatedAt"`;

/**
 * The statements that an active-record ORM sends through the pg driver for one managed transaction per request: finds whole
 * rows and locks the drop, saves with RETURNING, and reads both rows again after the commit for the response.
 */
export function openSequelizeLikeService(databaseUrl: string): ReservationService {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: CONNECTIONS });

  async function reserveIn(client: pg.PoolClient, userId: string, dropId: string): Promise<string> {
    const drops = await client.query<Drop>(`SELECT ${DROP} FROM "drops" AS "Drop" WHERE "Drop"."id" = $1 FOR UPDATE`, [
      dropId,
    ]);
    const drop = drops.rows[0];
    if (!drop) throw new DropNotFoundError();
    if (drop.availableStock < 1) throw new SoldOutError('all_held');
    const held = await client.query<Reservation>(
      `SELECT ${RESERVATION} FROM "reservations" AS "Reservation"
       WHERE "Reservation"."user_id" = $1 AND "Reservation"."drop_id" = $2 AND "Reservation"."status" = 'active' LIMIT 1`,
      [userId, dropId],
    );
    if (held.rows[0]) throw new AlreadyReservedError(toResponse(held.rows[0]));
    const now = new Date();
    await client.query(
      `UPDATE "drops" SET "available_stock" = $1, "reserved_stock" = $2, "updated_at" = $3 WHERE "id" = $4
       RETURNING ${DROP}`,
      [drop.availableStock - 1, drop.reservedStock + 1, now, dropId],
    );
    const made = await client.query<Reservation>(
      `INSERT INTO "reservations" ("id", "user_id", "drop_id", "status", "expires_at", "created_at", "updated_at")
       VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, $6) RETURNING ${RESERVATION}`,
      [userId, dropId, 'active', new Date(now.getTime() + HOLD_TTL_MS), now, now],
    );
    if (!made.rows[0]) throw new Error('INSERT … RETURNING returned no row');
    return made.rows[0].id;
  }

  return {
    async reserve({ user, dropId }) {
      const client = await pool.connect();
      let id: string;
      try {
        await client.query('START TRANSACTION');
        id = await reserveIn(client, user.id, dropId);
        await client.query('COMMIT');
      } catch (error) {
        await client.query('ROLLBACK');
        throw error;
      } finally {
        client.release();
      }
      const [reservations, drops] = await Promise.all([
        pool.query<Reservation>(`SELECT ${RESERVATION} FROM "reservations" AS "Reservation" WHERE "id" = $1`, [id]),
        pool.query<Drop>(`SELECT ${DROP} FROM "drops" AS "Drop" WHERE "id" = $1`, [dropId]),
      ]);
      const [reservation, drop] = [reservations.rows[0], drops.rows[0]];
      if (!reservation || !drop) throw new Error('the committed rows are missing');
      return {
        reservation: toResponse(reservation),
        availableStock: drop.availableStock,
        serverTime: new Date().toISOString(),
        replayed: false,
      };
    },
    close: () => pool.end(),
  };
}

/** Replaces the module's service. */
export function createReservationsService(): ReservationService {
  return openSequelizeLikeService(databaseUrlOfProcess());
}
