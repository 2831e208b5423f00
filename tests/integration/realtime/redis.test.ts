import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { canTest } from '../../helpers/can-test.js';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { until } from '../../helpers/locks.js';
import { createTestRedis, hasRedis, type TestRedis } from '../../helpers/redis.js';
import { listenTo, type Listener } from '../../helpers/sockets.js';

const withRedis = canTest('several processes with Redis', hasRedis, 'There is no redis-server.');

let database: TestDatabase;
let redis: TestRedis;
const log: string[] = [];
const opened: (TestApp | Listener)[] = [];

async function start(options: { pollLedger?: boolean; env?: Record<string, string> } = {}): Promise<TestApp> {
  const stream = new Writable({
    write(chunk, _encoding, done) {
      log.push((JSON.parse(String(chunk)) as { msg: string }).msg);
      done();
    },
  });
  const logger = pino({ level: 'info' }, stream);
  const env = { REDIS_URL: redis.url, ...options.env };
  const app = await startTestApp({ database, logger, pollLedger: false, ...options, env });
  opened.unshift(app);
  return app;
}

async function listen(app: TestApp, token?: string): Promise<Listener> {
  const listener = await listenTo(app, token === undefined ? {} : { token });
  opened.unshift(listener);
  return listener;
}

/** Resolves when an event of one service reaches the other. */
async function untilConnected(from: TestApp, to: TestApp): Promise<void> {
  const listener = await listenTo(to);
  await until('an event of the other service', () => {
    const purchase = { dropId: crypto.randomUUID(), username: 'probe', purchasedAt: new Date().toISOString() };
    from.context.publish('purchase_update', purchase);
    return listener.received('purchase_update').length > 0;
  });
  listener.close();
}

const versionsOf = (listener: Listener, dropId: string) =>
  listener.received('inventory_update').flatMap((snapshot) => (snapshot.dropId === dropId ? snapshot.version : []));

