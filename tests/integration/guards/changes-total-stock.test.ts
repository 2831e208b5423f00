import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { changeTotalStock } from '../../../src/inventory/change-total-stock.js';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { dropRowLock, untilWaiting, whileLocked } from '../../helpers/locks.js';
import { listenTo, receivedAll, type Listener } from '../../helpers/sockets.js';
import { buy, hold } from '../http/support.js';

let app: TestApp;
let listener: Listener;
let users: TestUser[];
let dropId: string;

beforeAll(async () => {
  app = await startTestApp();
  listener = await listenTo(app);
});
beforeEach(async () => {
  [users, dropId] = await Promise.all([app.createUsers(2), app.createDrop({ total_stock: 10 })]);
});
afterAll(async () => {
  listener.close();
  await app.close();
});

const change = (totalStock: number, id = dropId) => changeTotalStock(app.context.stockTransactions, id, totalStock);

/** Holds one unit of the drop and sells another one. */
async function holdAndBuy(): Promise<void> {
  const [holder, buyer] = users;
  if (!holder || !buyer) throw new Error('two users');
  await hold(app, holder, dropId);
  await buy(app, buyer, dropId);
}

/** The inventory_update events of the drop since the last call. */
async function published() {
  await receivedAll(app, listener);
  const events = listener.received('inventory_update').filter((event) => event.dropId === dropId);
  return events.map(({ totalStock, availableStock, version }) => ({ totalStock, availableStock, version }));
}

async function movements() {
  const { rows } = await app.database.query(
    `SELECT version, delta_available AS delta, available_stock AS available
     FROM stock_movements WHERE drop_id = $1 ORDER BY version`,
    [dropId],
  );
  return rows;
}

it('a change of the total stock changes the available units, adds a ledger row and publishes an event', async () => {
  await holdAndBuy();
  const before = (await published()).length;
  expect(await change(15)).toMatchObject({ result: 'changed', drop: { totalStock: 15, availableStock: 13 } });
  expect(await change(2)).toMatchObject({ result: 'changed', drop: { totalStock: 2, availableStock: 0 } });
  expect((await movements()).slice(-2)).toEqual([
    { version: 5, delta: 5, available: 13 },
    { version: 6, delta: -13, available: 0 },
  ]);
  const events = await published();
  expect(events.length).toBeGreaterThan(before);
  expect(events.at(-1)).toEqual({ totalStock: 2, availableStock: 0, version: 6 });
  expect(await app.mismatches()).toEqual([]);
});

it('a total below the units that are held and sold is refused, and nothing changes', async () => {
  await holdAndBuy();
  const [events, ledger] = [await published(), await movements()];
  expect(await change(1)).toMatchObject({ result: 'below-held-and-sold', drop: { totalStock: 10, availableStock: 8 } });
  expect(await published()).toEqual(events);
  expect(await movements()).toEqual(ledger);
});

it('units of overdue holds count as available', async () => {
  await holdAndBuy();
  await app.expireHolds({ dropId });
  expect(await change(1)).toMatchObject({
    result: 'changed',
    drop: { totalStock: 1, availableStock: 0, soldStock: 1 },
  });
  expect(await app.mismatches()).toEqual([]);
});

it('a change that only reclaims overdue holds is published', async () => {
  await holdAndBuy();
  await app.expireHolds({ dropId });
  expect(await change(10)).toMatchObject({
    result: 'changed',
    drop: { totalStock: 10, availableStock: 9, version: 5 },
  });
  expect((await published()).at(-1)).toEqual({ totalStock: 10, availableStock: 9, version: 5 });
});

it('an unchanged total publishes nothing, and an unknown drop returns null', async () => {
  const events = await published();
  expect(await change(10)).toMatchObject({ result: 'changed', drop: { totalStock: 10 } });
  expect(await published()).toEqual(events);
  expect(await change(10, '00000000-0000-4000-8000-000000000000')).toBeNull();
});

it('the change waits for the lock of the drop and uses the state that it loads afterwards', async () => {
  await holdAndBuy();
  const outcome = await whileLocked(app.database, dropRowLock(dropId), async ({ client, unlock }) => {
    const changing = change(8);
    await untilWaiting(app.database);
    await client.query('UPDATE drops SET total_stock = 20 WHERE id = $1', [dropId]);
    await unlock();
    return changing;
  });
  expect(outcome).toMatchObject({ result: 'changed', drop: { totalStock: 8, availableStock: 6 } });
  expect(await app.mismatches()).toEqual([]);
});

it('no unit is reserved twice when the total is lowered during concurrent reservations', async () => {
  const buyers = await app.createUsers(30);
  const reservations = Promise.all(buyers.map((user) => app.reserve(user, dropId)));
  const [responses, changed] = await Promise.all([reservations, change(5)]);
  const granted = responses.filter(({ status }) => status === 201).length;
  const { rows } = await app.database.query('SELECT total_stock AS total FROM drops WHERE id = $1', [dropId]);
  expect(rows[0]).toEqual({ total: changed?.result === 'changed' ? 5 : 10 });
  expect(granted).toBe(changed?.result === 'changed' ? 5 : 10);
  expect(await app.mismatches()).toEqual([]);
});
