import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { until } from '../../helpers/locks.js';
import { listenTo, type Listener } from '../../helpers/sockets.js';

let database: TestDatabase;
const started: TestApp[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(async () => {
  await Promise.all(started.map((app) => app.close()));
  await database.drop();
});

async function start(env: Readonly<Record<string, string>>): Promise<TestApp> {
  const app = await startTestApp({ database, env: { RATE_LIMIT_ENABLED: 'true', ...env } });
  started.push(app);
  return app;
}

const untilDisconnected = ({ socket }: Listener) => new Promise((resolve) => socket.once('disconnect', resolve));

describe('requests', () => {
  it('above the limit are refused, and the socket stays connected', async () => {
    const listener = await listenTo(await start({ SOCKET_CALLS_PER_SECOND: '5' }));
    const call = () => listener.socket.timeout(90_000).emitWithAck('drops:subscribe', { dropIds: [] });
    // On a busy machine the window of a second may end between two calls: then fewer than three are refused.
    await until('three refusals', async () => {
      const acknowledgements = await Promise.all(Array.from({ length: 8 }, call));
      const refused = acknowledgements.filter(
        (acknowledgement) => acknowledgement.error?.code === 'rate-limited',
      ).length;
      expect(refused).toBeLessThanOrEqual(3);
      await sleep(1_100);
      return refused === 3;
    });
    expect(await call()).toHaveProperty('serverTime');
    listener.close();
  });

  it('that flood the server disconnect their socket, and no other', async () => {
    const app = await start({ SOCKET_CALLS_PER_SECOND: '5' });
    const [flooding, other] = await Promise.all([listenTo(app), listenTo(app)]);
    const disconnected = untilDisconnected(flooding);
    for (let call = 0; call < 200; call += 1) flooding.socket.emit('drops:subscribe', { dropIds: [] });
    await disconnected;
    expect(await other.socket.timeout(90_000).emitWithAck('drops:unsubscribe', {})).toEqual({});
    other.close();
  });

  it('of more than 8 kB disconnect the socket', async () => {
    const listener = await listenTo(await start({}));
    const disconnected = untilDisconnected(listener);
    listener.socket.emit('drops:subscribe', { dropIds: ['x'.repeat(16_384)] });
    await disconnected;
  });
});

describe('connections of one address', () => {
  it.for(['websocket', 'polling'])('are limited: %s', async (transport) => {
    const app = await start({ SOCKETS_PER_ADDRESS: '2' });
    const connect = () => listenTo(app, { transports: [transport], upgrade: false });
    const [first, second] = await Promise.all([connect(), connect()]);
    await expect(connect()).rejects.toThrow();
    // Existing connections still work, by polling too.
    expect(await second.socket.timeout(90_000).emitWithAck('drops:unsubscribe', {})).toEqual({});
    first.close();
    await until('a free connection', () =>
      connect().then(
        (listener) => {
          listener.close();
          return true;
        },
        () => false,
      ),
    );
    second.close();
  });

  const from = (app: TestApp, address: string) => listenTo(app, { extraHeaders: { 'X-Forwarded-For': address } });

  it('behind a proxy are counted by the forwarded address', async () => {
    const app = await start({ SOCKETS_PER_ADDRESS: '1', TRUST_PROXY: 'loopback' });
    const listeners = await Promise.all(['203.0.113.1', '203.0.113.2', '2001:db8:1::1'].map((each) => from(app, each)));
    await expect(from(app, '203.0.113.1')).rejects.toThrow();
    // An IPv6 client has a whole /64 network of addresses.
    await expect(from(app, '2001:db8:1::2')).rejects.toThrow();
    for (const listener of listeners) listener.close();
  });

  it('behind a proxy are counted together for each notation of an address', async () => {
    const app = await start({ SOCKETS_PER_ADDRESS: '1', TRUST_PROXY: '1' });
    const listeners = await Promise.all(['203.0.113.1:51001', '[2001:db8:1::1]:51001'].map((each) => from(app, each)));
    const others = [
      '203.0.113.1',
      '203.0.113.1:51002',
      '::ffff:203.0.113.1',
      '[::ffff:cb00:7101]:1',
      '2001:DB8:1:0:ffff::2',
    ];
    for (const address of others) await expect(from(app, address), address).rejects.toThrow();
    for (const listener of listeners) listener.close();
  });

  it('are not counted by an address that the client forged', async () => {
    const app = await start({ SOCKETS_PER_ADDRESS: '1' });
    const listener = await from(app, '203.0.113.1');
    await expect(from(app, '203.0.113.2')).rejects.toThrow();
    listener.close();
  });
});