describe.runIf(withRedis)('several processes with Redis', () => {
  beforeAll(async () => {
    [database, redis] = await Promise.all([createTestDatabase(), createTestRedis()]);
  });

  beforeEach(async () => {
    log.length = 0;
    await redis.start();
  });

  afterEach(async () => {
    for (const each of opened.splice(0)) await each.close();
    await redis.kill();
  });

  afterAll(async () => {
    await redis.kill();
    await database.drop();
  });

  it('exchange events without the ledger poller: stock, purchase, expiry to its owner, new drop', async () => {
    const [here, there] = [await start(), await start()];
    await untilConnected(here, there);
    const [owner, admin, dropId] = await Promise.all([
      here.createUser(),
      here.createUser('admin'),
      here.createDrop({ total_stock: 5 }),
    ]);
    const [anonymous, ownerListener] = await Promise.all([listen(there), listen(there, owner.token)]);
    await ownerListener.socket.emitWithAck('drops:subscribe', { dropIds: [] });

    const { body } = await here.reserve(owner, dropId).expect(201);
    await here.purchase(owner, body.data.reservation.id).expect(201);
    await here.reserve(owner, dropId).expect(201);
    await here.expireHolds({ dropId });
    await here.context.worker.runOnce();
    const { body: created } = await here.http
      .post('/api/drops')
      .auth(admin.token, { type: 'bearer' })
      .send({ name: 'New', price: 1, totalStock: 1 })
      .expect(201);
    await until('the new drop', () => anonymous.received('new_drop').length > 0);
    await until('the last snapshot', () => versionsOf(anonymous, dropId).at(-1) === 5);
    expect(anonymous.received('new_drop')).toEqual([created.data]);
    expect(anonymous.received('purchase_update')).toMatchObject([{ dropId, username: owner.username }]);
    await until('the expiry', () => ownerListener.received('reservation_update').length > 0);
    expect(ownerListener.received('reservation_update')).toMatchObject([{ dropId, userId: owner.id }]);
    expect(ownerListener.received('inventory_update'), 'follows no drop').toEqual([]);
  });

  it('send rising versions only, together with the ledger poller', async () => {
    const apps = await Promise.all([start({ pollLedger: true }), start({ pollLedger: true })]);
    const [here, there] = apps;
    await untilConnected(here, there);
    const [dropId, buyers] = await Promise.all([here.createDrop({ total_stock: 60 }), here.createUsers(60)]);
    const listeners = await Promise.all(apps.map((app) => listen(app)));
    await Promise.all(
      buyers.map(async (buyer, index) => {
        const app = index % 2 === 0 ? here : there;
        const { body } = await app.reserve(buyer, dropId).expect(201);
        if (index % 3 === 0) await app.purchase(buyer, body.data.reservation.id).expect(201);
        if (index % 3 === 1) await app.release(buyer, body.data.reservation.id).expect(200);
      }),
    );
    const { body } = await here.http.get(`/api/drops/${dropId}`).expect(200);
    await until('the last version everywhere', () =>
      listeners.every((listener) => versionsOf(listener, dropId).at(-1) === body.data.version),
    );
    await sleep(700);
    for (const listener of listeners) {
      const versions = versionsOf(listener, dropId);
      expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
      expect(listener.received('inventory_update').at(-1)?.availableStock).toBe(body.data.availableStock);
    }
  });

  it('lose no change while Redis is away, and log its loss and its return once each', async () => {
    const [here, there] = await Promise.all([start({ pollLedger: true }), start({ pollLedger: true })]);
    await untilConnected(here, there);
    const [dropId, buyers] = await Promise.all([here.createDrop(), here.createUsers(3)]);
    // A later new_drop would contain the first change, which would then have no snapshot of its own.
    await until('the new drop', () => there.context.broadcaster.published(dropId).detailsVersion > 0);
    const listener = await listen(there);
    const [first, second, third] = buyers;
    if (!first || !second || !third) throw new Error('three buyers');

    await here.reserve(first, dropId).expect(201);
    await until('the first', () => versionsOf(listener, dropId).at(-1) === 2);
    await redis.kill();
    await here.reserve(second, dropId).expect(201);
    await until('the second, by the ledger poller', () => versionsOf(listener, dropId).at(-1) === 3);
    await until('the loss to be logged', () => log.filter((line) => line.startsWith('Redis is away')).length === 2);
    await redis.start();
    await until('the return', () => log.filter((line) => line === 'Redis is back').length === 2);
    await untilConnected(here, there);
    await here.reserve(third, dropId).expect(201);
    await until('the third', () => versionsOf(listener, dropId).at(-1) === 4);
    expect(versionsOf(listener, dropId)).toEqual([2, 3, 4]);
    expect(log.filter((line) => line.startsWith('Redis'))).toHaveLength(4);
  });

  it('start without Redis, and connect when it is available', async () => {
    await redis.kill();
    const [here, there] = await Promise.all([start(), start()]);
    await redis.start();
    await untilConnected(here, there);
  });

  it('stop while Redis is away', async () => {
    const app = await start();
    await redis.kill();
    await start();
    expect(log.some((line) => line.startsWith('Could not close'))).toBe(false);
    expect(app.url).toMatch(/^http/);
  });

  it('stop when the port is taken', async () => {
    const { url } = await start();
    await expect(start({ env: { PORT: new URL(url).port } })).rejects.toThrow('Already running');
  });

  it('receive the events of a worker without sockets', async () => {
    const api = await start();
    const worker = await start({ env: { ROLE: 'worker' } });
    const owner = await api.createUser();
    await untilConnected(worker, api);
    const dropId = await api.createDrop();
    const listener = await listen(api, owner.token);
    await api.reserve(owner, dropId).expect(201);
    await api.expireHolds({ dropId });
    await until('the expiry', () => listener.received('reservation_update').length === 1);
    await until('the stock', () => versionsOf(listener, dropId).at(-1) === 3);
  });

  it('are summed in the stats: the counters of all processes, workers included, and their connections', async () => {
    const [here, there] = [await start(), await start()];
    const worker = await start({ env: { ROLE: 'worker' } });
    await Promise.all([untilConnected(here, there), untilConnected(worker, here), untilConnected(there, here)]);
    const [admin, buyers] = [await here.createUser('admin'), await here.createUsers(2)];
    const [listener] = [await listen(here, admin.token), await listen(there), await listen(there)];
    const stats = () => listener.received('stats');
    await until('all three to be counted', () => stats().at(-1)?.processes === 3);
    const dropId = await here.createDrop({ total_stock: 5 });
    const before = stats().length;
    for (const app of [here, there]) for (const buyer of buyers) await app.reserve(buyer, dropId);
    await here.expireHolds({ dropId });
    await worker.context.worker.runOnce();

    const sum = (name: 'reservations' | 'expiries') =>
      stats()
        .slice(before)
        .reduce((all, each) => all + each[name], 0);
    await until('the stats of the expiries', () => sum('expiries') === 2);
    expect(sum('reservations')).toBe(2);
    const refusals = stats().reduce((all, each) => all + (each.refusals['already-reserved'] ?? 0), 0);
    expect(refusals, 'reserved at the other service before').toBe(2);
    expect(stats().at(-1)).toMatchObject({ processes: 3, connections: 3 });

    await there.close();
    opened.splice(opened.indexOf(there), 1);
    await until('the end of one process to be detected', () => stats().at(-1)?.processes === 2);
  });

  it('exchange nothing without Redis and without the ledger poller', async () => {
    const [here, there] = [await start({ env: { REDIS_URL: '' } }), await start()];
    const listener = await listen(there);
    const dropId = await here.createDrop();
    await here.reserve(await here.createUser(), dropId).expect(201);
    await sleep(1_000);
    expect(listener.events).toEqual([]);
  });
});
