import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DropResponse } from '../../../src/modules/drops/drops.schema.js';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import type { DropColumns } from '../../helpers/drop.js';
import { rowsRead, stepsOf } from '../../helpers/explain.js';
import { recordedStatements, type Statement } from '../../helpers/statements.js';
import { withClient } from '../../helpers/test-server.js';
import { expectSuccess } from './support.js';

const PgClient = recordedStatements();
const HOUR_MS = 3_600_000;
const at = (hours: number) => new Date(Date.now() + hours * HOUR_MS);
let app: TestApp;

beforeAll(async () => {
  app = await startTestApp({ PgClient });
});
beforeEach(() => app.database.query('TRUNCATE drops CASCADE'));
afterAll(() => app.close());

async function list(query = '') {
  app.context.dropLists.clear();
  return expectSuccess(await app.http.get(`/api/drops?sort=storefront${query}`), 200) as {
    data: DropResponse[];
    meta: { totalItems: number };
  };
}
const names = async (query?: string) => (await list(query)).data.map(({ name }) => name);

const held: DropColumns = { available_stock: 0, reserved_stock: 4, sold_stock: 6 };
const sold: DropColumns = { available_stock: 0, sold_stock: 10 };

/** Drops by their names, in the order of the storefront. */
const SHOP: Readonly<Record<string, DropColumns>> = {
  'live, ends in 1 h': { drop_starts_at: at(-9), drop_ends_at: at(1) },
  'live, ends in 2 h': { drop_starts_at: at(-1), drop_ends_at: at(2) },
  'live since 1 h': { drop_starts_at: at(-1), created_at: at(-50) },
  'live since 2 h, one is held': { drop_starts_at: at(-2), available_stock: 9, reserved_stock: 1 },
  'opens in 1 h': { drop_starts_at: at(1) },
  'opens in 2 h, and ends': { drop_starts_at: at(2), drop_ends_at: at(3) },
  'all held, ends': { ...held, drop_starts_at: at(-9), drop_ends_at: at(5) },
  'all held': { ...held, drop_starts_at: at(-8) },
  'paused 1 h ago': { paused_at: at(-1), drop_starts_at: at(-3) },
  'paused 2 h ago, sold out': { ...sold, paused_at: at(-2), drop_starts_at: at(-3) },
  'sold out, ends': { ...sold, drop_starts_at: at(-20), drop_ends_at: at(9) },
  'sold out since 3 h': { ...sold, drop_starts_at: at(-3) },
  'sold out since 4 h': { ...sold, drop_starts_at: at(-4) },
  'ended 1 h ago, unsold': { drop_starts_at: at(-9), drop_ends_at: at(-1) },
  'ended 2 h ago, sold out': { ...sold, drop_starts_at: at(-9), drop_ends_at: at(-2) },
  'ended 3 h ago, paused': { paused_at: at(-4), drop_starts_at: at(-9), drop_ends_at: at(-3) },
};
const HIDDEN: Readonly<Record<string, DropColumns>> = {
  draft: { published_at: null, drop_starts_at: at(-1) },
  cancelled: { cancelled_at: at(-1), drop_starts_at: at(-1) },
  'cancelled before its start': { cancelled_at: at(-1), drop_starts_at: at(9) },
};

describe('the storefront', () => {
  beforeEach(async () => {
    const drops = Object.entries({ ...HIDDEN, ...SHOP });
    for (const [name, columns] of drops.sort(([a], [b]) => (a < b ? -1 : 1))) {
      await app.createDrop({ name, total_stock: 10, ...columns });
    }
  });

  it('lists what can be bought first, and neither drafts nor cancelled drops', async () => {
    const { data, meta } = await list('&pageSize=100');
    expect(data.map(({ name }) => name)).toEqual(Object.keys(SHOP));
    expect(meta.totalItems).toBe(Object.keys(SHOP).length);
  });

  it('has each drop on one page, in the same order', async () => {
    const pages = [1, 2, 3, 4, 5, 6, 7].map((page) => names(`&pageSize=3&page=${page}`));
    expect((await Promise.all(pages)).flat()).toEqual(Object.keys(SHOP));
  });

  it.each(['live', 'scheduled', 'sold_out', 'paused', 'ended'])('of one status keeps the order: %s', async (status) => {
    const all = (await list('&pageSize=100')).data.filter((drop) => drop.status === status);
    const { data, meta } = await list(`&status=${status}`);
    expect(data).toEqual(all);
    expect(meta.totalItems).toBe(all.length);
    expect(all.length).toBeGreaterThan(1);
  });

  it('shows cancelled drops if they are asked for, and searches', async () => {
    expect((await names('&status=cancelled')).sort()).toEqual(['cancelled', 'cancelled before its start']);
    expect(await names('&q=SOLD out')).toEqual(Object.keys(SHOP).filter((name) => name.includes('sold out')));
    expect((await list('&q=sold')).meta.totalItems).toBe(Object.keys(SHOP).filter((n) => n.includes('sold')).length);
  });

  it('is not the order without parameters', async () => {
    app.context.dropLists.clear();
    const { data } = expectSuccess(await app.http.get('/api/drops?pageSize=100'), 200) as { data: DropResponse[] };
    const times = data.map(({ createdAt }) => createdAt);
    expect(times).toEqual([...times].sort().reverse());
    expect(data.some(({ status }) => status === 'cancelled')).toBe(true);
  });

  it('follows the last sale, and units that are added', async () => {
    const id = await app.createDrop({ name: 'Last one', total_stock: 1, drop_starts_at: at(-0.5) });
    const move = (columns: string) => app.database.query(`UPDATE drops SET ${columns} WHERE id = $1`, [id]);
    expect((await names('&status=live'))[2]).toBe('Last one');
    await move('available_stock = 0, sold_stock = 1');
    expect((await names('&status=sold_out'))[3]).toBe('Last one');
    await move('total_stock = 2');
    expect((await names('&status=live'))[2]).toBe('Last one');
    const { rows } = await app.database.query('SELECT changed FROM stock_movements WHERE drop_id = $1', [id]);
    expect(rows).toEqual([{ changed: null }, { changed: null }, { changed: null }]);
  });
});

