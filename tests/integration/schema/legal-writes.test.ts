import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase } from '../../helpers/database.js';
import type { TestDatabase } from '../../helpers/database.js';
import { countersOf, insertDrop, insertPurchase, insertReservation, insertUser, ledgerOf, only } from './rows.js';

const uuid = expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/) as string;
const time = expect.any(Date) as Date;

let db: TestDatabase;

beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

describe('an INSERT of only the columns without a default', () => {
  it('creates a user', async () => {
    const id = await insertUser(db);
    expect(await read('users', id)).toMatchObject({ id: uuid, role: 'user', created_at: time, updated_at: time });
  });

  it('creates a drop with all units available', async () => {
    const before = await databaseTime();
    const id = await insertDrop(db, 7);
    const after = await databaseTime();
    const row = await read('drops', id);
    expect(row).toMatchObject({
      id: uuid,
      total_stock: 7,
      available_stock: 7,
      reserved_stock: 0,
      sold_stock: 0,
      version: 1,
      currency: 'USD',
      description: null,
      image_url: null,
      drop_ends_at: null,
      limit_per_user: null,
      hold_seconds: null,
      published_at: time,
      paused_at: null,
      cancelled_at: null,
      created_at: time,
      updated_at: time,
    });
    expect(toMs(row.drop_starts_at)).toBeGreaterThanOrEqual(before);
    expect(toMs(row.drop_starts_at)).toBeLessThanOrEqual(after);
  });

  it('creates a drop that is live at once', async () => {
    const insert =
      "INSERT INTO drops (name, price, total_stock) VALUES ('Sneaker', 175, 1) RETURNING drop_status(drops)";
    for (let n = 0; n < 50; n += 1) {
      expect((await db.query(insert)).rows).toEqual([{ drop_status: 'live' }]);
    }
  });

  it('creates an active reservation of sixty seconds', async () => {
    const [userId, dropId] = [await insertUser(db), await insertDrop(db)];
    const before = await databaseTime();
    const id = await insertReservation(db, { userId, dropId });
    const after = await databaseTime();
    const row = await read('reservations', id);
    expect(row).toMatchObject({
      id: uuid,
      status: 'active',
      settled_at: null,
      idempotency_key: null,
      updated_at: time,
    });
    expect(toMs(row.expires_at)).toBeGreaterThanOrEqual(before + 60_000);
    // The column is rounded to milliseconds.
    expect(toMs(row.expires_at)).toBeLessThanOrEqual(after + 60_001);
  });

  it('creates a purchase', async () => {
    const [userId, dropId] = [await insertUser(db), await insertDrop(db)];
    const reservationId = await insertReservation(db, { userId, dropId }, 'completed');
    const row = await read('purchases', await insertPurchase(db, { userId, dropId, reservationId }));
    expect(row).toMatchObject({ id: uuid, price: '175.00', idempotency_key: null, created_at: time, updated_at: time });
  });

  it('needs no id, timestamp or initial counter', async () => {
    const { rows } = await db.query<{ table: string; required: string[] }>(
      `SELECT table_name AS "table", array_agg(column_name::text ORDER BY ordinal_position) AS required
         FROM information_schema.columns
        WHERE table_schema = 'public' AND is_nullable = 'NO' AND column_default IS NULL
          AND table_name NOT IN ('_prisma_migrations', 'stock_movements', 'account_changes', 'ended_tokens')
        GROUP BY table_name ORDER BY table_name`,
    );
    expect(rows).toEqual([
      { table: 'drop_refusals', required: ['drop_id', 'code', 'refusals'] },
      { table: 'drop_refusals_by_minute', required: ['drop_id', 'minute', 'code', 'refusals'] },
      { table: 'drop_stats', required: ['drop_id'] },
      // available_stock is optional: a trigger fills it, because a default cannot depend on the total.
      { table: 'drops', required: ['name', 'price', 'total_stock', 'available_stock'] },
      { table: 'purchases', required: ['user_id', 'drop_id', 'reservation_id', 'price'] },
      { table: 'reservations', required: ['user_id', 'drop_id'] },
      { table: 'users', required: ['username', 'email', 'password_hash'] },
    ]);
  });
});

