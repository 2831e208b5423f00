import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { dropRowLock, untilWaiting, whileLocked } from '../../helpers/locks.js';
import { listenTo, receivedAll, type Listener } from '../../helpers/sockets.js';
import { as, buy, dataOf, editDrop, expectInvalid, expectProblem, hold, UNKNOWN_ID } from './support.js';

let app: TestApp;
let listener: Listener;
let admin: TestUser;
let users: TestUser[];
let dropId: string;

beforeAll(async () => {
  app = await startTestApp();
  admin = await app.createUser('admin');
  listener = await listenTo(app);
});
beforeEach(async () => {
  [users, dropId] = await Promise.all([app.createUsers(2), app.createDrop({ total_stock: 10 })]);
});
afterAll(async () => {
  listener.close();
  await app.close();
});

const change = (body: object, { id = dropId, by = admin, key }: { id?: string; by?: TestUser; key?: string } = {}) => {
  const request = as(by, app.http.post(`/api/drops/${id}/stock`));
  return (key === undefined ? request : request.set('Idempotency-Key', key)).send(body);
};

/** Holds one unit of the drop and sells another one. */
async function holdAndBuy(): Promise<void> {
  const [holder, buyer] = users;
  if (!holder || !buyer) throw new Error('two users');
  await hold(app, holder, dropId);
  await buy(app, buyer, dropId);
}

async function movements() {
  const { rows } = await app.database.query<Record<string, unknown>>(
    `SELECT version, cause, delta_available AS delta, available_stock AS available, actor_id AS actor, reason
     FROM stock_movements WHERE drop_id = $1 ORDER BY version`,
    [dropId],
  );
  return rows;
}

/** The inventory_update events of the drop since the beginning. */
async function published() {
  await receivedAll(app, listener);
  return listener.received('inventory_update').filter((event) => event.dropId === dropId);
}

describe('a change of stock', () => {
  it('changes the available units, adds a row to the ledger and is published', async () => {
    await holdAndBuy();
    const up = dataOf<object>(await change({ delta: 5, reason: 'A second delivery' }));
    expect(up).toMatchObject({ id: dropId, totalStock: 15, availableStock: 13, topPurchasers: [{}] });
    expect(dataOf(await change({ delta: -13 }))).toMatchObject({
      totalStock: 2,
      availableStock: 0,
      status: 'sold_out',
    });
    expect((await movements()).slice(-2)).toEqual([
      { version: 5, cause: 'adjust', delta: 5, available: 13, actor: admin.id, reason: 'A second delivery' },
      { version: 6, cause: 'adjust', delta: -13, available: 0, actor: admin.id, reason: null },
    ]);
    expect((await published()).at(-1)).toMatchObject({ totalStock: 2, availableStock: 0, version: 6 });
    expect(await app.mismatches()).toEqual([]);
  });

  it('below the units that are held and sold is refused with the most that is possible', async () => {
    await holdAndBuy();
    const before = await movements();
    expect(expectProblem(await change({ delta: -9 }), 'stock-in-use')).toMatchObject({ possible: 8 });
    expect(await movements()).toEqual(before);
    await change({ delta: -8 }).expect(200);
    expect(expectProblem(await change({ delta: -1 }), 'stock-in-use')).toMatchObject({ possible: 0 });
  });

  it('may take the units of overdue holds', async () => {
    await holdAndBuy();
    await app.expireHolds({ dropId });
    expect(dataOf(await change({ delta: -9 }))).toMatchObject({ totalStock: 1, availableStock: 0, soldStock: 1 });
    expect((await movements()).slice(-2)).toMatchObject([
      { cause: 'expire', actor: null },
      { cause: 'adjust', delta: -9, actor: admin.id },
    ]);
    expect(await app.mismatches()).toEqual([]);
  });

  it('waits for the lock of the drop and uses the state that it loads afterwards', async () => {
    await holdAndBuy();
    const response = await whileLocked(app.database, dropRowLock(dropId), async ({ client, unlock }) => {
      const changing = Promise.resolve(change({ delta: -8 }));
      await untilWaiting(app.database);
      await client.query('UPDATE drops SET total_stock = 9 WHERE id = $1', [dropId]);
      await unlock();
      return changing;
    });
    expect(expectProblem(response, 'stock-in-use')).toMatchObject({ possible: 7 });
  });

  it.each([['paused_at = now()'], ["drop_starts_at = now() + interval '1 h'"]])(
    'is possible with %s',
    async (columns) => {
      await editDrop(app, dropId, columns);
      await change({ delta: 1 }).expect(200);
    },
  );

  it.each([
    ['cancelled_at = now()', 'cancelled'],
    ["drop_starts_at = now() - interval '2 h', drop_ends_at = now() - interval '1 h'", 'ended'],
  ])('is refused with %s', async (columns, state) => {
    await editDrop(app, dropId, columns);
    expect(expectProblem(await change({ delta: 1 }), 'drop-state')).toMatchObject({ state });
  });

  it.each([[0], [1.5], ['5'], [null], [1_000_001], [-1_000_001], [undefined]])('by %o is not valid', async (delta) => {
    expectInvalid(await change({ delta }), 'body.delta');
  });

  it('over a million units in all is refused with how many can be added', async () => {
    expect(expectProblem(await change({ delta: 999_991 }), 'stock-limit')).toMatchObject({ possible: 999_990 });
    expect(dataOf(await change({ delta: 999_990 }))).toMatchObject({ totalStock: 1_000_000 });
  });

  it.each([['x'.repeat(501)], [' '], [5]])(
    'with the reason %o is not valid, nor with an unknown member',
    async (reason) => {
      expectInvalid(await change({ delta: 1, reason }), 'body.reason');
      expectInvalid(await change({ delta: 1, total: 5 }), 'body.total');
    },
  );

  it('of an unknown drop, or by a user who is no admin, is refused', async () => {
    expectProblem(await change({ delta: 1 }, { id: UNKNOWN_ID }), 'drop-not-found');
    expectProblem(await change({ delta: 1 }, { by: users[0] as TestUser }), 'forbidden');
    expect(await movements()).toHaveLength(1);
  });
});

