import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { listenTo, receivedAll, type Listener } from '../../helpers/sockets.js';

let app: TestApp;
let buyer: TestUser;
let ours: string;
let other: string;
const opened: Listener[] = [];

beforeAll(async () => {
  app = await startTestApp();
});

beforeEach(async () => {
  [ours, other, buyer] = await Promise.all([app.createDrop(), app.createDrop(), app.createUser()]);
});

afterAll(async () => {
  for (const listener of opened) listener.close();
  await app.close();
});

async function listen(token?: string): Promise<Listener> {
  const listener = await listenTo(app, token === undefined ? {} : { token });
  opened.push(listener);
  return listener;
}

const subscribe = (listener: Listener, ...args: unknown[]) =>
  listener.socket.timeout(90_000).emitWithAck('drops:subscribe', ...args);
const unsubscribe = (listener: Listener, ...args: unknown[]) =>
  listener.socket.timeout(90_000).emitWithAck('drops:unsubscribe', ...args);

/** The drops whose snapshots a client receives while a unit of each drop is reserved. */
async function followed(listener: Listener): Promise<string[]> {
  const before = listener.events.length;
  const user = await app.createUser();
  await app.reserve(user, ours).expect(201);
  await app.reserve(user, other).expect(201);
  await receivedAll(app, await listen());
  await untilDelivered(listener);
  return listener.events
    .slice(before)
    .filter(({ name }) => name === 'inventory_update')
    .map(({ payload }) => ((payload as { dropId: string }).dropId === ours ? 'ours' : 'other'))
    .sort();
}

/** Resolves when the client has received what was sent to it: an acknowledgement arrives after all of that. */
async function untilDelivered(listener: Listener): Promise<void> {
  expect(await listener.socket.timeout(90_000).emitWithAck('no such call')).toMatchObject({
    error: { code: 'unknown-event' },
  });
}

async function databaseTime(): Promise<number> {
  const { rows } = await app.database.query<{ now: Date }>('SELECT clock_timestamp() AS now');
  return rows[0]?.now.getTime() ?? NaN;
}

describe('a socket', () => {
  it('that never subscribes receives the events of every drop', async () => {
    expect(await followed(await listen())).toEqual(['other', 'ours']);
  });

  it('that subscribes receives a snapshot, and the events of its drops only', async () => {
    await app.reserve(buyer, ours).expect(201);
    const listener = await listen();
    const before = await databaseTime();
    const { drops, serverTime, epoch } = await subscribe(listener, { dropIds: [ours] });
    expect(epoch).toBe(app.context.broadcaster.epoch);
    expect(drops).toEqual([
      {
        dropId: ours,
        availableStock: 9,
        reservedStock: 1,
        soldStock: 0,
        totalStock: 10,
        version: 2,
        status: 'live',
        epoch,
      },
    ]);
    expect(Date.parse(serverTime)).toBeGreaterThanOrEqual(before);
    expect(Date.parse(serverTime)).toBeLessThanOrEqual(await databaseTime());
    expect(await followed(listener)).toEqual(['ours']);
  });

  it('adds up its subscriptions, and can end each', async () => {
    const listener = await listen();
    await subscribe(listener, { dropIds: [ours] });
    await subscribe(listener, { dropIds: [other] });
    expect(await followed(listener)).toEqual(['other', 'ours']);
    expect(await unsubscribe(listener, { dropIds: [ours] })).toEqual({});
    expect(await followed(listener)).toEqual(['other']);
  });

  it('that leaves all its drops receives none, until it subscribes to all', async () => {
    const listener = await listen();
    await subscribe(listener, { dropIds: [ours] });
    await unsubscribe(listener, { dropIds: [ours] });
    expect(await followed(listener)).toEqual([]);
    await subscribe(listener);
    expect(await followed(listener)).toEqual(['other', 'ours']);
    await unsubscribe(listener, {});
    expect(await followed(listener)).toEqual([]);
  });

  it('that subscribed to all and to one receives each event once', async () => {
    const listener = await listen();
    await subscribe(listener);
    await subscribe(listener, { dropIds: [ours] });
    expect(await followed(listener)).toEqual(['other', 'ours']);
    await unsubscribe(listener, { dropIds: [ours] });
    expect(await followed(listener)).toEqual(['other', 'ours']);
  });

  it('that unsubscribes before it subscribed still receives every drop', async () => {
    const listener = await listen();
    await unsubscribe(listener, { dropIds: [ours] });
    expect(await followed(listener)).toEqual(['other', 'ours']);
  });

  it('can subscribe to no drop', async () => {
    const listener = await listen();
    expect(await subscribe(listener, { dropIds: [] })).toMatchObject({ drops: [], serverTime: expect.any(String) });
    expect(await followed(listener)).toEqual([]);
  });

  it.for([{ args: [] }, { args: [null] }, { args: [{}] }])('subscribes to all without ids: $args', async ({ args }) => {
    const { drops } = await subscribe(await listen(), ...args);
    expect(drops.map(({ dropId }: { dropId: string }) => dropId)).toEqual(expect.arrayContaining([ours, other]));
  });

  it('receives a snapshot of the hundred newest drops, and the events of all', async () => {
    const old = await app.createDrop({ created_at: new Date(0) });
    await app.database.query(
      `INSERT INTO drops (name, price, total_stock) SELECT 'one of many', 1, 1 FROM generate_series(1, 100)`,
    );
    const listener = await listen();
    const { drops } = await subscribe(listener);
    expect(drops.length).toBe(100);
    expect(JSON.stringify(drops)).not.toContain(old);
    await app.reserve(buyer, old).expect(201);
    await receivedAll(app, await listen());
    await untilDelivered(listener);
    expect(listener.received('inventory_update').map(({ dropId }) => dropId)).toContain(old);
  });

  it('receives new drops with any subscription', async () => {
    const [listener, admin] = await Promise.all([listen(), app.createUser('admin')]);
    await subscribe(listener, { dropIds: [ours] });
    await app.http
      .post('/api/drops')
      .auth(admin.token, { type: 'bearer' })
      .send({ name: 'New', price: 1, totalStock: 1 })
      .expect(201);
    await untilDelivered(listener);
    expect(listener.received('new_drop').length).toBe(1);
  });

  it('receives the expiry of its own reservation once, with any subscription', async () => {
    const [follower, ownerElsewhere, ownerHere, nonFollower] = await Promise.all([
      listen(),
      listen(buyer.token),
      listen(buyer.token),
      listen(),
    ]);
    await Promise.all([
      subscribe(ownerElsewhere, { dropIds: [other] }),
      subscribe(ownerHere, { dropIds: [ours] }),
      subscribe(follower, { dropIds: [ours] }),
      subscribe(nonFollower, { dropIds: [other] }),
    ]);
    await app.reserve(buyer, ours).expect(201);
    await app.expireHolds({ dropId: ours });
    await app.context.worker.runOnce();
    const all = [follower, ownerElsewhere, ownerHere, nonFollower];
    await Promise.all(all.map(untilDelivered));
    expect(all.map((listener) => listener.received('reservation_update').length)).toEqual([1, 1, 1, 0]);
  });
});

