import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase } from '../../helpers/database.js';
import type { TestDatabase } from '../../helpers/database.js';
import {
  CHECK,
  countersOf,
  FOREIGN_KEY,
  insertDraft,
  insertDrop,
  insertPurchase,
  insertReservation,
  insertUser,
  ledgerOf,
  NOT_NULL,
  refusalOf,
  RESTRICTED,
  UNIQUE,
} from './rows.js';

let db: TestDatabase;

beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

describe('the constraints on the times of a drop', () => {
  it.each([
    [{ drop_starts_at: 'infinity' }],
    [{ drop_starts_at: '-infinity' }],
    [{ drop_ends_at: 'infinity' }],
    [{ drop_starts_at: '9999-12-31T23:59:59-10:00' }],
    [{ drop_ends_at: '10000-01-01T00:00:00Z' }],
  ])('refuse %o', async (columns) => {
    expect(await refusalOf(insert({ total_stock: 1, ...columns }))).toEqual({
      code: CHECK,
      constraint: 'drops_times_in_range',
    });
  });
});

describe('the constraints on the currency and the description of a drop', () => {
  it.each(['', 'eur', 'EURO', 'E1R', 'EU\n', 'ÄÖÜ'])('refuse the currency %j', async (currency) => {
    expect(await refusalOf(insert({ total_stock: 1, currency }))).toEqual({
      code: CHECK,
      constraint: 'drops_currency_code',
    });
  });

  it.each(['', 'x'.repeat(2001)])('refuse a description of the wrong length', async (description) => {
    expect(await refusalOf(insert({ total_stock: 1, description }))).toEqual({
      code: CHECK,
      constraint: 'drops_description_length',
    });
  });

  it.each([
    ['a hold', 'available_stock = 9, reserved_stock = 1', ''],
    ['a sale', 'available_stock = 9, sold_stock = 1', ''],
    [
      'a hold that was given back',
      'available_stock = 9, reserved_stock = 1',
      'available_stock = 10, reserved_stock = 0',
    ],
  ])('refuse another currency after %s', async (_what, first, then) => {
    const id = await insertDrop(db, 10);
    await update(id, { currency: 'EUR' });
    await db.query(`UPDATE drops SET ${first} WHERE id = $1`, [id]);
    if (then) await db.query(`UPDATE drops SET ${then} WHERE id = $1`, [id]);
    expect(await refusalOf(update(id, { currency: 'USD' }))).toEqual({
      code: CHECK,
      constraint: 'drops_currency_stays',
    });
    await update(id, { currency: 'EUR' });
  });
});

describe('the constraints on the life cycle of a drop', () => {
  it.each([
    ['a pause', { paused_at: new Date() }],
    ['a cancellation', { cancelled_at: new Date() }],
    ['a hold', { available_stock: 9, reserved_stock: 1 }],
    ['a sale', { available_stock: 9, sold_stock: 1 }],
  ])('refuse %s of a draft', async (_what, change) => {
    const id = await insertDraft(db, 10);
    expect(await refusalOf(update(id, change))).toEqual({ code: CHECK, constraint: 'drops_draft_is_untouched' });
    expect(await refusalOf(insert({ total_stock: 10, published_at: null, ...change }))).toEqual({
      code: CHECK,
      constraint: 'drops_draft_is_untouched',
    });
    // A published one accepts each of them.
    await update(await insertDrop(db, 10), change);
  });

  it('refuse to withdraw a published drop, or to publish it at another time', async () => {
    const id = await insertDrop(db);
    for (const published_at of [null, new Date('2020-01-01')]) {
      expect(await refusalOf(update(id, { published_at }))).toEqual({
        code: CHECK,
        constraint: 'drops_published_for_good',
      });
    }
  });

  it('refuse to take back a cancellation', async () => {
    const id = await insertDrop(db);
    await update(id, { cancelled_at: new Date() });
    expect(await refusalOf(update(id, { cancelled_at: null }))).toEqual({
      code: CHECK,
      constraint: 'drops_cancelled_for_good',
    });
  });

  it('date a publication by the clock, whatever time is written', async () => {
    const id = await insertDraft(db);
    await update(id, { published_at: 'infinity' });
    const { rows } = await db.query(
      "SELECT published_at BETWEEN clock_timestamp() - interval '10 min' AND clock_timestamp() + interval '1 s' AS recent FROM drops WHERE id = $1",
      [id],
    );
    expect(rows).toEqual([{ recent: true }]);
  });

  it.each([9, 901, 0, -60])('refuse holds of %i seconds', async (hold_seconds) => {
    expect(await refusalOf(insert({ total_stock: 1, hold_seconds }))).toEqual({
      code: CHECK,
      constraint: 'drops_hold_seconds_in_range',
    });
  });
});

