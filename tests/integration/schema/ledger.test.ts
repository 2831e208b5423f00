import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase } from '../../helpers/database.js';
import type { TestDatabase } from '../../helpers/database.js';
import { withClient } from '../../helpers/test-server.js';
import { CHECK, countersOf, insertDrop, insertUser, ledgerOf, only, refusalOf, UNIQUE } from './rows.js';
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

  it.each(['truncate stock_movements', 'truncate drops, reservations, purchases, stock_movements cascade'])(
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

describe('the cause of a movement', () => {
  /** The movements of the drop, oldest first, without their counts. */
  async function allRecorded(dropId: string) {
    const { rows } = await db.query<Record<string, unknown>>(
      `SELECT cause, expired_units AS expired, released_units AS released, actor_id AS actor, actor_role AS role, reason, changed,
              idempotency_key AS key
       FROM stock_movements WHERE drop_id = $1 ORDER BY version`,
      [dropId],
    );
    return rows;
  }

  /** Updates the drop in a transaction with these settings, as the service does; each statement sets other columns. */
  function updateWith(dropId: string, settings: Record<string, string>, ...statements: string[]): Promise<void> {
    return withClient(db.url, async (client) => {
      await client.query('BEGIN');
      for (const [name, value] of Object.entries(settings)) {
        await client.query('SELECT set_config($1, $2, true)', [`drop_inventory.${name}`, value]);
      }
      for (const columns of statements) await client.query(`UPDATE drops SET ${columns} WHERE id = $1`, [dropId]);
      await client.query('COMMIT');
      await client.query('UPDATE drops SET total_stock = total_stock + 1 WHERE id = $1', [dropId]);
    });
  }

  const roleOf = async () => only((await db.query<{ role: string }>('SELECT session_user AS role')).rows).role;
  const BY_SQL = { expired: 0, released: 0, actor: null, reason: null, changed: null, key: null };
  const BY_SERVICE = { ...BY_SQL, role: null };

  it.each([
    ['reserve', 'available_stock = 3, reserved_stock = 4', {}],
    ['purchase', 'reserved_stock = 1, sold_stock = 4', {}],
    ['release', 'available_stock = 6, reserved_stock = 1', { released: 1 }],
    ['adjust', 'total_stock = 11', {}],
    ['adjust', 'available_stock = 6, sold_stock = 2', {}],
    ['edit', "name = 'Boot', price = 180.5", { changed: { name: 'Boot', price: '180.50' } }],
    ['edit', 'paused_at = NULL, limit_per_user = NULL', { changed: { paused_at: null, limit_per_user: null } }],
    ['adjust', "total_stock = 11, name = 'Boot'", { changed: { name: 'Boot' } }],
  ] as const)('of a session of SQL follows from what changes: %s for %s', async (cause, columns, others) => {
    const { rows } = await db.query<{ id: string }>(
      `INSERT INTO drops (name, price, total_stock, reserved_stock, sold_stock, paused_at, limit_per_user)
       VALUES ('Sneaker', 175, 10, 2, 3, now(), 2) RETURNING id`,
    );
    const { id } = only(rows);
    const role = await roleOf();
    await db.query(`UPDATE drops SET ${columns} WHERE id = $1`, [id]);
    expect(await allRecorded(id)).toEqual([
      { ...BY_SQL, cause: 'create', role },
      { ...BY_SQL, cause, role, ...others },
    ]);
  });

  it.each([
    ['reserve', 'available_stock = 3, reserved_stock = 4', '0', 0],
    ['reserve', 'available_stock = 3, reserved_stock = 4', '2', 0],
    ['reserve', 'version = version + 1', '2', 0],
    ['purchase', 'available_stock = 6, reserved_stock = 0, sold_stock = 4', '1', 0],
    ['expire', 'available_stock = 7, reserved_stock = 0', '2', 0],
    ['release', 'available_stock = 7, reserved_stock = 0', '1', 1],
  ])('of the service has the units that expired as well: %s for %s', async (cause, columns, expired, released) => {
    const { rows } = await db.query<{ id: string }>(
      `INSERT INTO drops (name, price, total_stock, reserved_stock, sold_stock) VALUES ('Sneaker', 175, 10, 2, 3) RETURNING id`,
    );
    const { id } = only(rows);
    await updateWith(id, { actor: 'service', expired }, columns);
    expect((await allRecorded(id))[1]).toEqual({ ...BY_SERVICE, cause, expired: Number(expired), released });
  });

  it('names the admin and the reason until the transaction ends, and the key and the expired units once', async () => {
    const id = await insertDrop(db, 10);
    const [actor, reason] = [randomUUID(), 'Damaged'];
    const settings = { actor, reason, key: 'once', expired: '1' };
    const reserve = 'available_stock = available_stock - 1, reserved_stock = reserved_stock + 1';
    await updateWith(id, settings, reserve, reserve, 'total_stock = total_stock - 1', "name = 'Boot'");
    const byAdmin = { ...BY_SERVICE, actor, reason };
    expect((await allRecorded(id)).slice(1)).toEqual([
      { ...byAdmin, cause: 'reserve', expired: 1, key: 'once' },
      { ...byAdmin, cause: 'reserve' },
      { ...byAdmin, cause: 'adjust' },
      { ...byAdmin, cause: 'edit', changed: { name: 'Boot' } },
      { ...BY_SQL, cause: 'adjust', role: await roleOf() },
    ]);
  });

  it('has a reason that a session of SQL gives', async () => {
    const id = await insertDrop(db, 10);
    await updateWith(id, { reason: 'Stocktaking' }, 'total_stock = 9');
    expect((await allRecorded(id))[1]).toEqual({
      ...BY_SQL,
      cause: 'adjust',
      role: await roleOf(),
      reason: 'Stocktaking',
    });
  });

  it('of a new drop names the admin who created it', async () => {
    const actor = await insertUser(db);
    const sql = "INSERT INTO drops (name, price, total_stock, created_by) VALUES ('Sneaker', 175, 1, $1) RETURNING id";
    const { id } = only((await db.query<{ id: string }>(sql, [actor])).rows);
    expect(await allRecorded(id)).toEqual([{ ...BY_SERVICE, cause: 'create', actor }]);
  });

  it.each([
    ['a reason of 501 characters', { actor: randomUUID(), reason: 'x'.repeat(501) }, 'stock_movements_reason_length'],
    ['a negative number of expired units', { actor: 'service', expired: '-1' }, 'stock_movements_units_not_negative'],
  ])('is refused with %s', async (_what, settings, constraint) => {
    const id = await insertDrop(db, 10);
    expect(await refusalOf(updateWith(id, settings, 'total_stock = 9'))).toEqual({ code: CHECK, constraint });
    expect(await ledgerOf(db, id)).toHaveLength(1);
  });

  it('is refused with a key that the admin has used before', async () => {
    const settings = { actor: randomUUID(), key: 'once' };
    await updateWith(await insertDrop(db, 10), settings, 'total_stock = 9');
    const constraint = 'stock_movements_actor_id_idempotency_key_key';
    const again = updateWith(await insertDrop(db, 10), settings, 'total_stock = 9');
    expect(await refusalOf(again)).toEqual({ code: UNIQUE, constraint });
    await updateWith(await insertDrop(db, 10), { ...settings, actor: randomUUID() }, 'total_stock = 9');
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