describe('a change with an Idempotency-Key', () => {
  it('is made once, however often and at the same moment it is sent', async () => {
    const key = `restock ${dropId}`.replace(' ', '-');
    const send = () => change({ delta: 5, reason: 'Delivery' }, { key });
    const first = await Promise.all([send(), send(), send()]);
    expect(first.map(({ headers }) => headers['idempotency-replayed']).sort()).toEqual(['true', 'true', undefined]);
    await editDrop(app, dropId, 'cancelled_at = now()');
    const again = await send().expect(200);
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(again.body.data).toMatchObject({ totalStock: 15, status: 'cancelled' });
    expect((await movements()).filter(({ cause }) => cause === 'adjust')).toHaveLength(1);
  });

  it('is refused for another change, and free for another admin', async () => {
    const key = `key-${dropId}`;
    const [other, otherAdmin] = await Promise.all([app.createDrop(), app.createUser('admin')]);
    await change({ delta: 5 }, { key }).expect(200);
    expectProblem(await change({ delta: 6 }, { key }), 'idempotency-key-reused');
    expectProblem(await change({ delta: 5, reason: 'Why' }, { key }), 'idempotency-key-reused');
    expectProblem(await change({ delta: 5 }, { key, id: other }), 'idempotency-key-reused');
    await change({ delta: 5 }, { key, by: otherAdmin }).expect(200);
    expect(await app.mismatches()).toEqual([]);
  });

  it('of two drops at the same moment is made for one of them', async () => {
    const [key, other] = [`two-${dropId}`, await app.createDrop()];
    const responses = await whileLocked(app.database, dropRowLock(dropId), async ({ unlock }) => {
      const running = Promise.all([change({ delta: 1 }, { key }), change({ delta: 1 }, { key, id: other })]);
      await untilWaiting(app.database);
      await unlock();
      return running;
    });
    expect(responses.map(({ status }) => status).sort()).toEqual([200, 422]);
  });

  it('is not remembered if it was refused', async () => {
    const key = `refused-${dropId}`;
    expectProblem(await change({ delta: -11 }, { key }), 'stock-in-use');
    await change({ delta: 1 }, { key }).expect(200);
  });
});