describe('the constraints on the stock of a drop', () => {
  it.each([
    ['more reserved than there is', { available_stock: -1, reserved_stock: 11 }, 'drops_available_stock_not_negative'],
    ['a negative count of holds', { available_stock: 11, reserved_stock: -1 }, 'drops_reserved_stock_not_negative'],
    ['a negative count of sales', { available_stock: 11, sold_stock: -1 }, 'drops_sold_stock_not_negative'],
    ['an available unit too many', { available_stock: 11 }, 'drops_stock_adds_up'],
    ['an available unit too few', { available_stock: 9 }, 'drops_stock_adds_up'],
    ['a hold that leaves the available stock unchanged', { reserved_stock: 1 }, 'drops_stock_adds_up'],
    ['a sale that leaves the available stock unchanged', { sold_stock: 1 }, 'drops_stock_adds_up'],
    ['a total that the counts do not add up to', { total_stock: 12, available_stock: 11 }, 'drops_stock_adds_up'],
    ['a total below zero', { total_stock: -1 }, 'drops_available_stock_not_negative'],
  ])('refuse an update to %s', async (_what, change, constraint) => {
    const id = await insertDrop(db, 10);
    const before = await countersOf(db, id);

    expect(await refusalOf(update(id, change))).toEqual({ code: CHECK, constraint });
    expect(await countersOf(db, id)).toEqual(before);
    expect(await ledgerOf(db, id)).toHaveLength(1);
  });

  it.each([
    ['negative stock', { total_stock: -1 }, 'drops_available_stock_not_negative'],
    ['more reserved than the total', { total_stock: 1, reserved_stock: 2 }, 'drops_available_stock_not_negative'],
    ['more sold than the total', { total_stock: 1, sold_stock: 2 }, 'drops_available_stock_not_negative'],
    ['a negative count of holds', { total_stock: 1, reserved_stock: -1 }, 'drops_reserved_stock_not_negative'],
    ['a negative count of sales', { total_stock: 1, sold_stock: -1 }, 'drops_sold_stock_not_negative'],
    ['more available than the total', { total_stock: 1, available_stock: 2 }, 'drops_stock_adds_up'],
  ])('refuse a new drop with %s', async (_what, columns, constraint) => {
    expect(await refusalOf(insert(columns))).toEqual({ code: CHECK, constraint });
  });

  it('refuse to oversell when writers do not read the stock first', async () => {
    const id = await insertDrop(db, 5);
    const reserve = () =>
      db.query(
        'UPDATE drops SET available_stock = available_stock - 1, reserved_stock = reserved_stock + 1 WHERE id = $1',
        [id],
      );
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, reserve));

    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
    expect(await countersOf(db, id)).toEqual({ version: 6, total: 5, available: 0, reserved: 5, sold: 0 });
  });

  it('refuse a total below the units that are held and sold', async () => {
    const id = await insertDrop(db, 10);
    await update(id, { available_stock: 3, reserved_stock: 5, sold_stock: 2 });

    expect(await refusalOf(update(id, { total_stock: 6 }))).toEqual({
      code: CHECK,
      constraint: 'drops_available_stock_not_negative',
    });
    await update(id, { total_stock: 7 });
    expect(await countersOf(db, id)).toMatchObject({ total: 7, available: 0, reserved: 5, sold: 2 });
  });
});

