import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase } from '../../helpers/database.js';
import type { TestDatabase } from '../../helpers/database.js';
import { CHECK, countersOf, insertDrop, ledgerOf, refusalOf } from './rows.js';
import type { Movement } from './rows.js';

const appendOnly = { code: CHECK, constraint: 'stock_movements_append_only' };

let db: TestDatabase;

beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

describe('the ledger', () => {
  it.each([
    ['update', 'UPDATE stock_movements SET delta_sold = 1 WHERE drop_id = $1'],
    ['update without changing', 'UPDATE stock_movements SET version = version WHERE drop_id = $1'],
    ['delete', 'DELETE FROM stock_movements WHERE drop_id = $1'],
    ['insert', 'INSERT INTO stock_movements VALUES ($1, 2, 0, 0, 0, 10, 0, 0)'],
  ])('refuses to %s', async (_write, sql) => {
    const id = await insertDrop(db);
    const before = await ledgerOf(db, id);
    expect(await refusalOf(db.query(sql, [id]))).toEqual(appendOnly);
    expect(await ledgerOf(db, id)).toEqual(before);
  });

  it('refuses to insert for a drop that does not exist', async () => {
    const sql = 'INSERT INTO stock_movements VALUES ($1, 1, 0, 0, 0, 0, 0, 0)';
    expect(await refusalOf(db.query(sql, [randomUUID()]))).toEqual(appendOnly);
  });

  it.each(['truncate stock_movements', 'truncate drops, reservations, purchases, stock_movements'])(
    'refuses to %s',
    async (sql) => {
      const id = await insertDrop(db);
      expect(await refusalOf(db.query(sql))).toEqual(appendOnly);
      expect(await ledgerOf(db, id)).toHaveLength(1);
    },
  );

  it('starts with the initial stock of the drop, at version 1', async () => {
    const { rows } = await db.query<{ id: string }>(
      `INSERT INTO drops (name, price, total_stock, reserved_stock, sold_stock, version)
       VALUES ('Sneaker', 1, 10, 3, 2, 7), ('Cap', 1, 0, 0, 0, 8) RETURNING id`,
    );
    const ledgers = await Promise.all(rows.map(({ id }) => ledgerOf(db, id)));
    expect(ledgers).toEqual([[movement(1, [5, 3, 2], [5, 3, 2])], [movement(1, [0, 0, 0], [0, 0, 0])]]);
  });

  it('has a movement for each row that one statement changes', async () => {
    const ids = await Promise.all([1, 2, 3].map((stock) => insertDrop(db, stock)));
    await db.query('UPDATE drops SET total_stock = total_stock + 1 WHERE id = ANY($1)', [ids]);
    const ledgers = await Promise.all(ids.map((id) => ledgerOf(db, id)));
    expect(ledgers.map((ledger) => ledger[1])).toEqual([1, 2, 3].map((n) => movement(2, [1, 0, 0], [n + 1, 0, 0])));
  });

  it('has no movement for a change that was rolled back', async () => {
    const id = await insertDrop(db, 10);
    await refusalOf(db.query(`DO $$ BEGIN UPDATE drops SET name = 'Boot'; ASSERT false; END $$`));
    expect(await ledgerOf(db, id)).toEqual([movement(1, [10, 0, 0], [10, 0, 0])]);
  });

  it('remains after a drop without reservations is deleted', async () => {
    const id = await insertDrop(db, 4);
    await db.query('UPDATE drops SET total_stock = 5 WHERE id = $1', [id]);
    expect((await db.query('DELETE FROM drops WHERE id = $1', [id])).rowCount).toBe(1);
    expect(await ledgerOf(db, id)).toEqual([movement(1, [4, 0, 0], [4, 0, 0]), movement(2, [1, 0, 0], [5, 0, 0])]);
  });
});

