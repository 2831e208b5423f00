import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { openDatabaseProxy, type DatabaseProxy } from '../../helpers/database-proxy.js';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { until } from '../../helpers/locks.js';
import { openTcpProxy, type TcpProxy } from '../../helpers/tcp-proxy.js';
import { becomes, createFeedFactory, eventually } from './support.js';

const feeds = createFeedFactory();
let app: TestApp;
let proxy: TcpProxy;
/** The port of the service behind the proxy. */
let port: number;
/** Called for each connection to the proxy. */
let attempted: (() => void) | undefined;

beforeAll(async () => {
  app = await startTestApp();
  port = portOf(app);
  proxy = await openTcpProxy(() => {
    attempted?.();
    return port;
  });
});

afterEach(async () => {
  attempted = undefined;
  feeds.closeAll();
  port = portOf(app);
  await proxy.restore();
});

afterAll(async () => {
  await proxy.close();
  await app.close();
});

function portOf({ url }: TestApp): number {
  return Number(new URL(url).port);
}

async function change(dropId: string, service = app): Promise<void> {
  await service.reserve(await service.createUser(), dropId).expect(201);
}

describe('after a lost connection', () => {
  it('a feed is live again only with the missed changes', async () => {
    const dropId = await app.createDrop();
    const feed = feeds.open(proxy.url, { dropIds: [dropId] });
    await becomes(feed, 'live');
    await proxy.disconnect();
    await becomes(feed, 'reconnecting');
    expect(feed.error?.code).toBe('unreachable');
    await change(dropId);
    await change(dropId);
    // Readable although not live.
    expect([feed.status, feed.get(dropId)?.version]).toEqual(['reconnecting', 1]);

    // Whenever its status becomes live, its snapshot is the newest.
    const versionsWhenLive: (number | undefined)[] = [];
    feed.on('status', (status) => {
      if (status === 'live') versionsWhenLive.push(feed.get(dropId)?.version);
    });
    await proxy.restore();
    await becomes(feed, 'live');
    expect(versionsWhenLive).toEqual([3]);
    expect(feed.versions.get(dropId)).toEqual([1, 3]);
    expect(feed.statuses.slice(-3)).toEqual(['reconnecting: unreachable', 'stale', 'live']);
    expect(feed.error).toBeNull();

    await change(dropId);
    await eventually(() => {
      expect(feed.get(dropId)?.version).toBe(4);
    });
  });

  it('a feed of all drops confirms those that are not in the snapshot of the newest', async () => {
    const old = await app.createDrop();
    const feed = feeds.open(proxy.url);
    await becomes(feed, 'live');
    for (let count = 0; count < 100; count += 1) await app.createDrop();
    // Stored before the loss, and no longer among the hundred newest.
    await proxy.disconnect();
    await becomes(feed, 'reconnecting');
    await change(old);
    await proxy.restore();
    await becomes(feed, 'live');
    expect(feed.get(old)?.version).toBe(2);
    expect(feed.drops().length).toBeGreaterThan(100);
    // The feed still follows all drops.
    const newest = await app.createDrop();
    await change(newest);
    await eventually(() => {
      expect(feed.get(newest)?.version).toBe(2);
    });
  });

  it('a feed removes a deleted drop', async () => {
    const [deleted, kept] = [await app.createDrop(), await app.createDrop()];
    const feed = feeds.open(proxy.url, { dropIds: [deleted, kept] });
    await becomes(feed, 'live');
    await proxy.disconnect();
    await becomes(feed, 'reconnecting');
    await app.database.query('DELETE FROM drops WHERE id = $1', [deleted]);
    await proxy.restore();
    await becomes(feed, 'live');
    expect([feed.get(deleted), feed.get(kept)?.version]).toEqual([undefined, 1]);
  });

  it('a feed applies subscriptions made while disconnected', async () => {
    const [first, second] = [await app.createDrop(), await app.createDrop()];
    const feed = feeds.open(proxy.url, { dropIds: [first] });
    await becomes(feed, 'live');
    await proxy.disconnect();
    await becomes(feed, 'reconnecting');
    feed.subscribe([second]);
    feed.unsubscribe([first]);
    await proxy.restore();
    await becomes(feed, 'live');
    expect(feed.drops().map(({ dropId }) => dropId)).toEqual([second]);
  });

  it('a feed doubles the delay between attempts, and is reconnecting meanwhile', async () => {
    const feed = feeds.open(proxy.url);
    await becomes(feed, 'live');
    const attempts: { at: number; status: string }[] = [];
    attempted = () => attempts.push({ at: performance.now(), status: feed.status });
    // The proxy accepts connections, but no service listens behind it.
    port = await closedPort();
    const lostAt = performance.now();
    for (const connection of proxy.open) connection.cut();
    await eventually(() => {
      expect(attempts.length).toBeGreaterThan(2);
    });
    const times = [lostAt, ...attempts.map(({ at }) => at)];
    // At least half of the delay, which doubles from 500 ms on. A timer may fire slightly early.
    for (const [index, leastMs] of [250, 500, 1_000].entries())
      expect(Number(times[index + 1]) - Number(times[index])).toBeGreaterThan(leastMs - 10);
    for (const { status } of attempts) expect(status).toBe('reconnecting');
    expect(feed.status).toBe('reconnecting');
  });
});

async function closedPort(): Promise<number> {
  const proxy = await openTcpProxy(() => undefined);
  await proxy.close();
  return proxy.port;
}

