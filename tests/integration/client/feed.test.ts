import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { becomes, createFeedFactory, eventually } from './support.js';

const feeds = createFeedFactory();
let app: TestApp;
let user: TestUser;

beforeAll(async () => {
  app = await startTestApp();
  user = await app.createUser();
});

afterEach(() => {
  feeds.closeAll();
});

afterAll(() => app.close());

async function holdOf(dropId: string, { token } = user): Promise<string> {
  const { body } = await app.http
    .post('/api/reservations')
    .auth(token, { type: 'bearer' })
    .send({ dropId })
    .expect(201);
  return body.data.reservation.id;
}

describe('a feed', () => {
  it('has all drops once it is live, and every later change', async () => {
    const [dropId, other] = [await app.createDrop(), await app.createDrop({ total_stock: 3 })];
    const feed = feeds.open(app.url);
    expect([feed.status, feed.drops(), feed.get(dropId)]).toEqual(['reconnecting', [], undefined]);
    await becomes(feed, 'live');
    expect(feed.statuses).toEqual(['stale', 'live']);
    expect(feed.get(dropId)).toEqual({
      dropId,
      availableStock: 10,
      reservedStock: 0,
      soldStock: 0,
      totalStock: 10,
      version: 1,
      status: 'live',
    });
    expect(feed.drops()).toEqual(expect.arrayContaining([feed.get(dropId), feed.get(other)]));
    await holdOf(dropId);
    await eventually(() => {
      expect(feed.get(dropId)).toMatchObject({ availableStock: 9, reservedStock: 1, version: 2 });
    });
    expect(feed.versions.get(dropId)).toEqual([1, 2]);
    expect(feed.versions.get(other)).toEqual([1]);
  });

  it('follows the chosen drops, and removes those that are unsubscribed', async () => {
    const [first, second, third] = [await app.createDrop(), await app.createDrop(), await app.createDrop()];
    const feed = feeds.open(app.url, { dropIds: [first.toUpperCase()] });
    await becomes(feed, 'live');
    expect(feed.drops().map(({ dropId }) => dropId)).toEqual([first]);

    feed.subscribe([second]);
    await eventually(() => {
      expect(feed.get(second)?.version).toBe(1);
    });
    feed.unsubscribe([first]);
    expect(feed.get(first)).toBeUndefined();

    for (const dropId of [first, third, second]) await holdOf(dropId);
    await eventually(() => {
      expect(feed.get(second)?.version).toBe(2);
    });
    expect(feed.drops().map(({ dropId }) => dropId)).toEqual([second]);
    expect([...feed.versions]).toEqual([
      [first, [1]],
      [second, [1, 2]],
    ]);
  });

  it('can follow all drops, then none, then one', async () => {
    const [dropId, other] = [await app.createDrop(), await app.createDrop()];
    const feed = feeds.open(app.url, { dropIds: [] });
    await becomes(feed, 'live');
    expect(feed.drops()).toEqual([]);
    feed.subscribe();
    await eventually(() => {
      expect(feed.get(dropId)).toBeDefined();
    });
    feed.unsubscribe();
    expect(feed.drops()).toEqual([]);
    await holdOf(dropId);
    feed.subscribe([dropId]);
    await eventually(() => {
      expect(feed.get(dropId)?.version).toBe(2);
    });
    await holdOf(other);
    const last = await app.createUser();
    await holdOf(dropId, last);
    await eventually(() => {
      expect(feed.get(dropId)?.version).toBe(3);
    });
    expect(feed.get(other)).toBeUndefined();
    expect(feed.drops()).toHaveLength(1);
  });

  it('returns the same frozen object until it changes', async () => {
    const [dropId, other] = [await app.createDrop(), await app.createDrop()];
    const feed = feeds.open(app.url, { dropIds: [dropId, other] });
    await becomes(feed, 'live');
    const [list, snapshot, unchanged] = [feed.drops(), feed.get(dropId), feed.get(other)];
    expect([feed.drops(), feed.get(dropId)]).toEqual([list, snapshot]);
    expect(feed.drops()).toBe(list);
    expect(feed.get(dropId)).toBe(snapshot);
    await holdOf(dropId);
    await eventually(() => {
      expect(feed.get(dropId)).not.toBe(snapshot);
    });
    expect(feed.drops()).not.toBe(list);
    expect(feed.get(other)).toBe(unchanged);
    expect([list, snapshot].every(Object.isFrozen)).toBe(true);
    expect(snapshot?.version).toBe(1);
  });

  it('calls a listener until it is removed', async () => {
    const dropId = await app.createDrop();
    const feed = feeds.open(app.url, { dropIds: [dropId] });
    await becomes(feed, 'live');
    const calls: string[] = [];
    const stop = feed.on('change', () => calls.push('stopped'));
    feed.on('change', (id, snapshot) => calls.push(`${id === dropId} ${snapshot?.version}`));
    stop();
    await holdOf(dropId);
    await eventually(() => {
      expect(calls).toEqual(['true 2']);
    });
  });

  it('rejects an invalid id at once, and ignores an unknown one', async () => {
    expect(() => feeds.open(app.url, { dropIds: ['7'] })).toThrow(TypeError);
    const dropId = await app.createDrop();
    const feed = feeds.open(app.url, { dropIds: [randomUUID(), dropId] });
    expect(() => {
      feed.subscribe(['not an id']);
    }).toThrow('not "not an id"');
    await becomes(feed, 'live');
    expect(feed.drops()).toHaveLength(1);
  });

  it('notifies of purchases and changes of followed drops, and of every new drop', async () => {
    const [dropId, other] = [await app.createDrop(), await app.createDrop()];
    const feed = feeds.open(app.url, { dropIds: [dropId] });
    await becomes(feed, 'live');
    for (const each of [other, dropId]) await app.purchase(user, await holdOf(each)).expect(201);
    await eventually(() => {
      expect(feed.received('purchase_update')).toMatchObject([{ dropId, username: user.username }]);
    });
    const admin = await app.createUser('admin');
    const { body } = await app.http
      .post('/api/drops')
      .auth(admin.token, { type: 'bearer' })
      .send({ name: 'Brand new', price: 1, totalStock: 5 })
      .expect(201);
    await eventually(() => {
      expect(feed.received('new_drop')).toMatchObject([{ id: body.data.id, name: 'Brand new' }]);
    });
    expect(feed.get(body.data.id)).toBeUndefined();

    app.context.publish('drop_update', { ...body.data, id: dropId, name: 'Renamed', version: 9, availableStock: 4 });
    await eventually(() => {
      expect(feed.received('drop_update')).toMatchObject([{ id: dropId, name: 'Renamed' }]);
    });
    expect(feed.get(dropId)).toMatchObject({ version: 9, availableStock: 4 });
  });

  it('has a status that changed by time alone', async () => {
    const dropId = await app.createDrop({ drop_starts_at: new Date(Date.now() + 3_600_000) });
    const feed = feeds.open(app.url);
    await becomes(feed, 'live');
    expect(feed.get(dropId)?.status).toBe('scheduled');
    const { body } = await app.http.get(`/api/drops/${dropId}`).expect(200);
    app.context.broadcaster.publishStatus({ ...body.data, status: 'live' });
    await eventually(() => {
      expect(feed.get(dropId)).toMatchObject({ status: 'live', version: 1 });
    });
  });

  it('notifies the owner of a token of an expired reservation of any drop', async () => {
    const feed = feeds.open(app.url, { dropIds: [], token: user.token });
    await becomes(feed, 'live');
    const dropId = await app.createDrop();
    const reservationId = await holdOf(dropId);
    await app.expireHolds({ reservationId });
    await app.context.worker.runOnce();
    await eventually(() => {
      expect(feed.received('reservation_update')).toMatchObject([{ reservationId, userId: user.id }]);
    });
  });

  it('estimates the time of the server within its stated accuracy', async () => {
    const openedAt = performance.now();
    const feed = feeds.open(app.url);
    expect(feed.clockAccuracy()).toBe(Infinity);
    await becomes(feed, 'live');
    const before = feed.serverNow();
    const { rows } = await app.database.query<{ now: Date }>('SELECT clock_timestamp() AS now');
    const after = feed.serverNow();
    expect(feed.clockAccuracy()).toBeLessThan(performance.now() - openedAt + 10);
    expect(rows[0]?.now.getTime()).toBeGreaterThan(before - feed.clockAccuracy() - 1);
    expect(rows[0]?.now.getTime()).toBeLessThan(after + feed.clockAccuracy() + 1);
  });

  it('receives nothing after it is closed', async () => {
    const dropId = await app.createDrop();
    const feed = feeds.open(app.url, { dropIds: [dropId] });
    await becomes(feed, 'live');
    feed.close();
    expect(feed.status).toBe('closed');
    const otherFeed = feeds.open(app.url, { dropIds: [dropId] });
    await becomes(otherFeed, 'live');
    feed.subscribe();
    feed.setToken('any');
    await holdOf(dropId);
    await eventually(() => {
      expect(otherFeed.get(dropId)?.version).toBe(2);
    });
    expect(feed.get(dropId)?.version).toBe(1);
    expect(feed.statuses.at(-1)).toBe('closed');
    expect(feed.error).toBeNull();
  });
});
