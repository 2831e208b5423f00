import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import {
  as,
  buy,
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

let app: TestApp;
let user: TestUser;

beforeAll(async () => {
  app = await startTestApp({ env: { PUBLIC_URL: 'https://drops.example' } });
  user = await app.createUser();
});
afterAll(async () => {
  expect(await app.mismatches()).toEqual([]);
  await app.close();
});

const stockOf = async (dropId: string) => (await app.http.get(`/api/drops/${dropId}`)).body.data as object;

async function mine(by: TestUser, query = '') {
  return expectSuccess(await as(by, app.http.get(`/api/purchases/mine${query}`)), 200);
}

describe('a purchase', () => {
  it('returns the purchase and moves the unit from reserved to sold', async () => {
    const dropId = await app.createDrop({ price: '175.5' });
    const { id } = await hold(app, user, dropId);
    const { data } = expectSuccess(await app.purchase(user, id), 201);
    expectMembers(data, MEMBERS.purchase);
    expect(data).toMatchObject({ userId: user.id, dropId, reservationId: id, price: '175.50' });
    expect([data.createdAt, data.updatedAt]).toEqual([expect.stringMatching(ISO_UTC), expect.stringMatching(ISO_UTC)]);
    expect(await stockOf(dropId)).toMatchObject({ availableStock: 9, reservedStock: 0, soldStock: 1, version: 3 });
    const { rows } = await app.database.query('SELECT status FROM reservations WHERE id = $1', [id]);
    expect(rows).toEqual([{ status: 'completed' }]);
  });

  it('has the price of its reservation; later price changes do not affect it', async () => {
    const dropId = await app.createDrop({ price: '10.00' });
    const { id } = await hold(app, user, dropId);
    await editDrop(app, dropId, 'price = 20');
    const { data } = expectSuccess(await app.purchase(user, id, 'price'), 201);
    expect(data.price).toBe('10.00');
    await editDrop(app, dropId, 'price = 30');
    expect((await mine(user)).data[0]).toMatchObject({ id: data.id, price: '10.00', Drop: { price: '30.00' } });
    expect(expectSuccess(await app.purchase(user, id, 'price'), 201).data.price).toBe('10.00');
  });

  it('of a free drop has the price 0.00', async () => {
    expect((await buy(app, user, await app.createDrop({ price: '0' }))).price).toBe('0.00');
  });
});

describe('a purchase is refused', () => {
  it('of an unknown reservation', async () => {
    expectProblem(await app.purchase(user, UNKNOWN_ID), 'reservation-not-found');
  });

  it('of another user’s reservation, also for an admin', async () => {
    const { id } = await hold(app, user, await app.createDrop());
    for (const role of ['user', 'admin'] as const) {
      expectProblem(await app.purchase(await app.createUser(role), id), 'not-your-reservation');
    }
    expectSuccess(await app.purchase(user, id), 201);
  });

  it.each(['swept', 'not swept'])('of an expired reservation: %s', async (how) => {
    const { id, dropId } = await hold(app, user, await app.createDrop());
    await app.expireHolds({ dropId });
    if (how === 'swept') await app.context.worker.runOnce();
    expectProblem(await app.purchase(user, id), 'reservation-expired');
    expectProblem(await app.purchase(user, id), 'reservation-expired');
    expect(await stockOf(dropId)).toMatchObject({ availableStock: 10, reservedStock: 0, soldStock: 0 });
  });

  it('of a reservation that was already purchased', async () => {
    const { reservationId, dropId } = await buy(app, user, await app.createDrop());
    const problem = expectProblem(await app.purchase(user, reservationId), 'reservation-settled');
    expect(problem.detail).toBe('This reservation was already purchased');
    expect(await stockOf(dropId)).toMatchObject({ soldStock: 1 });
  });

  it('of a released reservation', async () => {
    const { id } = await hold(app, user, await app.createDrop());
    expectSuccess(await app.release(user, id), 200);
    const problem = expectProblem(await app.purchase(user, id), 'reservation-settled');
    expect(problem.detail).toBe('This reservation was released');
  });
});

describe('my purchases', () => {
  let buyer: TestUser;
  let bought: { id: string }[];

  beforeAll(async () => {
    buyer = await app.createUser();
    bought = [];
    for (let i = 0; i < 5; i += 1) {
      const dropId = await app.createDrop({ name: `Drop ${i}`, image_url: i % 2 === 0 ? '/images/a.svg' : null });
      bought.unshift(await buy(app, buyer, dropId));
      await nextMillisecond();
    }
    await buy(app, user, await app.createDrop());
  });

  it('are the user’s own, newest first, each with its Drop', async () => {
    const { data, meta } = await mine(buyer);
    expect(meta).toEqual({ totalItems: 5, totalPages: 1, currentPage: 1, pageSize: 100 });
    expect(data.map(({ id }: { id: string }) => id)).toEqual(bought.map(({ id }) => id));
    expectMembers(data[0], [...MEMBERS.purchase, 'Drop']);
    expectMembers(data[0].Drop, ['id', 'name', 'price', 'currency', 'imageUrl']);
    expect(data[0]).toMatchObject({
      ...bought[0],
      Drop: { id: data[0].dropId, name: 'Drop 4', price: '10.00', currency: 'USD' },
    });
    expect([data[0].Drop.imageUrl, data[1].Drop.imageUrl]).toEqual(['https://drops.example/images/a.svg', null]);
  });

  it('have any text and every URL as the drop itself has it', async () => {
    const other = await app.createUser();
    const names = ['"imageUrl":"\\n', 'a, [{"b": 1}] \\ c', 'Größe 42 – 限定 🎟'];
    const pictures = ['https://cdn.example/a"b\\c.png?x=1,2', 'not a URL', 'https://user:secret@cdn.example/a.png'];
    for (const [index, name] of names.entries()) {
      await buy(app, other, await app.createDrop({ name, image_url: pictures[index] ?? null, price: '7.5' }));
    }
    const { data } = await mine(other);
    expect(data).toHaveLength(names.length);
    for (const { Drop, dropId } of data as { Drop: object; dropId: string }[]) {
      expect(await stockOf(dropId)).toMatchObject(Drop);
    }
    expect(data.map(({ Drop }: { Drop: { name: string } }) => Drop.name).sort()).toEqual(names.sort());
  });

  it('have the times that the purchase had', async () => {
    const other = await app.createUser();
    const { id } = await buy(app, other, await app.createDrop());
    for (const time of ['2020-01-02T03:04:05.000Z', '2020-12-31T23:59:59.990Z', '2021-06-07T08:09:10.007Z']) {
      await app.database.query('UPDATE purchases SET created_at = $2 WHERE id = $1', [id, time]);
      expect((await mine(other)).data[0].createdAt).toBe(time);
    }
  });

  it('come in pages', async () => {
    const pages = [await mine(buyer, '?pageSize=2'), await mine(buyer, '?pageSize=2&page=3')];
    expect(pages.map(({ data }) => data.map(({ id }: { id: string }) => id))).toEqual([
      [bought[0]?.id, bought[1]?.id],
      [bought[4]?.id],
    ]);
    expect(pages[1]?.meta).toEqual({ totalItems: 5, totalPages: 3, currentPage: 3, pageSize: 2 });
  });

  it('of one drop are those that the user has bought of it, in pages', async () => {
    const [dropId, otherDropId] = [await app.createDrop(), await app.createDrop()];
    const [owner, other] = [await app.createUser(), await app.createUser()];
    const own = [await buy(app, owner, dropId), await buy(app, owner, dropId), await buy(app, owner, dropId)].reverse();
    await buy(app, owner, otherDropId);
    await buy(app, other, dropId);
    await hold(app, owner, dropId);
    const all = await mine(owner, `?dropId=${dropId}`);
    expect(all.data.map(({ id }: { id: string }) => id)).toEqual(own.map(({ id }) => id));
    expect(all.data[0]).toEqual((await mine(owner)).data.find(({ id }: { id: string }) => id === own[0]?.id));
    const second = await mine(owner, `?dropId=${dropId}&pageSize=2&page=2`);
    expect(second.data).toMatchObject([{ id: own[2]?.id }]);
    expect(second.meta).toEqual({ totalItems: 3, totalPages: 2, currentPage: 2, pageSize: 2 });
    expect((await mine(owner, `?dropId=${UNKNOWN_ID}`)).meta.totalItems).toBe(0);
  });

  it('with the same time are in a fixed order', async () => {
    await app.database.query("UPDATE purchases SET created_at = '2020-01-01' WHERE user_id = $1", [buyer.id]);
    const { data } = await mine(buyer);
    const ids = data.map(({ id }: { id: string }) => id);
    expect(ids).toEqual([...ids].sort().reverse());
  });

  it('are empty at first', async () => {
    const { data, meta } = await mine(await app.createUser());
    expect([data, meta.totalItems, meta.totalPages]).toEqual([[], 0, 0]);
  });

  it('are at most a hundred per page', async () => {
    expectInvalid(await as(user, app.http.get('/api/purchases/mine?pageSize=101')), 'query.pageSize');
    expectInvalid(await as(user, app.http.get('/api/purchases/mine?page=x')), 'query.page');
    expectInvalid(await as(user, app.http.get('/api/purchases/mine?dropId=x')), 'query.dropId');
  });
});
