import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import {
  buy,
  editDrop,
  expectInvalid,
  expectMembers,
  expectProblem,
  expectSuccess,
  ISO_UTC,
  MEMBERS,
  nextMillisecond,
  UNKNOWN_ID,
} from './support.js';

let app: TestApp;

beforeAll(async () => {
  app = await startTestApp({ env: { PUBLIC_URL: 'https://drops.example' } });
});
afterAll(() => app.close());

async function list(query = '') {
  const { data, meta } = expectSuccess(await app.http.get(`/api/drops${query}`), 200);
  return { ids: (data as { id: string }[]).map(({ id }) => id), drops: data as Record<string, unknown>[], meta };
}

async function show(dropId: string) {
  return expectSuccess(await app.http.get(`/api/drops/${dropId}`), 200).data as Record<string, unknown>;
}

it('an empty list is a page with no items', async () => {
  expect(await list()).toMatchObject({
    drops: [],
    meta: { totalItems: 0, totalPages: 0, currentPage: 1, pageSize: 10 },
  });
});

describe('pages', () => {
  /** The newest first; of drops with the same time, the greatest id first. */
  let expected: string[];

  beforeAll(async () => {
    const times = [1, 2, 3, 3, 3, 3, 3, 3, 3, 3, 8, 9].map((day) => `2020-01-0${day}`);
    const created: { id: string; at: string }[] = [];
    for (const at of times) created.push({ id: await app.createDrop({ created_at: at }), at });
    // With statistics, PostgreSQL reads so few rows in the order in which they were written.
    await app.database.query('ANALYZE drops');
    expected = created
      .sort((one, other) => other.at.localeCompare(one.at) || (other.id > one.id ? 1 : -1))
      .map(({ id }) => id);
  });
  afterAll(() => app.database.query('DELETE FROM drops'));

  it('contain ten drops by default, the newest first', async () => {
    const { ids, meta } = await list();
    expect(ids).toEqual(expected.slice(0, 10));
    expect(meta).toEqual({ totalItems: 12, totalPages: 2, currentPage: 1, pageSize: 10 });
  });

  it.each([1, 2, 5, 12, 100])('of %i drops contain each drop once', async (pageSize) => {
    const totalPages = Math.ceil(12 / pageSize);
    const ids: string[] = [];
    for (let page = 1; page <= totalPages; page += 1) {
      const result = await list(`?page=${page}&pageSize=${pageSize}`);
      expect(result.meta).toEqual({ totalItems: 12, totalPages, currentPage: page, pageSize });
      ids.push(...result.ids);
    }
    expect(ids).toEqual(expected);
  });

  it('beyond the last one are empty', async () => {
    const { ids, meta } = await list('?page=1000000&pageSize=100');
    expect([ids, meta.totalItems, meta.currentPage]).toEqual([[], 12, 1_000_000]);
  });

  it.each(['0', '-1', '1.5', '', ' 1', '1e2', '0x1', 'abc', '99999999999', '1%00'])(
    'and page sizes cannot be %j',
    async (value) => {
      expectInvalid(await app.http.get(`/api/drops?page=${value}`), 'query.page');
      expectInvalid(await app.http.get(`/api/drops?pageSize=${value}`), 'query.pageSize');
    },
  );

  it('of more than a hundred drops are refused', async () => {
    expectInvalid(await app.http.get('/api/drops?pageSize=101'), 'query.pageSize');
  });
});

describe('status', () => {
  const ids: Record<string, string> = {};
  const past = '2020-01-01';
  const future = '2100-01-01';

  beforeAll(async () => {
    // Each drop also meets the conditions of the states further down: the first matching state applies.
    const columns = {
      cancelled: { cancelled_at: past, paused_at: past, drop_starts_at: past, drop_ends_at: '2020-01-02' },
      ended: { paused_at: past, drop_starts_at: past, drop_ends_at: '2020-01-02' },
      paused: { paused_at: past, drop_starts_at: future },
      scheduled: { drop_starts_at: future },
      sold_out: { drop_starts_at: past },
      live: { drop_starts_at: past, drop_ends_at: future },
    };
    for (const [status, own] of Object.entries(columns)) {
      const soldOut = status === 'live' ? {} : { available_stock: 0, reserved_stock: 10 };
      ids[status] = await app.createDrop({ ...own, ...soldOut });
    }
  });
  afterAll(() => app.database.query('DELETE FROM drops'));

  it.each(['cancelled', 'ended', 'paused', 'scheduled', 'sold_out', 'live'])(
    '%s is a filter and a member of the drop',
    async (status) => {
      const { drops, meta } = await list(`?status=${status}`);
      expect(drops).toMatchObject([{ id: ids[status], status }]);
      expect(meta).toMatchObject({ totalItems: 1, totalPages: 1 });
      expect(await show(ids[status] ?? '')).toEqual(drops[0]);
    },
  );

  it('rejects any other value', async () => {
    for (const status of ['', 'LIVE', 'sold-out', 'active', "live' OR true --"]) {
      expectInvalid(await app.http.get(`/api/drops?status=${encodeURIComponent(status)}`), 'query.status');
    }
  });
});

