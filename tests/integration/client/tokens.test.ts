import jwt from 'jsonwebtoken';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { openTcpProxy, type TcpProxy } from '../../helpers/tcp-proxy.js';
import { becomes, createFeedFactory, eventually, type WatchedFeed } from './support.js';

const SECRET = 'the secret that the tokens of this file are signed with';
/** Long enough for another attempt. */
const RETRY_WAIT_MS = 2_000;

const feeds = createFeedFactory();
let app: TestApp;
let proxy: TcpProxy;
let user: TestUser;

beforeAll(async () => {
  app = await startTestApp({ env: { JWT_SECRET: SECRET } });
  proxy = await openTcpProxy(() => Number(new URL(app.url).port));
  user = await app.createUser();
});

afterEach(() => {
  feeds.closeAll();
});

afterAll(async () => {
  await proxy.close();
  await app.close();
});

/** A token that expires after this time. */
function tokenFor(seconds: number): string {
  return jwt.sign({ sub: user.id, role: 'user' }, SECRET, { expiresIn: seconds });
}

/** Opens a feed whose token expires while the feed is live. If the machine is too busy to connect in time, retries with longer. */
async function openUntilExpiry(open: (expiringToken: string) => WatchedFeed): Promise<WatchedFeed> {
  for (let seconds = 2; ; seconds *= 2) {
    const feed = open(tokenFor(seconds));
    await eventually(() => {
      expect(feed.statuses.join()).toMatch(/live|unauthenticated/);
    });
    if (feed.statuses[1] === 'live') return feed;
    feed.close();
  }
}

/** Expects the feed to receive events for its user only. */
async function expectPrivateEvents(feed: WatchedFeed): Promise<void> {
  const hold = await app.reserve(user, await app.createDrop()).expect(201);
  const reservationId = hold.body.data.reservation.id as string;
  await app.expireHolds({ reservationId });
  await app.context.worker.runOnce();
  await eventually(() => {
    expect(feed.received('reservation_update').map((each) => each.reservationId)).toContain(reservationId);
  });
}

describe('a token that is refused', () => {
  it('is reported, and not tried again', async () => {
    const feed = feeds.open(proxy.url, { token: 'rubbish' });
    await becomes(feed, 'refused');
    expect(feed.error).toEqual({
      code: 'unauthenticated',
      message: 'Your session is not valid or has expired: sign in again',
      requestId: expect.stringMatching(/^[\w-]{36}$/),
    });
    expect(feed.statuses).toEqual(['refused: unauthenticated']);
    const { connectionCount } = proxy;
    await sleep(RETRY_WAIT_MS);
    expect(proxy.connectionCount).toBe(connectionCount);
  });

  it('can be replaced by a valid one, which can be removed later', async () => {
    const feed = feeds.open(proxy.url, { token: 'rubbish', dropIds: [] });
    await becomes(feed, 'refused');
    feed.setToken(user.token);
    await becomes(feed, 'live');
    await expectPrivateEvents(feed);
    feed.setToken(null);
    expect(feed.status).toBe('reconnecting');
    await becomes(feed, 'live');
    expect(feed.error).toBeNull();
  });

  it('can be replaced by a valid one during the first attempt', async () => {
    const feed = feeds.open(proxy.url, { token: 'rubbish', dropIds: [] });
    feed.setToken(user.token);
    await becomes(feed, 'live');
    await expectPrivateEvents(feed);
    expect(feed.statuses).not.toContain('refused: unauthenticated');
  });
});

describe('a token function', () => {
  it('is called again when its token is refused', async () => {
    const tokens = ['rubbish', user.token];
    const feed = feeds.open(proxy.url, { token: async () => tokens.shift(), dropIds: [] });
    await becomes(feed, 'live');
    expect(feed.statuses).toEqual(['reconnecting: unauthenticated', 'stale', 'live']);
    expect(tokens).toEqual([]);
    await expectPrivateEvents(feed);
  });

  it('is not called again after it returned the refused token twice', async () => {
    let calls = 0;
    const feed = feeds.open(proxy.url, {
      token: () => {
        calls += 1;
        return 'rubbish';
      },
    });
    await becomes(feed, 'refused');
    const { connectionCount } = proxy;
    await sleep(RETRY_WAIT_MS);
    expect([calls, proxy.connectionCount]).toEqual([2, connectionCount]);
  });

  it('can return null to connect anonymously', async () => {
    const tokens = ['rubbish', null];
    const feed = feeds.open(proxy.url, { token: () => tokens.shift() });
    await becomes(feed, 'live');
  });

  it('is called again after it threw', async () => {
    let calls = 0;
    const feed = feeds.open(proxy.url, {
      token: () => {
        calls += 1;
        if (calls === 1) throw new Error('not signed in yet');
        return user.token;
      },
    });
    expect([feed.status, feed.error]).toEqual(['reconnecting', { code: 'no-token', message: 'not signed in yet' }]);
    await becomes(feed, 'live');
  });
});

describe('a token whose account is disabled', () => {
  it('notifies why, ends the connection, and the feed is refused', async () => {
    const owner = await app.createUser();
    const feed = feeds.open(proxy.url, { token: owner.token });
    const reasons: string[] = [];
    feed.on('account_closed', ({ code }) => reasons.push(code));
    await becomes(feed, 'live');
    await app.database.query('UPDATE users SET disabled_at = now() WHERE id = $1', [owner.id]);
    await becomes(feed, 'refused');
    expect(reasons).toEqual(['disabled']);
  });
});

describe('a token that expires', () => {
  it('ends the connection, and the feed is refused', async () => {
    const feed = await openUntilExpiry((token) => feeds.open(proxy.url, { token }));
    await becomes(feed, 'refused');
    expect(feed.statuses).toEqual(['stale', 'live', 'reconnecting: disconnected', 'refused: unauthenticated']);
  });

  it('is replaced by the next one of the function', async () => {
    const dropId = await app.createDrop();
    let calls = 0;
    const feed = await openUntilExpiry((expiringToken) => {
      calls = 0;
      return feeds.open(proxy.url, {
        dropIds: [dropId],
        token: () => {
          calls += 1;
          return calls === 1 ? expiringToken : user.token;
        },
      });
    });
    await eventually(() => {
      expect(feed.statuses).toContain('reconnecting: disconnected');
    });
    await app.reserve(await app.createUser(), dropId).expect(201);
    await eventually(() => {
      expect([feed.status, feed.get(dropId)?.version]).toEqual(['live', 2]);
    });
    expect(calls).toBe(2);
    await expectPrivateEvents(feed);
  });
});
