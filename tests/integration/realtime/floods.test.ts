import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { until } from '../../helpers/locks.js';
import { frame, openRawWebSocket, OPCODE } from '../../helpers/raw-websocket.js';
import { listenTo, receivedAll, type Listener } from '../../helpers/sockets.js';

let app: TestApp;
/** On the server that is attacked, from the same address. */
let honest: Listener;
const started: TestApp[] = [];

beforeAll(async () => {
  app = await startTestApp({ env: { RATE_LIMIT_ENABLED: 'true' } });
  honest = await listenTo(app);
});

afterAll(async () => {
  honest.close();
  await Promise.all(started.map((each) => each.close()));
  await app.close();
});

async function start(env: Readonly<Record<string, string>>): Promise<TestApp> {
  const other = await startTestApp({ database: app.database, env: { RATE_LIMIT_ENABLED: 'true', ...env } });
  started.push(other);
  return other;
}

async function closedBecauseOf(reason: string): Promise<number> {
  const { values } = await app.context.metrics.socketsClosed.get();
  return values.find(({ labels }) => labels.reason === reason)?.value ?? NaN;
}

async function expectHonestSocketWorks(): Promise<void> {
  await receivedAll(app, honest);
  expect(await honest.socket.timeout(90_000).emitWithAck('drops:unsubscribe', { dropIds: [] })).toEqual({});
}

const repeat = (times: number, bytes: Buffer) => Buffer.concat(Array<Buffer>(times).fill(bytes));

describe('a websocket', () => {
  const CONNECT = frame(OPCODE.text, '40');
  const LARGE_EVENT = frame(OPCODE.text, `42["nothing","${'x'.repeat(8_000)}"]`);
  it.for([
    { what: 'engine.io pongs', reason: 'frames', bytes: repeat(1_000, frame(OPCODE.text, '3')) },
    { what: 'websocket pings', reason: 'frames', bytes: repeat(1_000, frame(OPCODE.ping)) },
    { what: 'websocket pongs', reason: 'frames', bytes: repeat(1_000, frame(OPCODE.pong)) },
    { what: 'large events', reason: 'bytes', bytes: repeat(10, LARGE_EVENT) },
  ])('that floods the server with $what is closed, and no other', async ({ reason, bytes }) => {
    const before = await closedBecauseOf(reason);
    const flooding = await openRawWebSocket(app);
    flooding.write(CONNECT);
    await until('a socket', () => flooding.messages.some((message) => message.startsWith('40')));
    await flooding.flood(bytes);
    expect(await closedBecauseOf(reason)).toBe(before + 1);
    await expectHonestSocketWorks();
  });

  it('that sends a message in countless fragments is closed', async () => {
    const flooding = await openRawWebSocket(app);
    flooding.write(frame(OPCODE.text, '4', { fin: false }));
    await flooding.flood(repeat(100, frame(OPCODE.continuation, '', { fin: false })));
    await expectHonestSocketWorks();
  });

  it.for([
    { packets: 90, reason: 'sockets' },
    { packets: 190, reason: 'frames' },
  ])('that sends $packets CONNECT packets in one write opens one socket at most', async ({ packets, reason }) => {
    const before = await closedBecauseOf(reason);
    const flooding = await openRawWebSocket(app);
    flooding.write(repeat(packets, CONNECT));
    await until('the connection to be closed', flooding.isClosed);
    expect(flooding.messages.filter((message) => message.startsWith('40')).length).toBeLessThanOrEqual(1);
    expect(await closedBecauseOf(reason)).toBe(before + 1);
    await expectHonestSocketWorks();
  });

  it('cannot be opened beside the one that a connection was upgraded to', async () => {
    const listener = await listenTo(app, { transports: ['polling', 'websocket'] });
    const { engine } = listener.socket.io;
    if (engine.transport.name !== 'websocket') await new Promise((resolve) => engine.once('upgrade', resolve));
    const { id } = engine as unknown as { id: string };
    await expect(openRawWebSocket(app, { sid: id })).rejects.toThrow('socket hang up');
    await receivedAll(app, listener);
    listener.close();
  });
});

describe('polling', () => {
  const PATH = '/socket.io/?EIO=4&transport=polling';
  const post = (to: TestApp, sid: string, body: string) =>
    fetch(`${to.url}${PATH}&sid=${sid}`, { method: 'POST', body }).then(
      ({ status }) => status,
      // The server closes the connection of a flood without a response.
      () => 0,
    );
  const SID = /"sid":"([^"]+)"/;

  async function openSession(): Promise<string> {
    const response = await fetch(app.url + PATH);
    const [, sid = ''] = SID.exec(await response.text()) ?? [];
    return sid;
  }

  it.for([
    { what: 'thousands of packets in one request', body: Array(2_000).fill('3').join('\x1e'), requests: 1 },
    { what: 'requests', body: '3', requests: 400 },
  ])('a session that floods the server with $what is closed', async ({ body, requests }) => {
    const before = await closedBecauseOf('frames');
    const sid = await openSession();
    expect(await post(app, sid, '40')).toBe(200);
    let sent = 0;
    while (sent < requests && (await post(app, sid, body)) === 200) sent += 1;
    expect(await post(app, sid, '3')).toBe(400);
    expect(await closedBecauseOf('frames')).toBe(before + 1);
    await expectHonestSocketWorks();
  });

  it('sessions that are requested in one write do not exceed the limit of their address', async () => {
    const limited = await start({ SOCKETS_PER_ADDRESS: '3' });
    const { hostname, port, host } = new URL(limited.url);
    const client = connect(Number(port), hostname);
    let received = '';
    client.on('data', (chunk: Buffer) => (received += chunk.toString()));
    await once(client, 'connect');
    client.write(`GET ${PATH} HTTP/1.1\r\nHost: ${host}\r\n\r\n`.repeat(12));
    await until('twelve responses', () => received.split('HTTP/1.1 ').length === 13);
    client.destroy();
    const sids = [...received.matchAll(new RegExp(SID, 'g'))].map(([, sid = '']) => sid);
    const statuses = await Promise.all(sids.map((sid) => post(limited, sid, '40')));
    expect(statuses.filter((status) => status === 200)).toHaveLength(3);
  });
});