describe('a single drop', () => {
  it('that does not exist is 404', async () => {
    expectProblem(await app.http.get(`/api/drops/${UNKNOWN_ID}`), 'drop-not-found');
  });

  it('has every member, as in the list', async () => {
    const dropId = await app.createDrop({ image_url: '/images/a.svg', limit_per_user: 3, drop_ends_at: '2100-01-01' });
    const drop = await show(dropId);
    expectMembers(drop, MEMBERS.drop);
    expect(drop).toMatchObject({ imageUrl: 'https://drops.example/images/a.svg', limitPerUser: 3, price: '10.00' });
    for (const time of ['dropStartsAt', 'dropEndsAt', 'createdAt', 'updatedAt']) expect(drop[time]).toMatch(ISO_UTC);
    expect((await list()).drops[0]).toEqual(drop);
  });

  it('has the current stock and version', async () => {
    const dropId = await app.createDrop({ total_stock: 3 });
    await buy(app, await app.createUser(), dropId);
    expect((await app.reserve(await app.createUser(), dropId)).status).toBe(201);
    const drop = await show(dropId);
    expect(drop).toMatchObject({ totalStock: 3, availableStock: 1, reservedStock: 1, soldStock: 1, version: 4 });
  });

  it.each([
    ['a.png'],
    ['javascript:alert(1)'],
    ['//host/a.png'],
    [''],
    ['https://a b'],
    ['https://u:p@a.example/b.png'],
    ['https:u@a.example'],
  ])('with the unsafe imageUrl %j, set by SQL, can still be read', async (cell) => {
    const dropId = await app.createDrop({ image_url: cell });
    const { imageUrl } = await show(dropId);
    expect(imageUrl).toBe(cell.startsWith('/') ? `https://drops.example${cell}` : null);
  });
});

describe('topPurchasers', () => {
  it('are the three latest purchases, newest first, in the list and in a single drop', async () => {
    const dropId = await app.createDrop();
    expect(await show(dropId)).toMatchObject({ topPurchasers: [] });
    const buyers = await app.createUsers(4);
    const latestFirst: { id: string; username: string; purchasedAt: string }[] = [];
    for (const buyer of buyers) {
      const { id, createdAt } = await buy(app, buyer, dropId);
      latestFirst.unshift({ id, username: buyer.username, purchasedAt: createdAt });
      await nextMillisecond();
    }
    expect((await show(dropId)).topPurchasers).toEqual(latestFirst.slice(0, 3));
    expect((await list()).drops[0]).toMatchObject({ id: dropId, topPurchasers: latestFirst.slice(0, 3) });
  });

  it('are per drop, and show a changed username', async () => {
    const [mine, other] = [await app.createDrop(), await app.createDrop()];
    const buyer = await app.createUser();
    await buy(app, buyer, mine);
    await app.database.query("UPDATE users SET username = 'renamed' WHERE id = $1", [buyer.id]);
    expect(await show(mine)).toMatchObject({ topPurchasers: [{ username: 'renamed' }] });
    expect(await show(other)).toMatchObject({ topPurchasers: [] });
  });
});

it('an edit by SQL is visible at once, with a new version', async () => {
  const dropId = await app.createDrop();
  await editDrop(app, dropId, "name = 'By hand', price = 99.5, total_stock = 12");
  expect(await show(dropId)).toMatchObject({ name: 'By hand', price: '99.50', availableStock: 12, version: 2 });
});
