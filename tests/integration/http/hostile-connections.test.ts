import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js';
import { dropRowLock, until, untilWaiting, whileLocked } from '../../helpers/locks.js';
import { canCountDescriptors, descriptorsOn, openRaw, type RawConnection } from '../../helpers/raw-http.js';

let database: TestDatabase;
let app: TestApp;

/** In the order of those of production. */
const SHORT_LIMITS = { requestTimeoutMs: 400, checkIntervalMs: 50, stallTimeoutMs: 1_000 };

beforeAll(async () => {
  database = await createTestDatabase();
  app = await startTestApp({ database, httpLimits: SHORT_LIMITS });
});

afterAll(async () => {
  await app.close();
  await database.drop();
});

const portOf = ({ url }: TestApp) => Number(new URL(url).port);

const GET = 'GET /livez HTTP/1.1\r\nHost: x\r\n';
const UPGRADE = (protocol: string) => `Connection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\n`;
const LOGIN =
  'POST /api/users/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10000\r\n\r\n';
const WEBSOCKET = (key: string) =>
  `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nSec-WebSocket-Version: 13\r\n` +
  `Sec-WebSocket-Key: ${key}\r\n${UPGRADE('websocket')}`;
const VALID_KEY = 'AAAAAAAAAAAAAAAAAAAAAA==';

/** A byte that is sent after the service has closed the connection may cost the client the response. */
const TIMED_OUT_WHILE_SENDING = /^(HTTP\/1\.1 408 |$)/;

