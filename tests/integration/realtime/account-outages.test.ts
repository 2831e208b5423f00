import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createDropFeed, type DropFeed } from '../../../src/client/index.js';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { openDatabaseProxy, type DatabaseProxy } from '../../helpers/database-proxy.js';
import { until } from '../../helpers/locks.js';
import { listenTo } from '../../helpers/sockets.js';

/** The account of a token is read when its socket connects: what happens while the database is away. */
let database: TestDatabase;
let proxy: DatabaseProxy;
let app: TestApp;
const feeds: DropFeed[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  proxy = await openDatabaseProxy(database.url);
  app = await startTestApp({ database, env: { DATABASE_URL: proxy.url }, expectsServerErrors: true });
});
afterEach(async () => {
  for (const feed of feeds.splice(0)) feed.close();
  await proxy.restore();
});
afterAll(async () => {
  await app.close();
  await proxy.close();
  await database.drop();
});

const openFeed = (token: string) => {
  const feed = createDropFeed(app.url, { token });
  feeds.push(feed);
  return feed;
};

it('a socket with a token is refused as unavailable, which its client retries until the database is back', async () => {
  const user = await app.createUser();
  await proxy.cut();
  await expect(listenTo(app, { token: user.token })).rejects.toMatchObject({ data: { code: 'unavailable' } });
  const feed = openFeed(user.token);
  await until('the refusal', () => feed.error?.code === 'unavailable');
  expect(feed.status).toBe('reconnecting');
  await proxy.restore();
  await until('the connection', () => feed.status === 'live');
});

it('a token that is ended meanwhile is refused afterwards', async () => {
  const user = await app.createUser();
  await proxy.cut();
  const feed = openFeed(user.token);
  await until('the refusal', () => feed.error?.code === 'unavailable');
  await database.query('UPDATE users SET disabled_at = now() WHERE id = $1', [user.id]);
  await proxy.restore();
  await until('the refusal of the token', () => feed.status === 'refused');
});

it('connected sockets stay, and are cut when the database is back if their account was closed meanwhile', async () => {
  const [closed, open] = [await app.createUser(), await app.createUser()];
  const [closedSocket, openSocket] = await Promise.all([closed, open].map(({ token }) => listenTo(app, { token })));
  if (!closedSocket || !openSocket) throw new Error('two sockets');
  await proxy.cut();
  await database.query('UPDATE users SET disabled_at = now() WHERE id = $1', [closed.id]);
  await expect(listenTo(app, { token: open.token })).rejects.toMatchObject({ data: { code: 'unavailable' } });
  expect([closedSocket, openSocket].map(({ socket }) => socket.connected)).toEqual([true, true]);
  await proxy.restore();
  await until('the cut', () => !closedSocket.socket.connected);
  expect(closedSocket.received('account_closed')).toMatchObject([{ code: 'disabled' }]);
  expect(openSocket.socket.connected).toBe(true);
  openSocket.close();
});
