import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { openDatabaseProxy, type DatabaseProxy } from '../../helpers/database-proxy.js';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { until } from '../../helpers/locks.js';
import { openTcpProxy, type TcpProxy } from '../../helpers/tcp-proxy.js';
import { becomes, createFeedKeeper, eventually } from './support.js';

const feeds = createFeedKeeper();
let app: TestApp;
let proxy: TcpProxy;
/** Of the service that the proxy leads to. */
let port: number;
/** Called with each connection that is made to the proxy. */
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
  await proxy.comeBack();
});

afterAll(async () => {
  await proxy.close();
  await app.close();
});

function portOf({ url }: TestApp): number {
  return Number(new URL(url).port);
}

async function change(dropId: string, where = app): Promise<void> {
  await where.reserve(await where.createUser(), dropId).expect(201);
}

describe('after a lost connection', () => {
  it('a feed is live again with what was missed, and was not called live in between', async () => {
    const dropId = await app.createDrop();
    const feed = feeds.open(proxy.url, { dropIds: [dropId] });
    await becomes(feed, 'live');
    await proxy.goAway();
    await becomes(feed, 'reconnecting');
    expect(feed.error?.code).toBe('unreachable');
    await change(dropId);
    await change(dropId);
    // Readable, but not live.
    expect([feed.status, feed.get(dropId)?.version]).toEqual(['reconnecting', 1]);

    // At whatever moment it calls itself live, it shows the newest.
    const shown: (number | undefined)[] = [];
    feed.on('status', (status) => {
      if (status === 'live') shown.push(feed.get(dropId)?.version);
    });
    await proxy.comeBack();
    await becomes(feed, 'live');
    expect(shown).toEqual([3]);
    expect(feed.versions.get(dropId)).toEqual([1, 3]);
    expect(feed.statuses.slice(-3)).toEqual(['reconnecting: unreachable', 'stale', 'live']);
    expect(feed.error).toBeNull();

    await change(dropId);
    await eventually(() => {
      expect(feed.get(dropId)?.version).toBe(4);
    });
  });

  it('a feed of all confirms what the snapshot of all leaves out, too', async () => {
    const old = await app.createDrop();
    const feed = feeds.open(proxy.url);
    await becomes(feed, 'live');
    for (let made = 0; made < 100; made += 1) await app.createDrop();
    // Known from before, and no more among the hundred newest.
    await proxy.goAway();
    await becomes(feed, 'reconnecting');
    await change(old);
    await proxy.comeBack();
    await becomes(feed, 'live');
    expect(feed.get(old)?.version).toBe(2);
    expect(feed.drops().length).toBeGreaterThan(100);
    // Still a feed of all.
    const newest = await app.createDrop();
    await change(newest);
    await eventually(() => {
      expect(feed.get(newest)?.version).toBe(2);
    });
  });

  it('a feed forgets a drop that is no more', async () => {
    const [gone, stays] = [await app.createDrop(), await app.createDrop()];
    const feed = feeds.open(proxy.url, { dropIds: [gone, stays] });
    await becomes(feed, 'live');
    await proxy.goAway();
    await becomes(feed, 'reconnecting');
    await app.database.query('DELETE FROM drops WHERE id = $1', [gone]);
    await proxy.comeBack();
    await becomes(feed, 'live');
    expect([feed.get(gone), feed.get(stays)?.version]).toEqual([undefined, 1]);
  });

  it('a feed takes what it was told to follow meanwhile', async () => {
    const [first, second] = [await app.createDrop(), await app.createDrop()];
    const feed = feeds.open(proxy.url, { dropIds: [first] });
    await becomes(feed, 'live');
    await proxy.goAway();
    await becomes(feed, 'reconnecting');
    feed.subscribe([second]);
    feed.unsubscribe([first]);
    await proxy.comeBack();
    await becomes(feed, 'live');
    expect(feed.drops().map(({ dropId }) => dropId)).toEqual([second]);
  });

  it('a feed waits between its attempts, longer each time, and calls itself reconnecting meanwhile', async () => {
    const feed = feeds.open(proxy.url);
    await becomes(feed, 'live');
    const attempts: { at: number; status: string }[] = [];
    attempted = () => attempts.push({ at: performance.now(), status: feed.status });
    // The door is open, and behind it is nothing.
    port = await closedPort();
    const lostAt = performance.now();
    for (const connection of proxy.open) connection.cut();
    await eventually(() => {
      expect(attempts.length).toBeGreaterThan(2);
    });
    const times = [lostAt, ...attempts.map(({ at }) => at)];
    // Half of what doubles from 500 ms on, at least; a timer may be early by a little.
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

it('a service that stops and starts again finds its feeds', async () => {
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

describe('a connection that is there and brings nothing', () => {
  it('makes the feed stale, and then is replaced', async () => {
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

  it('makes the feed stale, and says so, also when the clock was set back a little meanwhile', async () => {
    const dropId = await app.createDrop();
    const feed = feeds.open(proxy.url, { dropIds: [dropId], staleAfter: 400 });
    await becomes(feed, 'live');
    for (const connection of proxy.open) connection.stall();
    const rightNow = Date.now;
    const clock = vi.spyOn(Date, 'now').mockImplementation(() => rightNow() - 50);
    try {
      await eventually(() => {
        expect(feed.statuses.at(-1)).toBe('reconnecting: no-answer');
      });
      expect(feed.statuses.at(-2)).toBe('stale');
    } finally {
      clock.mockRestore();
    }
  });

  it('is live again if it goes on in time', async () => {
    const dropId = await app.createDrop();
    // It is replaced two and a half seconds after it was called stale, at the earliest: time for a busy machine.
    const feed = feeds.open(proxy.url, { dropIds: [dropId], staleAfter: 2_500 });
    await becomes(feed, 'live');
    const { made } = proxy;
    for (const connection of proxy.open) connection.stall();
    await change(dropId);
    await becomes(feed, 'stale');
    for (const connection of proxy.open) connection.resume();
    await becomes(feed, 'live');
    expect(feed.get(dropId)?.version).toBe(2);
    expect(proxy.made).toBe(made);
  });

  it('stays live through a long silence, in which nothing happens', async () => {
    const feed = feeds.open(proxy.url, { dropIds: [], staleAfter: 300 });
    // A busy machine may make it late now and then; without its questions it would be stale after each 300 ms.
    await until('a silence through which it stays live', async () => {
      await becomes(feed, 'live');
      const told = feed.statuses.length;
      await sleep(1_500);
      return feed.statuses.length === told;
    });
    expect(feed.status).toBe('live');
  });
});

describe('a snapshot that is refused', () => {
  it('leaves the feed stale, says why, and is asked for again: the database is away', async () => {
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

  it('or too many calls were made', async () => {
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

  it('is not asked for again where that is pointless: more drops than one may follow', async () => {
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