describe('a drop edited cell by cell, as in Prisma Studio', () => {
  const edit = (id: string, column: string, value: unknown) =>
    db.query(`UPDATE "public"."drops" SET "${column}" = $1 WHERE ("public"."drops"."id" = $2 AND 1=1)`, [value, id]);

  it('changes its available stock and its ledger with its total stock', async () => {
    const id = await insertDrop(db, 10);
    await edit(id, 'total_stock', 15);
    expect(await countersOf(db, id)).toEqual({ version: 2, total: 15, available: 15, reserved: 0, sold: 0 });
    await edit(id, 'total_stock', 3);
    expect(await countersOf(db, id)).toEqual({ version: 3, total: 3, available: 3, reserved: 0, sold: 0 });

    const movements = await ledgerOf(db, id);
    expect(movements.map(({ deltaAvailable, available }) => [deltaAvailable, available])).toEqual([
      [10, 10],
      [5, 15],
      [-12, 3],
    ]);
  });

  it.each([
    ['name', 'Boot'],
    ['price', '9.99'],
    ['currency', 'EUR'],
    ['description', 'One\nTwo'],
    ['image_url', '/images/boot.jpg'],
    ['drop_starts_at', new Date('2030-01-01')],
    ['drop_ends_at', new Date('2099-01-01')],
    ['limit_per_user', 2],
    ['hold_seconds', 10],
    ['hold_seconds', 900],
    ['paused_at', new Date()],
    ['cancelled_at', new Date()],
    ['created_at', new Date('2020-01-01')],
  ])('raises its version by one for another %s, without a change of stock', async (column, value) => {
    const id = await insertDrop(db, 10);
    await edit(id, column, value);

    expect(await countersOf(db, id)).toEqual({ version: 2, total: 10, available: 10, reserved: 0, sold: 0 });
    expect((await ledgerOf(db, id))[1]).toEqual({
      version: 2,
      deltaAvailable: 0,
      deltaReserved: 0,
      deltaSold: 0,
      available: 10,
      reserved: 0,
      sold: 0,
    });
  });

  it('stays unchanged when a cell is saved with the same value', async () => {
    const id = await insertDrop(db, 10);
    const before = await read('drops', id);
    for (const column of ['name', 'total_stock', 'price', 'drop_starts_at']) await edit(id, column, before[column]);

    expect(await read('drops', id)).toEqual(before);
    expect(await ledgerOf(db, id)).toHaveLength(1);
  });

  it('ignores a version that is written by hand', async () => {
    const id = await insertDrop(db);
    await edit(id, 'version', 99);
    expect(await countersOf(db, id)).toMatchObject({ version: 2 });
    await edit(id, 'version', 0);
    expect(await countersOf(db, id)).toMatchObject({ version: 3 });
    expect(await ledgerOf(db, id)).toHaveLength(3);
  });
});

describe('updated_at', () => {
  it('is set to the current time by every change of a row, even if the statement sets another value', async () => {
    const [userId, dropId] = [await insertUser(db), await insertDrop(db)];
    const reservationId = await insertReservation(db, { userId, dropId });
    const purchaseId = await insertPurchase(db, { userId, dropId, reservationId });
    const changes: [table: string, id: string, change: string][] = [
      ['users', userId, "password_hash = 'another'"],
      ['drops', dropId, "name = 'Boot'"],
      ['reservations', reservationId, "status = 'completed'"],
      ['purchases', purchaseId, 'price = 1'],
    ];
    for (const [table, id, change] of changes) {
      const before = await read(table, id);
      await sleep(5);
      await db.query(`UPDATE ${table} SET ${change}, updated_at = '2000-01-01' WHERE id = $1`, [id]);
      const after = await read(table, id);
      expect(toMs(after.updated_at), table).toBeGreaterThan(toMs(before.updated_at));
      expect(after.created_at, table).toEqual(before.created_at);
    }
  });
});

async function read(table: string, id: string): Promise<Record<string, unknown>> {
  return only((await db.query<Record<string, unknown>>(`SELECT * FROM ${table} WHERE id = $1`, [id])).rows);
}

async function databaseTime(): Promise<number> {
  return toMs(only((await db.query<{ now: Date }>('SELECT clock_timestamp() AS now')).rows).now);
}

function toMs(value: unknown): number {
  return value instanceof Date ? value.getTime() : Number.NaN;
}
