import jwt from 'jsonwebtoken';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { openTcpProxy, type TcpProxy } from '../../helpers/tcp-proxy.js';
import { becomes, createFeedKeeper, eventually, type WatchedFeed } from './support.js';

const SECRET = 'the secret that the tokens of this file are signed with';
/** ms in which a feed that goes on trying would have tried again. */
const A_WHILE = 2_000;

const feeds = createFeedKeeper();
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

/** A token that ends after so many s. */
function tokenFor(seconds: number): string {
  return jwt.sign({ sub: user.id, role: 'user' }, SECRET, { expiresIn: seconds });
}

/** Whether it hears what is for the user alone. */
async function expectToHearOf(feed: WatchedFeed): Promise<void> {
  const hold = await app.reserve(user, await app.createDrop()).expect(201);
  const reservationId = hold.body.data.reservation.id as string;
  await app.expireHolds({ reservationId });
  await app.context.worker.runOnce();
  await eventually(() => {
    expect(feed.heard('reservation_update').map((each) => each.reservationId)).toContain(reservationId);
  });
}

describe('a token that is refused', () => {
  it('is told, and not tried again', async () => {
    const feed = feeds.open(proxy.url, { token: 'rubbish' });
    await becomes(feed, 'refused');
    expect(feed.error).toEqual({
      code: 'unauthenticated',
      message: 'Your session is not valid or has expired: sign in again',
      requestId: expect.stringMatching(/^[\w-]{36}$/),
    });
    expect(feed.statuses).toEqual(['refused: unauthenticated']);
    const { made } = proxy;
    await sleep(A_WHILE);
    expect(proxy.made).toBe(made);
  });

  it('may be replaced by a good one, and this by none', async () => {
    const feed = feeds.open(proxy.url, { token: 'rubbish', dropIds: [] });
    await becomes(feed, 'refused');
    feed.setToken(user.token);
    await becomes(feed, 'live');
    await expectToHearOf(feed);
    feed.setToken(null);
    expect(feed.status).toBe('reconnecting');
    await becomes(feed, 'live');
    expect(feed.error).toBeNull();
  });

  it('may be replaced by a good one while the first is still on its way', async () => {
    const feed = feeds.open(proxy.url, { token: 'rubbish', dropIds: [] });
    feed.setToken(user.token);
    await becomes(feed, 'live');
    await expectToHearOf(feed);
    expect(feed.statuses).not.toContain('refused: unauthenticated');
  });
});

describe('a function that gives tokens', () => {
  it('is asked again when its token is refused', async () => {
    const tokens = ['rubbish', user.token];
    const feed = feeds.open(proxy.url, { token: async () => tokens.shift(), dropIds: [] });
    await becomes(feed, 'live');
    expect(feed.statuses).toEqual(['reconnecting: unauthenticated', 'stale', 'live']);
    expect(tokens).toEqual([]);
    await expectToHearOf(feed);
  });

  it('is not asked for ever for the same one', async () => {
    let asked = 0;
    const feed = feeds.open(proxy.url, {
      token: () => {
        asked += 1;
        return 'rubbish';
      },
    });
    await becomes(feed, 'refused');
    const { made } = proxy;
    await sleep(A_WHILE);
    expect([asked, proxy.made]).toEqual([2, made]);
  });

  it('may choose to go on as nobody', async () => {
    const tokens = ['rubbish', null];
    const feed = feeds.open(proxy.url, { token: () => tokens.shift() });
    await becomes(feed, 'live');
  });

  it('may fail, and is asked again', async () => {
    let asked = 0;
    const feed = feeds.open(proxy.url, {
      token: () => {
        asked += 1;
        if (asked === 1) throw new Error('not signed in yet');
        return user.token;
      },
    });
    expect([feed.status, feed.error]).toEqual(['reconnecting', { code: 'no-token', message: 'not signed in yet' }]);
    await becomes(feed, 'live');
  });
});

describe('a token that ends', () => {
  it('ends the connection, and the feed says so', async () => {
    const feed = feeds.open(proxy.url, { token: tokenFor(2) });
    await becomes(feed, 'live');
    await becomes(feed, 'refused');
    expect(feed.statuses).toEqual(['stale', 'live', 'reconnecting: disconnected', 'refused: unauthenticated']);
  });

  it('is followed by the next one', async () => {
    const dropId = await app.createDrop();
    let asked = 0;
    const feed = feeds.open(proxy.url, {
      dropIds: [dropId],
      token: () => {
        asked += 1;
        return tokenFor(asked === 1 ? 2 : 60);
      },
    });
    await becomes(feed, 'live');
    await becomes(feed, 'reconnecting');
    await app.reserve(await app.createUser(), dropId).expect(201);
    await becomes(feed, 'live');
    expect([asked, feed.get(dropId)?.version]).toEqual([2, 2]);
    await expectToHearOf(feed);
  });
});
