import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { listenTo, receivedAll, type Listener } from '../../helpers/sockets.js';

let app: TestApp;
let admin: TestUser;
let buyer: TestUser;
let anonymous: Listener;
let signedIn: Listener;

beforeAll(async () => {
  app = await startTestApp();
  [admin, buyer] = await Promise.all([app.createUser('admin'), app.createUser()]);
  [anonymous, signedIn] = await Promise.all([listenTo(app), listenTo(app, { token: buyer.token })]);
});

afterAll(async () => {
  anonymous.close();
  signedIn.close();
  await app.close();
});

/** The events that `work` causes, in order. Both clients receive the same. */
async function eventsDuring(work: () => Promise<unknown>): Promise<{ name: string; payload: unknown }[]> {
  await receivedAll(app, anonymous, signedIn);
  const before = anonymous.events.length;
  await work();
  await receivedAll(app, anonymous, signedIn);
  const received = anonymous.events.slice(before);
  expect(signedIn.events.slice(before)).toEqual(received);
  return received;
}

function inventory(dropId: string, version: number, [available, reserved, sold]: [number, number, number]) {
  return {
    name: 'inventory_update',
    payload: {
      dropId,
      availableStock: available,
      reservedStock: reserved,
      soldStock: sold,
      totalStock: available + reserved + sold,
      version,
      status: available === 0 ? 'sold_out' : 'live',
      epoch: app.context.broadcaster.epoch,
    },
  };
}

async function reserve(dropId: string): Promise<string> {
  const { body } = await app.reserve(buyer, dropId).expect(201);
  return body.data.reservation.id;
}

it('the creation of a drop sends the whole drop', async () => {
  let created: unknown;
  const received = await eventsDuring(async () => {
    const { body } = await app.http
      .post('/api/drops')
      .auth(admin.token, { type: 'bearer' })
      .send({ name: 'Aurora Runner', price: 175, totalStock: 2, imageUrl: '/images/a.svg', limitPerUser: 1 })
      .expect(201);
    created = body.data;
  });
  expect(received).toEqual([{ name: 'new_drop', payload: created }]);
  const [drop] = anonymous.received('new_drop');
  expect(drop).toMatchObject({ price: '175.00', availableStock: 2, version: 1, status: 'live', topPurchasers: [] });
  expect(drop?.imageUrl).toMatch(/^https?:\/\/.+\/images\/a\.svg$/);
  const { body } = await app.http.get(`/api/drops/${drop?.id}`).expect(200);
  expect(body.data).toEqual(drop);
});

it('a reservation sends the stock', async () => {
  const dropId = await app.createDrop({ total_stock: 2 });
  expect(await eventsDuring(() => reserve(dropId))).toEqual([inventory(dropId, 2, [1, 1, 0])]);
});

it('the last reservation sends the status sold out', async () => {
  const dropId = await app.createDrop({ total_stock: 1 });
  expect(await eventsDuring(() => reserve(dropId))).toEqual([inventory(dropId, 2, [0, 1, 0])]);
});

it('a purchase sends the stock, then the buyer and the time', async () => {
  const dropId = await app.createDrop({ total_stock: 2 });
  const hold = await reserve(dropId);
  let purchasedAt: unknown;
  const received = await eventsDuring(async () => {
    const { body } = await app.purchase(buyer, hold).expect(201);
    purchasedAt = body.data.createdAt;
  });
  expect(received).toEqual([
    inventory(dropId, 3, [1, 0, 1]),
    { name: 'purchase_update', payload: { dropId, username: buyer.username, purchasedAt } },
  ]);
});

it('a release sends the stock', async () => {
  const dropId = await app.createDrop({ total_stock: 2 });
  const hold = await reserve(dropId);
  expect(await eventsDuring(() => app.release(buyer, hold).expect(200))).toEqual([inventory(dropId, 3, [2, 0, 0])]);
});

it('expiries send each reservation, then the stock', async () => {
  const [dropId, others] = await Promise.all([app.createDrop({ total_stock: 5 }), app.createUsers(3)]);
  const holds: Record<string, string> = {};
  for (const other of others) {
    const { body } = await app.reserve(other, dropId).expect(201);
    holds[other.id] = body.data.reservation.id;
  }
  await app.expireHolds({ dropId });
  const received = await eventsDuring(() => app.context.worker.runOnce());
  expect(received.slice(0, 3)).toEqual(
    expect.arrayContaining(
      others.map(({ id: userId }) => ({
        name: 'reservation_update',
        payload: { reservationId: holds[userId], dropId, userId, availableStock: 5, status: 'expired' },
      })),
    ),
  );
  expect(received.slice(3)).toEqual([inventory(dropId, 5, [5, 0, 0])]);
});

it('a change of a drop sends the stock, then the whole drop', async () => {
  const dropId = await app.createDrop({ total_stock: 2 });
  const { body } = await app.http.get(`/api/drops/${dropId}`).expect(200);
  const received = await eventsDuring(async () => {
    app.context.publish('drop_update', body.data);
  });
  expect(received).toEqual([inventory(dropId, 1, [2, 0, 0]), { name: 'drop_update', payload: body.data }]);
});

it('the service sends only documented events and members, and nothing personal', () => {
  for (const listener of [anonymous, signedIn]) {
    const { length } = listener.events;
    const valid = (
      ['inventory_update', 'purchase_update', 'reservation_update', 'new_drop', 'drop_update'] as const
    ).map(
      // received() parses each payload by its schema, which takes no other member.
      (name) => listener.received(name).length,
    );
    expect(valid.every((count) => count > 0)).toBe(true);
    expect(valid.reduce((sum, count) => sum + count)).toBe(length);
    expect(JSON.stringify(listener.events)).not.toMatch(/@|password|email|token/i);
  }
});
