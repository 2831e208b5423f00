import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase } from '../../helpers/database.js';
import type { TestDatabase } from '../../helpers/database.js';
import {
  CHECK,
  FOREIGN_KEY,
  insertDrop,
  insertPurchase,
  insertReservation,
  insertUser,
  NOT_NULL,
  refusalOf,
  RESTRICTED,
  UNIQUE,
} from './rows.js';

const reservationMismatch = { code: FOREIGN_KEY, constraint: 'purchases_reservation_id_user_id_drop_id_fkey' };

let db: TestDatabase;

beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

describe('a purchase', () => {
  it('is refused if its reservation has one already', async () => {
    const sale = await completed();
    await insertPurchase(db, sale);
    expect(await refusalOf(insertPurchase(db, sale))).toEqual({
      code: UNIQUE,
      constraint: 'purchases_reservation_id_key',
    });
  });

  it("is refused for another user than the reservation's", async () => {
    const sale = { ...(await completed()), userId: await insertUser(db) };
    expect(await refusalOf(insertPurchase(db, sale))).toEqual(reservationMismatch);
  });

  it("is refused for another drop than the reservation's", async () => {
    const sale = { ...(await completed()), dropId: await insertDrop(db) };
    expect(await refusalOf(insertPurchase(db, sale))).toEqual(reservationMismatch);
  });

  it('is refused without a reservation', async () => {
    const sale = await completed();
    expect(await refusalOf(insertPurchase(db, { ...sale, reservationId: randomUUID() }))).toEqual(reservationMismatch);
    expect(
      await refusalOf(
        db.query('INSERT INTO purchases (user_id, drop_id, price) VALUES ($1, $2, 1)', [sale.userId, sale.dropId]),
      ),
    ).toMatchObject({ code: NOT_NULL });
  });

  it('cannot be moved to another user or drop', async () => {
    const id = await insertPurchase(db, await completed());
    const move = (column: string, value: string) =>
      db.query(`UPDATE purchases SET ${column} = $2 WHERE id = $1`, [id, value]);
    expect(await refusalOf(move('user_id', await insertUser(db)))).toEqual(reservationMismatch);
    expect(await refusalOf(move('drop_id', await insertDrop(db)))).toEqual(reservationMismatch);
  });

  it.each(['-0.01', 'NaN'])('cannot have the price %s', async (price) => {
    const id = await insertPurchase(db, await completed());
    expect(await refusalOf(db.query('UPDATE purchases SET price = $2 WHERE id = $1', [id, price]))).toEqual({
      code: CHECK,
      constraint: 'purchases_price_not_negative',
    });
  });

  it('cannot have an idempotency key that the same user has used', async () => {
    const userId = await insertUser(db);
    const withKey = async (user: string) => {
      const id = await insertPurchase(db, await completed(user));
      return db.query("UPDATE purchases SET idempotency_key = 'key' WHERE id = $1", [id]);
    };
    await withKey(userId);
    expect(await refusalOf(withKey(userId))).toEqual({
      code: UNIQUE,
      constraint: 'purchases_user_id_idempotency_key_key',
    });
    await withKey(await insertUser(db));
  });

  it('prevents the deletion of its reservation and a change of its id', async () => {
    const sale = await completed();
    await insertPurchase(db, sale);
    const deletion = await refusalOf(db.query('DELETE FROM reservations WHERE id = $1', [sale.reservationId]));
    const renaming = await refusalOf(
      db.query('UPDATE reservations SET id = gen_random_uuid() WHERE id = $1', [sale.reservationId]),
    );
    for (const { code, constraint } of [deletion, renaming]) {
      expect(code).toMatch(RESTRICTED);
      expect(constraint).toBe(reservationMismatch.constraint);
    }
  });
});

describe('a user', () => {
  it.each(['active', 'completed', 'expired', 'released'])('is kept with a reservation that is %s', async (status) => {
    const userId = await insertUser(db);
    const dropId = await insertDrop(db);
    const reservationId = await insertReservation(db, { userId, dropId }, status);
    if (status === 'completed') await insertPurchase(db, { userId, dropId, reservationId });

    for (const write of ['DELETE FROM users', 'UPDATE users SET id = gen_random_uuid()']) {
      const { code, constraint } = await refusalOf(db.query(`${write} WHERE id = $1`, [userId]));
      expect(code).toMatch(RESTRICTED);
      expect(constraint).toMatch(/^(reservations|purchases)_user_id_fkey$/);
    }
  });

  it('can be deleted without reservations and purchases', async () => {
    const id = await insertUser(db);
    expect((await db.query('DELETE FROM users WHERE id = $1', [id])).rowCount).toBe(1);
  });

  it.each([
    ['username', 'users_username_key'],
    ['email', 'users_email_key'],
  ])('has a unique %s, regardless of case', async (column, constraint) => {
    const taken = `Zoë-${randomUUID()}@Example.com`;
    const id = await insertUser(db);
    await db.query(`UPDATE users SET ${column} = $2 WHERE id = $1`, [id, taken]);

    const other = await insertUser(db);
    const take = (value: string) => db.query(`UPDATE users SET ${column} = $2 WHERE id = $1`, [other, value]);
    for (const variant of [
      taken,
      taken.toLowerCase(),
      taken.replace('Zo', 'zO'),
      taken.replace('Example', 'EXAMPLE'),
    ]) {
      expect(await refusalOf(take(variant))).toEqual({ code: UNIQUE, constraint });
    }
    await take(`${taken}.org`);
  });

  it.each(['username', 'email', 'password_hash', 'role'])('must have a %s', async (column) => {
    const id = await insertUser(db);
    expect(await refusalOf(db.query(`UPDATE users SET ${column} = NULL WHERE id = $1`, [id]))).toMatchObject({
      code: NOT_NULL,
    });
  });

  it('must have a known role', async () => {
    const id = await insertUser(db);
    expect(await refusalOf(db.query("UPDATE users SET role = 'root' WHERE id = $1", [id]))).toMatchObject({
      code: '22P02',
    });
  });
});

/** Inserts a completed reservation for a new drop, and for a new user unless one is given. */
async function completed(user?: string): Promise<{ userId: string; dropId: string; reservationId: string }> {
  const userId = user ?? (await insertUser(db));
  const dropId = await insertDrop(db);
  return { userId, dropId, reservationId: await insertReservation(db, { userId, dropId }, 'completed') };
}