describe('the constraints on the details of a drop', () => {
  const now = new Date();
  const ends = 'drops_ends_after_start';
  const illegal: [string, Record<string, unknown>, string][] = [
    ['no name', { name: '' }, 'drops_name_length'],
    ['a name of 201 characters', { name: 'é'.repeat(201) }, 'drops_name_length'],
    ['a name without a visible character', { name: ' \u200b\u3164\u2800\ufe0f' }, 'drops_name_visible'],
    ['a name of two lines', { name: 'Sneaker\nfor free' }, 'drops_name_without_controls'],
    ['a name that is written backwards', { name: 'Sneaker \u202eeerf rof' }, 'drops_name_without_controls'],
    ['a negative price', { price: '-0.01' }, 'drops_price_not_negative'],
    ['a price that is not a number', { price: 'NaN' }, 'drops_price_not_negative'],
    ['a limit of zero', { limit_per_user: 0 }, 'drops_limit_per_user_positive'],
    ['an end before the start', { drop_starts_at: now, drop_ends_at: new Date(now.getTime() - 1) }, ends],
    ['an end at the start', { drop_starts_at: now, drop_ends_at: now }, ends],
    ['a key without the hash of its request', { idempotency_key: 'key' }, 'drops_request_hash_with_key'],
    ['the hash of a request without its key', { request_hash: 'hash' }, 'drops_request_hash_with_key'],
  ];

  it.each(illegal)('refuse a new drop with %s', async (_what, columns, constraint) => {
    expect(await refusalOf(insert({ total_stock: 1, ...columns }))).toEqual({ code: CHECK, constraint });
  });

  it.each(illegal)('refuse an update to %s', async (_what, columns, constraint) => {
    const id = await insertDrop(db);
    expect(await refusalOf(update(id, columns))).toEqual({ code: CHECK, constraint });
  });

  it.each(['✓', 'e\u0301', '❤\ufe0f', '👨\u200d👩', '\u200fעברית'])('accept the name %s, normalized', async (name) => {
    const id = await insertDrop(db);
    await update(id, { name });
    const { rows } = await db.query('SELECT name FROM drops WHERE id = $1', [id]);
    expect(rows).toEqual([{ name: name.normalize('NFC') }]);
  });

  it('accept stock changes of a drop with an older, unnormalized name, and writes of the same name', async () => {
    const name = 'Édition\t'.normalize('NFD');
    await db.query('ALTER TABLE drops DISABLE TRIGGER drops_normalize_name');
    const id = await insertDrop(db);
    await update(id, { name });
    await db.query('ALTER TABLE drops ENABLE TRIGGER drops_normalize_name');
    await update(id, { available_stock: 9, reserved_stock: 1 });
    await update(id, { name, price: 1 });
    expect(await refusalOf(update(id, { name: `${name}!` }))).toMatchObject({ code: CHECK });
  });

  it('accept the values at the limits', async () => {
    const id = await insertDrop(db);
    const end = new Date(now.getTime() + 1);
    await update(id, { name: 'é'.repeat(200), price: 0, limit_per_user: 1, drop_starts_at: now, drop_ends_at: end });
    await update(id, { name: 'x', price: '99999999.99', limit_per_user: null, drop_ends_at: null });
  });

  it.each(['name', 'price', 'total_stock', 'available_stock', 'drop_starts_at', 'created_at'])(
    'refuse NULL in %s',
    async (column) => {
      const id = await insertDrop(db);
      expect(await refusalOf(update(id, { [column]: null }))).toMatchObject({ code: NOT_NULL });
    },
  );
});

describe('the constraints on the id of a drop', () => {
  it('refuse to change it, also without history', async () => {
    const id = await insertDrop(db);
    expect(await refusalOf(update(id, { id: randomUUID() }))).toEqual({
      code: CHECK,
      constraint: 'drops_id_never_changes',
    });
  });

  it('refuse the id of a deleted drop, since the ledger still has it', async () => {
    const id = await insertDrop(db);
    await db.query('DELETE FROM drops WHERE id = $1', [id]);

    expect(await refusalOf(insert({ id, total_stock: 1 }))).toEqual({
      code: UNIQUE,
      constraint: 'stock_movements_pkey',
    });
  });

  it('refuse to delete a drop that has reservations or purchases', async () => {
    for (const status of ['active', 'completed', 'expired', 'released']) {
      const userId = await insertUser(db);
      const dropId = await insertDrop(db);
      const reservationId = await insertReservation(db, { userId, dropId }, status);
      if (status === 'completed') await insertPurchase(db, { userId, dropId, reservationId });

      const { code, constraint } = await refusalOf(db.query('DELETE FROM drops WHERE id = $1', [dropId]));
      expect(code).toMatch(RESTRICTED);
      expect(constraint).toMatch(/^(reservations|purchases)_drop_id_fkey$/);
    }
  });
});

describe('the constraints on the idempotency key of a drop', () => {
  const withKey = (createdBy: string | null) =>
    insert({ total_stock: 1, created_by: createdBy, idempotency_key: 'key', request_hash: 'hash' });

  it('refuse a key that the same admin has used, and accept the same key of another admin', async () => {
    const admin = await insertUser(db);
    await withKey(admin);
    expect(await refusalOf(withKey(admin))).toEqual({
      code: UNIQUE,
      constraint: 'drops_created_by_idempotency_key_key',
    });
    await withKey(await insertUser(db));
  });

  it('require an existing account, and allow its deletion', async () => {
    const admin = await insertUser(db);
    await withKey(admin);
    await db.query('DELETE FROM users WHERE id = $1', [admin]);
    expect(await refusalOf(withKey(admin))).toEqual({ code: FOREIGN_KEY, constraint: 'drops_created_by_fkey' });
  });
});

function insert(columns: Record<string, unknown>): Promise<unknown> {
  const row: Record<string, unknown> = { name: 'Sneaker', price: 175, ...columns };
  const places = Object.keys(row).map((_, index) => `$${index + 1}`);
  return db.query(`INSERT INTO drops (${Object.keys(row).join()}) VALUES (${places.join()})`, Object.values(row));
}

function update(id: string, columns: Record<string, unknown>): Promise<unknown> {
  const changes = Object.keys(columns).map((column, index) => `${column} = $${index + 2}`);
  return db.query(`UPDATE drops SET ${changes.join()} WHERE id = $1`, [id, ...Object.values(columns)]);
}