describe('unknown ids', () => {
  it('are ignored, and not followed', async () => {
    const listener = await listen();
    const unknown = randomUUID();
    const { drops } = await subscribe(listener, { dropIds: [unknown, ours, ours.toUpperCase()] });
    expect(drops.map(({ dropId }: { dropId: string }) => dropId)).toEqual([ours]);
    await app.createDrop({ id: unknown });
    await app.reserve(buyer, unknown).expect(201);
    expect(await followed(listener)).toEqual(['ours']);
  });
});

describe('a refused request', () => {
  it.for<{ what: string; payload: unknown; message: string }>([
    { what: 'not a UUID', payload: { dropIds: ['1'] }, message: 'Drop ids must be a UUID' },
    { what: 'not a list', payload: { dropIds: 'all' }, message: 'Drop ids must be a list' },
    { what: 'too many', payload: { dropIds: Array.from({ length: 101 }, () => randomUUID()) }, message: 'at most 100' },
    { what: 'a string', payload: 'everything', message: 'The request must be' },
    { what: 'bytes', payload: Buffer.from('x'), message: 'The request must be' },
    { what: 'a number', payload: 7, message: 'The request must be' },
    { what: 'a list', payload: [], message: 'The request must be' },
  ])('is acknowledged without effect, and its socket stays connected: $what', async ({ payload, message }) => {
    const listener = await listen();
    for (const send of [subscribe, unsubscribe]) {
      const { error } = await send(listener, payload);
      expect(error).toEqual({
        code: 'validation-failed',
        message: expect.stringContaining(message),
        requestId: expect.any(String),
        errors: [{ path: expect.stringMatching(/^payload/), message: expect.stringMatching(/^must /) }],
      });
    }
    expect(await followed(listener)).toEqual(['other', 'ours']);
  });

  it('can have an unknown name, with or without an acknowledgement', async () => {
    const listener = await listen();
    for (const name of ['constructor', '__proto__', 'toString', 'drops:follow', '']) {
      const acknowledgement = await listener.socket.timeout(90_000).emitWithAck(name, { dropIds: [ours] });
      expect(acknowledgement).toMatchObject({ error: { code: 'unknown-event' } });
    }
    for (const args of [[], [null], [{ dropIds: 7 }], [1, 2, 3]]) listener.socket.emit('drops:subscribe', ...args);
    listener.socket.emit('drops:follow');
    await untilDelivered(listener);
  });

  it('exceeds the limit of subscriptions', async () => {
    const small = await startTestApp({ database: app.database, env: { SOCKET_SUBSCRIPTIONS: '2' } });
    const listener = await listenTo(small);
    try {
      const third = await app.createDrop();
      expect(await subscribe(listener, { dropIds: [ours, other] })).toHaveProperty('drops');
      expect(await subscribe(listener, { dropIds: [third] })).toMatchObject({
        error: { code: 'too-many-subscriptions' },
      });
      expect(await subscribe(listener, { dropIds: [ours] }), 'followed already').toHaveProperty('drops');
      await unsubscribe(listener, { dropIds: [other] });
      expect(await subscribe(listener, { dropIds: [third] })).toHaveProperty('drops');
    } finally {
      listener.close();
      await small.close();
    }
  });
});