describe('a replay of the ledger', () => {
  /** The expected row, computed in TypeScript independently of the triggers. */
  interface Model {
    version: number;
    total: number;
    available: number;
    reserved: number;
    sold: number;
    name: string;
  }
  const count = fc.integer({ min: 0, max: 6 });
  const edit = fc.oneof(
    fc.record({ column: fc.constant('total'), value: fc.integer({ min: -1, max: 20 }) }),
    fc.record({ column: fc.constant('name'), value: fc.constantFrom('Sneaker', 'Boot') }),
    fc.record({ column: fc.constant('reserve'), value: count }),
    fc.record({ column: fc.constant('release'), value: count }),
    fc.record({ column: fc.constant('sell'), value: count }),
  );
  type Edit = typeof edit extends fc.Arbitrary<infer T> ? T : never;

  const sql: Record<string, string> = {
    total: 'total_stock = $2',
    name: 'name = $2',
    reserve: 'available_stock = available_stock - $2::int, reserved_stock = reserved_stock + $2::int',
    release: 'available_stock = available_stock + $2::int, reserved_stock = reserved_stock - $2::int',
    sell: 'reserved_stock = reserved_stock - $2::int, sold_stock = sold_stock + $2::int',
  };

  function expected(row: Model, { column, value }: Edit): Model | 'refused' {
    const next = { ...row };
    if (typeof value === 'string') {
      next.name = value;
    } else {
      if (column === 'total') {
        next.available += value - row.total;
        next.total = value;
      }
      if (column === 'reserve') [next.available, next.reserved] = [row.available - value, row.reserved + value];
      if (column === 'release') [next.available, next.reserved] = [row.available + value, row.reserved - value];
      if (column === 'sell') [next.reserved, next.sold] = [row.reserved - value, row.sold + value];
    }
    if (next.available < 0 || next.reserved < 0 || next.sold < 0) return 'refused';
    const same = (Object.keys(row) as (keyof Model)[]).every((key) => next[key] === row[key]);
    return same ? row : { ...next, version: row.version + 1 };
  }

  it('yields the counters after any legal, refused or empty edits', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(12), fc.array(edit, { maxLength: 25 }), async (total, edits) => {
        const id = await insertDrop(db, total);
        let row: Model = { version: 1, total, available: total, reserved: 0, sold: 0, name: 'Sneaker' };
        for (const step of edits) {
          const write = db.query(`UPDATE drops SET ${sql[step.column] ?? ''} WHERE id = $1`, [id, step.value]);
          const next = expected(row, step);
          if (next === 'refused') expect(await refusalOf(write)).toMatchObject({ code: CHECK });
          else [row] = [next, await write];
        }

        const ledger = await ledgerOf(db, id);
        const { name: _name, ...counters } = row;
        expect(await countersOf(db, id)).toEqual(counters);
        expect(ledger.map(({ version }) => version)).toEqual(Array.from({ length: row.version }, (_, n) => n + 1));
        expect(replay(ledger)).toEqual({ available: row.available, reserved: row.reserved, sold: row.sold });
      }),
      { numRuns: 25 },
    );
  });

  /** Adds up the deltas and expects the sums in the counts of each movement. */
  function replay(ledger: Movement[]): { available: number; reserved: number; sold: number } {
    return ledger.reduce(
      (sum, { deltaAvailable, deltaReserved, deltaSold, version: _version, ...counts }) => {
        const next = {
          available: sum.available + deltaAvailable,
          reserved: sum.reserved + deltaReserved,
          sold: sum.sold + deltaSold,
        };
        expect(counts).toEqual(next);
        return next;
      },
      { available: 0, reserved: 0, sold: 0 },
    );
  }
});

type StockTriple = [available: number, reserved: number, sold: number];

function movement(version: number, deltas: StockTriple, [available, reserved, sold]: StockTriple): Movement {
  const [deltaAvailable, deltaReserved, deltaSold] = deltas;
  return { version, deltaAvailable, deltaReserved, deltaSold, available, reserved, sold };
}