describe('an address', () => {
  const from = (to: TestApp, address: string) => listenTo(to, { extraHeaders: { 'X-Forwarded-For': address } });
  const request = (listener: Listener) =>
    listener.socket.timeout(90_000).emitWithAck('drops:unsubscribe', { dropIds: [] });

  it('has a budget of requests for all its sockets together', async () => {
    // Ten seconds' worth at once.
    const limited = await start({ TRUST_PROXY: 'loopback', SOCKET_CALLS_PER_ADDRESS: '1' });
    const sockets = await Promise.all(Array.from({ length: 4 }, () => from(limited, '203.0.113.1')));
    const other = await from(limited, '203.0.113.2');
    // On a busy machine the budget regains requests meanwhile.
    await until('refusals', async () => {
      const acknowledgements = await Promise.all(
        sockets.flatMap((each) => Array.from({ length: 5 }, () => request(each))),
      );
      await sleep(1_000);
      return acknowledgements.filter(({ error }) => error?.code === 'rate-limited').length >= 5;
    });
    expect(await request(other)).toEqual({});
    for (const listener of [...sockets, other]) listener.close();
  });

  it('that floods again and again may not open connections for a while, and others may', async () => {
    const attacked = await start({ TRUST_PROXY: 'loopback' });
    const headers = { 'X-Forwarded-For': '203.0.113.1' };
    const flood = repeat(1_000, frame(OPCODE.ping));
    const floodUntilRefused = async () => {
      for (let floods = 0; floods < 100; floods += 1) {
        const flooding = await openRawWebSocket(attacked, { headers });
        await flooding.flood(flood);
      }
    };
    await expect(floodUntilRefused()).rejects.toThrow('400');
    const other = await from(attacked, '203.0.113.2');
    await receivedAll(attacked, other);
    other.close();
  });
});

describe('an address whose connections end at once', () => {
  const PACE_MS = 20;
  const WAITING = 50;
  const headers = { 'X-Forwarded-For': '203.0.113.1' };

  it('opens further ones slowly, and others do not wait', async () => {
    const churned = await start({ TRUST_PROXY: 'loopback' });
    const leave = () => openRawWebSocket(churned, { headers }).then((websocket) => websocket.close());
    // More than the five that an address may have at once.
    await Promise.all(Array.from({ length: 20 }, leave));
    const { hostname, port } = new URL(churned.url);
    const resets = Array.from({ length: 10 }, async () => {
      const client = connect(Number(port), hostname);
      await once(client, 'connect');
      client.write(
        `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: ${hostname}\r\nX-Forwarded-For: 203.0.113.1\r\n` +
          'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
          'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
      );
      await sleep(10);
      client.resetAndDestroy();
    });
    await until('short connections', async () => {
      const began = performance.now();
      await Promise.all(Array.from({ length: WAITING }, leave));
      // Timers may end up to a millisecond early.
      return performance.now() - began >= (WAITING - 1) * (PACE_MS - 1);
    });
    const other = await listenTo(churned, { extraHeaders: { 'X-Forwarded-For': '203.0.113.2' } });
    await receivedAll(churned, other);
    await Promise.all(resets);
    other.close();
  });
});

it('a socket that reads all drops again and again is refused long before its limit of requests, and lives on', async () => {
  const limited = await start({ SOCKET_CALLS_PER_SECOND: '5' });
  const listener = await listenTo(limited);
  const subscribe = () => listener.socket.timeout(90_000).emitWithAck('drops:subscribe');
  await until('a refusal', async () => {
    const { error } = await subscribe();
    await sleep(50);
    return error?.message === 'At most 50 drops a second';
  });
  expect(await listener.socket.timeout(90_000).emitWithAck('drops:unsubscribe', { dropIds: [] })).toEqual({});
  listener.close();
});

describe('honest clients are not limited', () => {
  it.for(['websocket', 'polling'])('that subscribe to a thousand drops at once: %s', async (transport) => {
    const listener = await listenTo(app, { transports: [transport], upgrade: false });
    const requests = Array.from({ length: 10 }, () => ({ dropIds: Array.from({ length: 100 }, () => randomUUID()) }));
    const acknowledgements = await Promise.all(
      requests.map((payload) => listener.socket.timeout(90_000).emitWithAck('drops:subscribe', payload)),
    );
    expect(acknowledgements.map(({ error }) => error)).toEqual(Array(10).fill(undefined));
    listener.close();
  });
});
