import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import {
  as,
  buy,
  dataOf,
  editDrop,
  expectInvalid,
  expectMembers,
  expectProblem,
  expectSuccess,
  hold,
  ISO_UTC,
  MEMBERS,
  nextMillisecond,
  UNKNOWN_ID,
} from './support.js';

const LISTS = ['reservations', 'purchases'] as const;
type List = (typeof LISTS)[number];

interface Item extends Readonly<Record<string, unknown>> {
  readonly id: string;
  readonly user: { readonly id: string; readonly username: string; readonly email: string };
}

let app: TestApp;
let admin: TestUser;
let dropId: string;

beforeAll(async () => {
  app = await startTestApp();
  admin = await app.createUser('admin');
});
beforeEach(async () => {
  dropId = await app.createDrop({ total_stock: 100_000 });
});
afterAll(() => app.close());

const list = (name: List, query = '', { id = dropId, by = admin } = {}) =>
  as(by, app.http.get(`/api/admin/drops/${id}/${name}${query}`));
const itemsOf = async (name: List, query = '') => dataOf<Item[]>(await list(name, query));
const idsOf = async (name: List, query = '') => (await itemsOf(name, query)).map(({ id }) => id);
const totalOf = async (name: List, query = '') =>
  (expectSuccess(await list(name, query), 200) as { meta: { totalItems: number } }).meta.totalItems;

/** An account with this name; the e-mail follows from it. */
async function createNamed(username: string): Promise<TestUser> {
  const user = await app.createUser();
  await app.database.query('UPDATE users SET username = $2, email = $3 WHERE id = $1', [
    user.id,
    username,
    `${username}@shop.example`,
  ]);
  return { ...user, username, email: `${username}@shop.example` };
}

/** One reservation of each status, oldest first: of other users, and of another drop beside them. */
async function createHoldOfEachStatus() {
  const [buyer, releaser, late, holder] = await app.createUsers(4);
  if (!buyer || !releaser || !late || !holder) throw new Error('four users');
  const { reservationId: completed } = await buy(app, buyer, dropId);
  await nextMillisecond();
  const { id: released } = await hold(app, releaser, dropId);
  await app.release(releaser, released).expect(200);
  await nextMillisecond();
  const { id: expired } = await hold(app, late, dropId);
  await app.expireHolds({ dropId });
  await app.context.worker.runOnce();
  await nextMillisecond();
  const { id: active } = await hold(app, holder, dropId);
  await hold(app, holder, await app.createDrop());
  return { completed, released, expired, active, users: { buyer, releaser, late, holder } };
}

/** Adds purchases by SQL, and their reservations; three are of the same millisecond. */
async function insertPurchases(count: number, owner = admin): Promise<void> {
  await app.database.query(
    `WITH past AS (
       INSERT INTO reservations (user_id, drop_id, status, settled_at, created_at)
       SELECT $1, $2, 'completed', now(), now() - n / 3 * interval '1 ms' FROM generate_series(1, $3::int) n RETURNING id, created_at
     )
     INSERT INTO purchases (user_id, drop_id, reservation_id, price, created_at)
     SELECT $1, $2, id, 1, created_at FROM past`,
    [owner.id, dropId, count],
  );
  await editDrop(app, dropId, `sold_stock = sold_stock + ${count}, available_stock = available_stock - ${count}`);
}

describe('the reservations of a drop', () => {
  it('are listed newest first, each with its user, its price and its end', async () => {
    await editDrop(app, dropId, 'price = 175');
    const { completed, released, expired, active, users } = await createHoldOfEachStatus();
    const items = await itemsOf('reservations');
    const userOf = ({ id, username, email }: TestUser) => ({ id, username, email });
    expect(items).toMatchObject([
      { id: active, status: 'active', price: '175.00', settledAt: null, user: userOf(users.holder) },
      { id: expired, status: 'expired', user: userOf(users.late) },
      { id: released, status: 'released', user: userOf(users.releaser) },
      { id: completed, status: 'completed', userId: users.buyer.id, dropId, user: userOf(users.buyer) },
    ]);
    for (const item of items) {
      expectMembers(item, [...MEMBERS.reservation, 'settledAt', 'currency', 'user']);
      expectMembers(item.user, ['id', 'username', 'email']);
      if (item.status !== 'active') expect(item.settledAt).toMatch(ISO_UTC);
    }
  });

  it('are filtered by status', async () => {
    const { users: _users, ...ids } = await createHoldOfEachStatus();
    for (const [status, id] of Object.entries(ids)) {
      expect(await idsOf('reservations', `?status=${status}`)).toEqual([id]);
      expect(await totalOf('reservations', `?status=${status}`)).toBe(1);
    }
  });

  it('whose time is over are active until they are reclaimed, as their units are reserved', async () => {
    const late = await app.createUser();
    const { id } = await hold(app, late, dropId);
    await app.expireHolds({ dropId });
    expect(await idsOf('reservations', '?status=active')).toEqual([id]);
    expect(await idsOf('reservations', '?status=expired')).toEqual([]);
    await app.context.worker.runOnce();
    expect(await idsOf('reservations', '?status=active')).toEqual([]);
    expect(await idsOf('reservations', '?status=expired')).toEqual([id]);
  });
});

