import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { TestDatabase } from '../../helpers/database.js';

/** SQLSTATEs of refused writes. */
export const CHECK = '23514';
export const NOT_NULL = '23502';
export const UNIQUE = '23505';
export const FOREIGN_KEY = '23503';
/** SQLSTATE of RESTRICT: a foreign key violation up to PostgreSQL 17, a separate code since 18. */
export const RESTRICTED = /^(23503|23001)$/;

/** Counters in a drop's row and in each row of its ledger. */
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

/** Inserts a user with only the required columns and returns its id. */
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

/** Inserts a drop with all units available and returns its id. */
export async function insertDrop(db: TestDatabase, totalStock = 10): Promise<string> {
  return idOf(
    db.query("INSERT INTO drops (name, price, total_stock) VALUES ('Sneaker', 175, $1) RETURNING id", [totalStock]),
  );
}

/** Inserts a draft with all units available and returns its id. */
export async function insertDraft(db: TestDatabase, totalStock = 10): Promise<string> {
  return idOf(
    db.query(
      "INSERT INTO drops (name, price, total_stock, published_at) VALUES ('Sneaker', 175, $1, NULL) RETURNING id",
      [totalStock],
    ),
  );
}

/** Inserts a reservation without changing the drop's counters and returns its id. */
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

/** Inserts a purchase and returns its id. */
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

export async function countersOf(db: TestDatabase, dropId: string): Promise<Counters & { total: number }> {
  const { rows } = await db.query<Counters & { total: number }>(
    `SELECT version, total_stock AS total, available_stock AS available, reserved_stock AS reserved, sold_stock AS sold
       FROM drops WHERE id = $1`,
    [dropId],
  );
  return only(rows);
}

/** One row of the ledger: the changes and the resulting counts. */
export interface Movement extends Counters {
  deltaAvailable: number;
  deltaReserved: number;
  deltaSold: number;
}

/** Returns the drop's ledger, oldest first. */
export async function ledgerOf(db: TestDatabase, dropId: string): Promise<Movement[]> {
  const { rows } = await db.query<Movement>(
    `SELECT version, delta_available AS "deltaAvailable", delta_reserved AS "deltaReserved", delta_sold AS "deltaSold",
            available_stock AS available, reserved_stock AS reserved, sold_stock AS sold
       FROM stock_movements WHERE drop_id = $1 ORDER BY version`,
    [dropId],
  );
  return rows;
}

/** Returns the SQLSTATE and the constraint of a refused write; fails if the write succeeds. */
export async function refusalOf(write: Promise<unknown>): Promise<{ code: string; constraint: string | undefined }> {
  const failure: unknown = await write.then(
    () => new Error('The write was accepted'),
    (error: unknown) => error,
  );
  if (!(failure instanceof pg.DatabaseError)) throw failure;
  return { code: failure.code ?? '', constraint: failure.constraint };
}

/** Returns the only row of a result; fails if there is none or more than one. */
export function only<Row>(rows: Row[]): Row {
  const [row, ...others] = rows;
  if (row === undefined || others.length > 0) throw new Error(`Expected one row, not ${rows.length}`);
  return row;
}

async function idOf(insert: Promise<pg.QueryResult>): Promise<string> {
  return only((await insert).rows as { id: string }[]).id;
}
