import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase } from '../../helpers/database.js';
import type { TestDatabase } from '../../helpers/database.js';
import { CHECK, FOREIGN_KEY, insertDrop, insertReservation, insertUser, only, refusalOf, UNIQUE } from './rows.js';

const settled = ['completed', 'expired', 'released'] as const;
const statuses = ['active', ...settled] as const;
const statusIsFinal = { code: CHECK, constraint: 'reservations_settled_for_good' };
const settledAtMismatch = { code: CHECK, constraint: 'reservations_settled_when_not_active' };
const secondHold = { code: UNIQUE, constraint: 'reservations_active_user_id_drop_id_key' };

let db: TestDatabase;

beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

describe('the status of a reservation', () => {
  const steps = statuses.flatMap((from) => statuses.filter((to) => to !== from).map((to) => ({ from, to })));

  it.each(steps.filter(({ from }) => from === 'active'))('can change from $from to $to', async ({ from, to }) => {
    const id = await reservation(from);
    await setStatus(id, to);
    expect((await read(id)).status).toBe(to);
  });

  it.each(steps.filter(({ from }) => from !== 'active'))('cannot change from $from to $to', async ({ from, to }) => {
    const id = await reservation(from);
    const before = await read(id);

    expect(await refusalOf(setStatus(id, to))).toEqual(statusIsFinal);
    expect(await refusalOf(update(id, 'status = $2, settled_at = NULL', to))).toEqual(statusIsFinal);
    expect(await read(id)).toEqual(before);
  });

  it.each(settled)('cannot change back from %s to active', async (status) => {
    const id = await reservation('active');
    await setStatus(id, status);
    expect(await refusalOf(setStatus(id, 'active'))).toEqual(statusIsFinal);
  });

  it('must be a known status', async () => {
    expect(await refusalOf(setStatus(await reservation('active'), 'lost'))).toMatchObject({ code: '22P02' });
  });
});

describe('expires_at', () => {
  it('must be finite', async () => {
    const id = await reservation('active');
    expect(await refusalOf(update(id, "expires_at = 'infinity', status = $2", 'active'))).toEqual({
      code: CHECK,
      constraint: 'reservations_expires_at_finite',
    });
  });
});

describe('settled_at', () => {
  it.each(settled)('is set when a reservation becomes %s, and cannot change', async (status) => {
    const id = await reservation('active');
    expect((await read(id)).settledAt).toBeNull();
    await setStatus(id, status);
    expect((await read(id)).settledAt).toBeInstanceOf(Date);

    expect(await refusalOf(update(id, 'settled_at = NULL'))).toEqual(statusIsFinal);
    expect(await refusalOf(update(id, "settled_at = settled_at + '1 second'::interval"))).toEqual(statusIsFinal);

    expect((await read(await reservation(status))).settledAt, 'inserted as settled').toBeInstanceOf(Date);
  });

  it('must be NULL for an active reservation, inserted or updated', async () => {
    expect(await refusalOf(update(await reservation('active'), 'settled_at = now()'))).toEqual(settledAtMismatch);
    expect(
      await refusalOf(
        db.query('INSERT INTO reservations (user_id, drop_id, settled_at) VALUES ($1, $2, now())', [
          await insertUser(db),
          await insertDrop(db),
        ]),
      ),
    ).toEqual(settledAtMismatch);
  });
});

describe('a second active reservation', () => {
  it('is refused for the same user and drop while the first is active', async () => {
    const pair = { userId: await insertUser(db), dropId: await insertDrop(db) };
    const first = await insertReservation(db, pair);
    expect(await refusalOf(insertReservation(db, pair))).toEqual(secondHold);

    await setStatus(first, 'expired');
    await insertReservation(db, pair);
    expect(await refusalOf(insertReservation(db, pair))).toEqual(secondHold);
  });

  it('is refused for all but one of concurrent inserts', async () => {
    const pair = { userId: await insertUser(db), dropId: await insertDrop(db) };
    const inserts = await Promise.allSettled(Array.from({ length: 8 }, () => insertReservation(db, pair)));
    expect(inserts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('is accepted for another user or drop', async () => {
    const userId = await insertUser(db);
    const dropId = await insertDrop(db);
    await insertReservation(db, { userId, dropId });
    await insertReservation(db, { userId, dropId: await insertDrop(db) });
    await insertReservation(db, { userId: await insertUser(db), dropId });
  });
});

describe('a reservation', () => {
  it('cannot move to another user or drop, active or settled', async () => {
    const refused = { code: CHECK, constraint: 'reservations_user_and_drop_stay' };
    for (const status of statuses) {
      const id = await reservation(status);
      expect(await refusalOf(update(id, 'user_id = $2', await insertUser(db)))).toEqual(refused);
      expect(await refusalOf(update(id, 'drop_id = $2', await insertDrop(db)))).toEqual(refused);
    }
  });

  it('must have an existing user and drop', async () => {
    const userId = await insertUser(db);
    const dropId = await insertDrop(db);
    expect(await refusalOf(insertReservation(db, { userId: randomUUID(), dropId }))).toEqual({
      code: FOREIGN_KEY,
      constraint: 'reservations_user_id_fkey',
    });
    expect(await refusalOf(insertReservation(db, { userId, dropId: randomUUID() }))).toEqual({
      code: FOREIGN_KEY,
      constraint: 'reservations_drop_id_fkey',
    });
  });

  it('cannot have an idempotency key that the same user has used', async () => {
    const userId = await insertUser(db);
    const withKey = async (user: string) =>
      db.query('INSERT INTO reservations (user_id, drop_id, idempotency_key) VALUES ($1, $2, $3)', [
        user,
        await insertDrop(db),
        'key',
      ]);
    await withKey(userId);
    expect(await refusalOf(withKey(userId))).toEqual({
      code: UNIQUE,
      constraint: 'reservations_user_id_idempotency_key_key',
    });
    await withKey(await insertUser(db));
  });
});

async function reservation(status: string): Promise<string> {
  return insertReservation(db, { userId: await insertUser(db), dropId: await insertDrop(db) }, status);
}

function update(id: string, change: string, ...values: string[]): Promise<unknown> {
  return db.query(`UPDATE reservations SET ${change} WHERE id = $1`, [id, ...values]);
}

function setStatus(id: string, status: string): Promise<unknown> {
  return update(id, 'status = $2', status);
}

async function read(id: string): Promise<{ status: string; settledAt: Date | null }> {
  const { rows } = await db.query<{ status: string; settledAt: Date | null }>(
    'SELECT status, settled_at AS "settledAt" FROM reservations WHERE id = $1',
    [id],
  );
  return only(rows);
}
