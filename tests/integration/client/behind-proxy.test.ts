import { io, type Socket } from 'socket.io-client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { DropFeedOptions } from '../../../src/client/index.js';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { openHttpProxy, type HttpProxy, type UpgradeTreatment } from '../../helpers/http-proxy.js';
import { becomes, createFeedFactory, eventually } from './support.js';

const feeds = createFeedFactory();
let app: TestApp;
let proxy: HttpProxy;

beforeAll(async () => {
  app = await startTestApp();
  proxy = await openHttpProxy({ target: app.url });
});

afterEach(() => {
  feeds.closeAll();
});

afterAll(async () => {
  await proxy.close();
  await app.close();
});

/** Opens a feed through the proxy, with access to its transport. */
function openFeed(options: DropFeedOptions = {}) {
  let socket: Socket | undefined;
  const feed = feeds.open(proxy.url, { ...options, connect: (url, settings) => (socket = io(url, settings)) });
  return { feed, transport: () => socket?.io.engine.transport.name, cut: () => socket?.io.engine.close() };
}

async function expectChange(feed: ReturnType<typeof openFeed>['feed'], dropId: string): Promise<void> {
  await app.reserve(await app.createUser(), dropId).expect(201);
  await eventually(() => {
    expect(feed.get(dropId)?.availableStock).toBe(9);
  });
}

it('where websockets are possible, a feed begins with one', async () => {
  proxy.upgrades = 'pass';
  const { feed, transport } = openFeed();
  await eventually(() => {
    expect(transport()).toBe('websocket');
  });
  await becomes(feed, 'live');
  expect(feed.statuses).toEqual(['stale', 'live']);
});

const TREATMENTS: [string, UpgradeTreatment][] = [
  ['rejects upgrades with 400', 'refuse'],
  ['closes the connection of an upgrade', 'close'],
  ['ignores upgrades', 'ignore'],
];

describe.each(TREATMENTS)('behind a proxy that %s', (_, treatment) => {
  it('a feed is live by polling, and by a websocket again when one is possible', async () => {
    proxy.upgrades = treatment;
    const dropId = await app.createDrop();
    const { feed, transport, cut } = openFeed({ dropIds: [dropId] });
    await becomes(feed, 'live');
    expect(transport()).toBe('polling');
    await expectChange(feed, dropId);

    // Polling has worked: the next connection begins with it, without a failed websocket first.
    feed.statuses.splice(0);
    cut();
    await becomes(feed, 'reconnecting');
    await becomes(feed, 'live');
    expect([feed.statuses, transport()]).toEqual([['reconnecting: unreachable', 'stale', 'live'], 'polling']);

    proxy.upgrades = 'pass';
    cut();
    await becomes(feed, 'reconnecting');
    await eventually(() => {
      expect([feed.status, transport()]).toEqual(['live', 'websocket']);
    });
  });
});
