import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { TestDatabase } from '../../helpers/database.js';

/** SQLSTATEs of refused writes. */
export const CHECK = '23514';
export const NOT_NULL = '23502';
export const UNIQUE = '23505';
export const FOREIGN_KEY = '23503';
/** A row that a RESTRICT keeps: a foreign key violation up to PostgreSQL 17, a code of its own from 18 on. */
export const RESTRICTED = /^(23503|23001)$/;

/** What a drop's row and each row of its ledger count. */
export interface Counters {
  version: number;
  available: number;
  reserved: number;
  sold: number;
}

interface Pair {
  userId: string;
  dropId: string;
}

/** Writes a user with the columns that an INSERT must name, and returns its id. */
export async function insertUser(db: TestDatabase): Promise<string> {
  const unique = randomUUID();
  return idOf(
    db.query('INSERT INTO users (username, email, password_hash) VALUES ($1, $2, $3) RETURNING id', [
      `user-${unique}`,
      `${unique}@example.com`,
      'not a hash',
    ]),
  );
}

/** Writes a drop that starts full, and returns its id. */
export async function insertDrop(db: TestDatabase, totalStock = 10): Promise<string> {
  return idOf(
    db.query("INSERT INTO drops (name, price, total_stock) VALUES ('Sneaker', 175, $1) RETURNING id", [totalStock]),
  );
}

/** Writes a hold, active unless another status is given, and returns its id. The drop's counters stay as they are. */
export async function insertReservation(
  db: TestDatabase,
  { userId, dropId }: Pair,
  status = 'active',
): Promise<string> {
  return idOf(
    db.query('INSERT INTO reservations (user_id, drop_id, status) VALUES ($1, $2, $3) RETURNING id', [
      userId,
      dropId,
      status,
    ]),
  );
}

/** Writes a purchase, and returns its id. */
export async function insertPurchase(
  db: TestDatabase,
  { userId, dropId, reservationId }: Pair & { reservationId: string },
): Promise<string> {
  return idOf(
    db.query('INSERT INTO purchases (user_id, drop_id, reservation_id, price) VALUES ($1, $2, $3, 175) RETURNING id', [
      userId,
      dropId,
      reservationId,
    ]),
  );
}

/** The drop's counters as they stand. */
export async function countersOf(db: TestDatabase, dropId: string): Promise<Counters & { total: number }> {
  const { rows } = await db.query<Counters & { total: number }>(
    `SELECT version, total_stock AS total, available_stock AS available, reserved_stock AS reserved, sold_stock AS sold
       FROM drops WHERE id = $1`,
    [dropId],
  );
  return only(rows);
}

/** One row of the ledger: what changed, and what it came to. */
export interface Movement extends Counters {
  deltaAvailable: number;
  deltaReserved: number;
  deltaSold: number;
}

/** The drop's ledger, oldest first. */
export async function ledgerOf(db: TestDatabase, dropId: string): Promise<Movement[]> {
  const { rows } = await db.query<Movement>(
    `SELECT version, delta_available AS "deltaAvailable", delta_reserved AS "deltaReserved", delta_sold AS "deltaSold",
            available_stock AS available, reserved_stock AS reserved, sold_stock AS sold
       FROM stock_movements WHERE drop_id = $1 ORDER BY version`,
    [dropId],
  );
  return rows;
}

/** How PostgreSQL refused a write: the SQLSTATE, and the constraint that it names. Fails if the write was accepted. */
export async function refusalOf(write: Promise<unknown>): Promise<{ code: string; constraint: string | undefined }> {
  const failure: unknown = await write.then(
    () => new Error('The write was accepted'),
    (error: unknown) => error,
  );
  if (!(failure instanceof pg.DatabaseError)) throw failure;
  return { code: failure.code ?? '', constraint: failure.constraint };
}

/** The one row of a result. */
export function only<Row>(rows: Row[]): Row {
  const [row, ...others] = rows;
  if (row === undefined || others.length > 0) throw new Error(`Expected one row, not ${rows.length}`);
  return row;
}

async function idOf(insert: Promise<pg.QueryResult>): Promise<string> {
  return only((await insert).rows as { id: string }[]).id;
}