/** What the client does, and what it receives before the service closes the connection. None of them closes it by itself. */
const HOSTILE: Readonly<Record<string, { act: (app: TestApp) => RawConnection; received: RegExp; count?: number }>> = {
  'sends nothing': { act: ({ url }) => openRaw(url), received: /^HTTP\/1\.1 408 .*"code":"request-timeout"/s },
  'sends a part of the headers': {
    act: ({ url }) => openRaw(url, GET),
    received: /^HTTP\/1\.1 408 .*"code":"request-timeout"/s,
  },
  'sends headers byte by byte': {
    act: ({ url }) => dripping(openRaw(url, `${GET}X-Slow: `)),
    received: TIMED_OUT_WHILE_SENDING,
  },
  'sends a body byte by byte': { act: ({ url }) => dripping(openRaw(url, LOGIN)), received: TIMED_OUT_WHILE_SENDING },
  'offers another protocol after a response': {
    act({ url }) {
      const connection = openRaw(url, `${GET}\r\n`);
      connection.socket.once('data', () => connection.socket.write(`${GET}${UPGRADE('foo')}`));
      return connection;
    },
    received: /^HTTP\/1\.1 200 .*HTTP\/1\.1 200 .*"ok"/s,
  },
  'offers h2c': { act: ({ url }) => openRaw(url, `${GET}${UPGRADE('h2c')}`), received: /^HTTP\/1\.1 200 .*"ok"/s },
  'offers h2c on the path of sockets': {
    act: ({ url }) => openRaw(url, `GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n${UPGRADE('h2c')}`),
    received: /^HTTP\/1\.1 200 .*"sid"/s,
  },
  'asks for a websocket elsewhere': {
    act: ({ url }) => openRaw(url, `${GET}${UPGRADE('websocket')}`),
    received: /^HTTP\/1\.1 200 .*"ok"/s,
  },
  'asks for a websocket with an invalid key': {
    act: ({ url }) => openRaw(url, WEBSOCKET('x')),
    received: /^HTTP\/1\.1 400 /,
  },
  'asks for a tunnel': {
    act: ({ url }) => openRaw(url, 'CONNECT example.com:80 HTTP/1.1\r\nHost: example.com:80\r\n\r\n'),
    received: /^HTTP\/1\.1 400 .*asks for a tunnel/s,
  },
  'does not send HTTP': {
    act: ({ url }) => openRaw(url, 'hello\r\n\r\n'),
    received: /^HTTP\/1\.1 400 .*"code":"validation-failed"/s,
  },
  'sends 20 kB of headers': {
    act: ({ url }) => openRaw(url, `${GET}X-Large: ${'x'.repeat(20_000)}\r\n\r\n`),
    received: /^HTTP\/1\.1 431 .*"code":"headers-too-large"/s,
  },
  'reads no response': {
    act({ url }) {
      const connection = openRaw(url, 'GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(400));
      connection.socket.pause();
      return connection;
    },
    received: /^/,
    count: 2,
  },
};

const PER_KIND = 20;

/** Sends another byte every 50 ms. */
function dripping(connection: RawConnection): RawConnection {
  const timer = setInterval(() => connection.socket.write('x'), 50);
  connection.socket.once('close', () => {
    clearInterval(timer);
  });
  return connection;
}

function openHostile(app: TestApp) {
  return Object.entries(HOSTILE).map(([kind, { act, received, count = PER_KIND }]) => ({
    kind,
    received,
    connections: Array.from({ length: count }, () => act(app)),
  }));
}

function destroyAll(kinds: ReturnType<typeof openHostile>): void {
  for (const { connections } of kinds) for (const { socket } of connections) socket.destroy();
}

describe.runIf(canCountDescriptors)('of connections whose clients do not close them', () => {
  it('no descriptor is left after the time limits, and each received its answer', async () => {
    const before = descriptorsOn(portOf(app));
    const kinds = openHostile(app);
    try {
      await until('the connections to be open', () => descriptorsOn(portOf(app)) > before);
      await until('no descriptor to be left', () => descriptorsOn(portOf(app)) === before);
      for (const { kind, received, connections } of kinds) {
        if (kind === 'reads no response') continue;
        await until(`the end of: ${kind}`, () => connections.every(({ closed }) => closed()));
        for (const connection of connections) expect([kind, connection.received()]).toEqual([kind, expect.stringMatching(received)]); // prettier-ignore
      }
    } finally {
      destroyAll(kinds);
    }
  });

  it('no descriptor is left when the service stops', async () => {
    // No other limit ends.
    const limits = { requestTimeoutMs: 240_000, stallTimeoutMs: 240_000, drainTimeoutMs: 600, closeTimeoutMs: 100 };
    const stopping = await startTestApp({ database, httpLimits: limits });
    const port = portOf(stopping);
    const kinds = openHostile(stopping);
    const websockets = Array.from({ length: PER_KIND }, () => openRaw(stopping.url, WEBSOCKET(VALID_KEY)));
    try {
      await until('the websockets to be open', () => websockets.every(({ received }) => received().includes('sid')));
      await until('requests to be answered', () => (kinds[5]?.connections ?? []).every(({ closed }) => closed()));
      await stopping.close();
      expect(descriptorsOn(port)).toBe(0);
    } finally {
      destroyAll(kinds);
      for (const { socket } of websockets) socket.destroy();
    }
  });

  it('only as many wait for a request as IDLE_CONNECTIONS, the newest ones', async () => {
    const limited = await startTestApp({ database, env: { IDLE_CONNECTIONS: '5' } });
    const [user, dropId] = [await limited.createUser(), await limited.createDrop()];
    const body = JSON.stringify({ dropId });
    const reserve = `POST /api/reservations HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${user.token}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    try {
      await whileLocked(database, dropRowLock(dropId), async ({ unlock }) => {
        const busy = openRaw(limited.url, reserve);
        await untilWaiting(database);
        const idle: RawConnection[] = [];
        for (let count = 0; count < 8; count += 1) {
          const connection = openRaw(limited.url, `${GET}\r\n`);
          await until('the response', () => connection.received().includes('"ok"'));
          idle.push(connection);
        }
        await until('five to be left', () => descriptorsOn(portOf(limited)) === 6);
        await until('three to be closed', () => idle.filter(({ closed }) => closed()).length === 3);
        expect(idle.map(({ closed }) => closed())).toEqual([...Array<boolean>(3).fill(true), ...Array<boolean>(5).fill(false)]); // prettier-ignore
        await unlock();
        await until('the response', () => busy.received().startsWith('HTTP/1.1 201 '));
        for (const { socket } of [busy, ...idle]) socket.destroy();
      });
    } finally {
      await limited.close();
    }
  });
});

describe('a problem for what is not HTTP is not written', () => {
  it('in place of the response to the request before', async () => {
    const [user, dropId] = [await app.createUser(), await app.createDrop()];
    const body = JSON.stringify({ dropId });
    const reserve = `POST /api/reservations HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${user.token}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    await whileLocked(database, dropRowLock(dropId), async () => {
      const connection = openRaw(app.url, reserve);
      await untilWaiting(database);
      connection.socket.write('hello\r\n\r\n');
      await until('the end', connection.closed);
      expect(connection.received()).toBe('');
      connection.socket.destroy();
    });
  });

  it('into a response that is being sent', async () => {
    const connection = openRaw(app.url, 'GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\nhello\r\n\r\n');
    await until('the end', connection.closed);
    expect(connection.received().includes('HTTP/1.1 400')).toBe(false);
    connection.socket.destroy();
  });

  it('but after a complete response it is', async () => {
    const connection = openRaw(app.url, `${GET}\r\n`);
    await until('the response', () => connection.received().includes('"ok"'));
    connection.socket.write('hello\r\n\r\n');
    await until('the end', connection.closed);
    expect(connection.received()).toMatch(/^HTTP\/1\.1 200 .*"ok".*HTTP\/1\.1 400 /s);
    connection.socket.destroy();
  });
});

it('a request that offers another protocol is read with its body', async () => {
  const body = '{"email":"a@example.com","password":"secret"}';
  const connection = openRaw(
    app.url,
    'POST /api/users/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n' +
      `Content-Length: ${body.length}\r\n${UPGRADE('h2c')}${body}`,
  );
  await until('the end', connection.closed);
  expect(connection.received()).toMatch(/^HTTP\/1\.1 401 .*Connection: close.*"code":"invalid-credentials"/is);
  connection.socket.destroy();
});