describe('the purchases of a drop', () => {
  it('are listed newest first, each with its user', async () => {
    const [first, second] = await app.createUsers(2);
    if (!first || !second) throw new Error('two users');
    const bought = [await buy(app, first, dropId)];
    await nextMillisecond();
    bought.unshift(await buy(app, second, dropId));
    await buy(app, second, await app.createDrop());
    const items = await itemsOf('purchases');
    expect(items).toMatchObject(bought);
    expect(items.map(({ user }) => user)).toEqual(
      [second, first].map(({ id, username, email }) => ({ id, username, email })),
    );
    for (const item of items) expectMembers(item, [...MEMBERS.purchase, 'currency', 'user']);
  });
});

describe.each(LISTS)('the list of %s', (name) => {
  const buyAs = async (user: TestUser) => {
    const { id, reservationId } = await buy(app, user, dropId);
    return name === 'purchases' ? id : reservationId;
  };

  it('is empty for a drop without any, and for a draft', async () => {
    expect(expectSuccess(await list(name), 200)).toMatchObject({
      data: [],
      meta: { totalItems: 0, totalPages: 0, currentPage: 1, pageSize: 50 },
    });
    const draft = await app.createDrop({ published_at: null });
    expect(dataOf(await list(name, '', { id: draft }))).toEqual([]);
  });

  it('has each item on one page, also those of the same millisecond', async () => {
    await insertPurchases(250);
    const ids: string[] = [];
    for (let page = 1; page <= 4; page += 1) {
      const { data, meta } = expectSuccess(await list(name, `?page=${page}&pageSize=70`), 200) as {
        data: Item[];
        meta: object;
      };
      expect(meta).toEqual({ totalItems: 250, totalPages: 4, currentPage: page, pageSize: 70 });
      ids.push(...data.map(({ id }) => id));
    }
    expect(ids).toHaveLength(250);
    expect(new Set(ids).size).toBe(250);
    expect(await idsOf(name, '?page=5&pageSize=70')).toEqual([]);
  });

  it('finds a part of the username or of the e-mail, upper and lower case alike', async () => {
    const [anna, Anton] = [
      await createNamed(`anna_${dropId.slice(0, 6)}`),
      await createNamed(`X.ANT-${dropId.slice(0, 6)}`),
    ];
    const [ofAnna, ofAnton] = [await buyAs(anna), await buyAs(Anton)];
    expect(await idsOf(name, '?q=ANNA_')).toEqual([ofAnna]);
    expect(await idsOf(name, '?q=x.ant')).toEqual([ofAnton]);
    expect((await idsOf(name, '?q=an')).sort()).toEqual([ofAnna, ofAnton].sort());
    expect((await idsOf(name, '?q=@SHOP.example')).sort()).toEqual([ofAnna, ofAnton].sort());
    expect(await totalOf(name, '?q=@shop&pageSize=1')).toBe(2);
    expect(await idsOf(name, '?q=@shop&pageSize=1&page=2')).toEqual([ofAnna]);
    for (const q of ['%25', 'anna%25', '_nna', '\\', 'no-match']) expect(await idsOf(name, `?q=${q}`)).toEqual([]);
  });

  it('shows an erased account without its former name', async () => {
    const user = await app.createUser();
    await buyAs(user);
    await as(user, app.http.delete('/api/users/me')).send({ password: 'the password of a test 7' }).expect(200);
    const [item] = await itemsOf(name);
    expect(item?.user.id).toBe(user.id);
    expect(JSON.stringify(item)).not.toContain(user.username);
    expect(await idsOf(name, `?q=${user.username}`)).toEqual([]);
  });

  it('is for admins only', async () => {
    expectProblem(await list(name, '', { by: await app.createUser() }), 'forbidden');
    expectProblem(await app.http.get(`/api/admin/drops/${dropId}/${name}`), 'unauthenticated');
  });

  it.each([['page=0'], ['pageSize=101'], ['q='], [`q=${'x'.repeat(255)}`], ['q=%00'], ['search=x'], ['status=sold']])(
    'is refused with ?%s',
    async (query) => {
      const field = query.split('=')[0] ?? '';
      expectInvalid(await list(name, `?${query}`), `query.${field}`);
      expectInvalid(await list(name, `?${query}`).set('Accept', 'text/csv'), `query.${field}`);
    },
  );

  it('of an unknown drop does not exist', async () => {
    for (const query of ['', '?q=x', '?page=1000000&pageSize=100']) {
      expectProblem(await list(name, query, { id: UNKNOWN_ID }), 'drop-not-found');
    }
    expectProblem(await list(name, '', { id: UNKNOWN_ID }).set('Accept', 'text/csv'), 'drop-not-found');
  });
});

describe.each(LISTS)('a long list of %s', (name) => {
  const COUNT = 12_050;
  beforeEach(() => insertPurchases(COUNT));

  it('has the number of all items, and its last pages', async () => {
    const { data, meta } = expectSuccess(await list(name, '?page=121&pageSize=100'), 200) as {
      data: Item[];
      meta: object;
    };
    expect(meta).toMatchObject({ totalItems: COUNT, totalPages: 121 });
    expect(data).toHaveLength(50);
    expect(await idsOf(name, '?page=122&pageSize=100')).toEqual([]);
    const first = await idsOf(name, '?page=1&pageSize=100');
    const both = new Set([...first, ...data.map(({ id }) => id)]);
    expect(both.size).toBe(150);
  });

  it('has new items at once', async () => {
    const { id, reservationId } = await buy(app, await app.createUser(), dropId);
    expect(await totalOf(name)).toBe(COUNT + 1);
    expect((await idsOf(name))[0]).toBe(name === 'purchases' ? id : reservationId);
  });
});
