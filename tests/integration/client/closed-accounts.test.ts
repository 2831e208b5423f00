import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { openTcpProxy, type TcpProxy } from '../../helpers/tcp-proxy.js';
import { as } from '../http/support.js';
import { becomes, createFeedFactory } from './support.js';

/** Long enough for another attempt. */
const RETRY_WAIT_MS = 2_000;

const feeds = createFeedFactory();
let app: TestApp;
let proxy: TcpProxy;

beforeAll(async () => {
  app = await startTestApp();
  proxy = await openTcpProxy(() => Number(new URL(app.url).port));
});
afterEach(() => {
  feeds.closeAll();
});
afterAll(async () => {
  await proxy.close();
  await app.close();
});

const logout = (user: TestUser) => as(user, app.http.post('/api/users/logout')).expect(200);
const write = (user: TestUser, sql: string) => app.database.query(`${sql} WHERE id = $1`, [user.id]);

describe('a feed whose token ends', () => {
  it.each([
    ['signed-out', 'Your session has ended: sign in again', logout],
    ['disabled', 'Your account is disabled', (user: TestUser) => write(user, 'UPDATE users SET disabled_at = now()')],
    ['deleted', 'Your account no longer exists', (user: TestUser) => write(user, 'DELETE FROM users')],
  ])('is refused as %s, and makes no attempt with it', async (reason, message, end) => {
    const user = await app.createUser();
    const dropId = await app.createDrop();
    const feed = feeds.open(proxy.url, { token: user.token, dropIds: [dropId] });
    await becomes(feed, 'live');
    const { connectionCount } = proxy;
    await end(user);
    await becomes(feed, 'refused');
    expect(feed.error).toEqual({ code: 'unauthenticated', message, reason });
    expect(feed.statuses.slice(-2)).toEqual(['live', 'refused: unauthenticated']);
    expect(feed.get(dropId)?.version, 'the last known state stays readable').toBe(1);
    await sleep(RETRY_WAIT_MS);
    expect(proxy.connectionCount).toBe(connectionCount);
  });

  it('goes on with another token, or with none', async () => {
    const [first, second] = [await app.createUser(), await app.createUser()];
    const feed = feeds.open(proxy.url, { token: first.token, dropIds: [] });
    await becomes(feed, 'live');
    await logout(first);
    await becomes(feed, 'refused');
    feed.setToken(second.token);
    await becomes(feed, 'live');
    expect(feed.error).toBeNull();
    await logout(second);
    await becomes(feed, 'refused');
    feed.setToken(null);
    await becomes(feed, 'live');
  });

  it('calls its token function once more: the same token again is reported with the reason, without an attempt', async () => {
    const user = await app.createUser();
    let calls = 0;
    const feed = feeds.open(proxy.url, {
      dropIds: [],
      token: () => {
        calls += 1;
        return user.token;
      },
    });
    await becomes(feed, 'live');
    const { connectionCount } = proxy;
    await logout(user);
    await becomes(feed, 'refused');
    expect(feed.error).toMatchObject({ code: 'unauthenticated', reason: 'signed-out' });
    await sleep(RETRY_WAIT_MS);
    expect([calls, proxy.connectionCount]).toEqual([2, connectionCount]);
  });

  it('goes on with the next token of its function', async () => {
    const [first, second] = [await app.createUser(), await app.createUser()];
    const tokens = [first.token, second.token];
    const feed = feeds.open(proxy.url, { dropIds: [], token: () => tokens.shift() });
    await becomes(feed, 'live');
    await logout(first);
    await becomes(feed, 'reconnecting');
    expect(feed.error).toMatchObject({ code: 'unauthenticated', reason: 'signed-out' });
    await becomes(feed, 'live');
    expect(tokens).toEqual([]);
  });
});