it('feeds reconnect to a service that was restarted', async () => {
  const first = await startTestApp({ database: app.database });
  port = portOf(first);
  const dropId = await app.createDrop();
  const feed = feeds.open(proxy.url, { dropIds: [dropId] });
  await becomes(feed, 'live');
  await first.close();
  await becomes(feed, 'reconnecting');
  await change(dropId);
  const second = await startTestApp({ database: app.database });
  try {
    port = portOf(second);
    await becomes(feed, 'live');
    expect(feed.get(dropId)?.version).toBe(2);
    feeds.closeAll();
  } finally {
    await second.close();
  }
});

describe('a stalled connection', () => {
  it('makes the feed stale, and is then replaced', async () => {
    const dropId = await app.createDrop();
    const feed = feeds.open(proxy.url, { dropIds: [dropId], staleAfter: 400 });
    await becomes(feed, 'live');
    for (const connection of proxy.open) connection.stall();
    await change(dropId);
    await becomes(feed, 'stale');
    expect(feed.get(dropId)?.version).toBe(1);
    await becomes(feed, 'live');
    expect(feed.get(dropId)?.version).toBe(2);
    expect(feed.statuses.slice(-4)).toEqual(['stale', 'reconnecting: no-answer', 'stale', 'live']);
  });

  it('makes the feed stale also when the clock was set back meanwhile', async () => {
    const dropId = await app.createDrop();
    const feed = feeds.open(proxy.url, { dropIds: [dropId], staleAfter: 400 });
    await becomes(feed, 'live');
    for (const connection of proxy.open) connection.stall();
    const realNow = Date.now;
    const clock = vi.spyOn(Date, 'now').mockImplementation(() => realNow() - 50);
    try {
      await eventually(() => {
        expect(feed.statuses.at(-1)).toBe('reconnecting: no-answer');
      });
      expect(feed.statuses.at(-2)).toBe('stale');
    } finally {
      clock.mockRestore();
    }
  });

  it('is live again if it resumes in time', async () => {
    const dropId = await app.createDrop();
    // The connection is replaced 2.5 s after the feed became stale at the earliest: time for a busy machine.
    const feed = feeds.open(proxy.url, { dropIds: [dropId], staleAfter: 2_500 });
    await becomes(feed, 'live');
    const { connectionCount } = proxy;
    for (const connection of proxy.open) connection.stall();
    await change(dropId);
    await becomes(feed, 'stale');
    for (const connection of proxy.open) connection.resume();
    await becomes(feed, 'live');
    expect(feed.get(dropId)?.version).toBe(2);
    expect(proxy.connectionCount).toBe(connectionCount);
  });

  it('an idle connection keeps the feed live', async () => {
    const feed = feeds.open(proxy.url, { dropIds: [], staleAfter: 300 });
    // On a busy machine the feed may be stale now and then. Without heartbeats it would be stale after each 300 ms.
    await until('an idle period during which the feed stays live', async () => {
      await becomes(feed, 'live');
      const changes = feed.statuses.length;
      await sleep(1_500);
      return feed.statuses.length === changes;
    });
    expect(feed.status).toBe('live');
  });
});

describe('a snapshot that is refused', () => {
  it('leaves the feed stale with the reason, and is requested again: the database is away', async () => {
    const databaseProxy: DatabaseProxy = await openDatabaseProxy(app.database.url);
    const served = await startTestApp({ database: { ...app.database, url: databaseProxy.url } });
    try {
      const dropId = await app.createDrop();
      await databaseProxy.cut();
      const feed = feeds.open(served.url, { dropIds: [dropId] });
      await eventually(() => {
        expect([feed.status, feed.error?.code]).toEqual(['stale', 'unavailable']);
      });
      await databaseProxy.restore();
      await becomes(feed, 'live');
      expect(feed.get(dropId)?.version).toBe(1);
      feeds.closeAll();
    } finally {
      await served.close();
      await databaseProxy.close();
    }
  });

  it('leaves the feed stale, and is requested again: the rate limit was exceeded', async () => {
    const strict = await startTestApp({
      database: app.database,
      env: { RATE_LIMIT_ENABLED: 'true', SOCKET_CALLS_PER_SECOND: '1' },
    });
    try {
      const dropId = await app.createDrop();
      const feed = feeds.open(strict.url, { dropIds: [] });
      feed.subscribe([dropId]);
      feed.subscribe();
      await becomes(feed, 'live');
      await eventually(() => {
        expect(feed.statuses).toContain('stale: rate-limited');
        expect([feed.status, feed.get(dropId)?.version]).toEqual(['live', 1]);
      });
      feeds.closeAll();
    } finally {
      await strict.close();
    }
  });

  it('is not requested again after a permanent error: too many subscriptions', async () => {
    const strict = await startTestApp({ database: app.database, env: { SOCKET_SUBSCRIPTIONS: '2' } });
    try {
      const dropIds = [await app.createDrop(), await app.createDrop(), await app.createDrop()];
      const feed = feeds.open(strict.url, { dropIds: dropIds.slice(0, 2) });
      await becomes(feed, 'live');
      feed.subscribe(dropIds);
      await becomes(feed, 'stale');
      expect(feed.error?.code).toBe('too-many-subscriptions');
      await becomes(feed, 'live');
      expect(feed.drops()).toHaveLength(2);
      feeds.closeAll();
    } finally {
      await strict.close();
    }
  });
});