describe('a shop with a long past', () => {
  const PAST = 3_000;
  const PAGE = 10;

  /** Adds drops without triggers, as many of each kind. */
  async function insert(count: number, columns: string) {
    await app.database.query(
      `SET session_replication_role = replica;
       INSERT INTO drops (name, price, total_stock, available_stock, reserved_stock, sold_stock, is_sold_out, drop_starts_at, drop_ends_at,
                          cancelled_at, published_at, paused_at)
       SELECT 'Past', 1, 10, ${columns} FROM generate_series(1, ${count}) n;
       SET session_replication_role = origin`,
    );
  }
  const SOLD = "0, 0, 10, true, now() - n * interval '1 h', NULL, NULL, now(), NULL";
  const UNSOLD = "10, 0, 0, false, now() - n * interval '1 h', now() - n * interval '1 min', NULL, now(), NULL";
  const CANCELLED = "10, 0, 0, false, now() - n * interval '1 h', NULL, now(), now(), NULL";
  const LIVE = "10, 0, 0, false, now() - n * interval '1 s', NULL, NULL, now(), NULL";

  /** Rows and index entries that a page of the list reads. */
  async function readBy(query: string): Promise<number> {
    PgClient.take();
    await list(`&pageSize=${PAGE}${query}`);
    const sent = PgClient.take();
    const settings = sent.find(({ text }) => text.includes('set_config')) as Statement;
    const statement = sent.find(({ text }) => text.includes('purchases')) as Statement;
    return withClient(app.database.url, async (client) => {
      await client.query('BEGIN');
      await client.query(settings.text);
      const steps = await stepsOf({ query: (sql, params) => client.query(sql, params) }, statement);
      return rowsRead(steps.filter((step) => step['Relation Name'] === 'drops'));
    });
  }

  async function insertAll(...kinds: readonly string[]): Promise<void> {
    for (const columns of kinds) await insert(columns === LIVE ? 5 : PAST, columns);
  }

  beforeAll(() => app.database.query('ALTER TABLE drops SET (autovacuum_enabled = false)'));

  it.each<[string, () => Promise<unknown>]>([
    [
      'of today',
      async () => {
        await insertAll(SOLD, UNSOLD, CANCELLED, LIVE);
        await app.database.query('ANALYZE drops');
      },
    ],
    [
      'of ended drops only',
      async () => {
        await insertAll(UNSOLD);
        await app.database.query('ANALYZE drops');
        await insertAll(SOLD, CANCELLED, LIVE);
      },
    ],
    [
      'of open drops only',
      async () => {
        await insert(PAST, LIVE);
        await app.database.query('ANALYZE drops');
        await app.database.query('DELETE FROM drops');
        await insertAll(SOLD, UNSOLD, CANCELLED, LIVE);
      },
    ],
    [
      'that are missing',
      async () => {
        await app.database.query("DELETE FROM pg_statistic WHERE starelid = 'drops'::regclass");
        await insertAll(SOLD, UNSOLD, CANCELLED, LIVE);
      },
    ],
  ])('is read as far as the page needs, with statistics %s', async (_, prepare) => {
    await prepare();
    // Each row is found in an index and then by its id.
    expect(await readBy('')).toBeLessThanOrEqual(4 * PAGE);
    expect(await readBy('&page=3')).toBeLessThanOrEqual(4 * 3 * PAGE);
    for (const status of ['live', 'sold_out', 'ended', 'scheduled', 'paused']) {
      expect(await readBy(`&status=${status}`), status).toBeLessThanOrEqual(4 * PAGE);
    }
  });

  it('is read as a whole without the index of open drops', async () => {
    await insertAll(SOLD, UNSOLD, CANCELLED);
    await app.database.query('ALTER INDEX drops_open_start_idx RENAME TO gone; DROP INDEX gone');
    expect(await readBy('&status=live')).toBeGreaterThan(PAST);
  });
});
