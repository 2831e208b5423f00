import { randomBytes } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { listenTo, receivedAll } from '../../helpers/sockets.js';

const SECRET = 'the secret that the tokens of this file are signed with';
const ORIGINS = ['http://localhost:5173', 'https://shop.example'];

let app: TestApp;
let user: TestUser;

beforeAll(async () => {
  app = await startTestApp({ env: { JWT_SECRET: SECRET, FRONTEND_URL: ORIGINS.join(',') } });
  user = await app.createUser();
});

afterAll(() => app.close());

describe('a token', () => {
  it('is accepted', async () => {
    const listener = await listenTo(app, { token: user.token });
    await receivedAll(app, listener);
    listener.close();
  });

  const claims = () => ({ sub: user.id, role: 'user' });
  it.for([
    { what: 'not a token', token: () => 'rubbish' },
    { what: 'signed with another secret', token: () => jwt.sign(claims(), randomBytes(48)) },
    {
      what: 'signed by another algorithm',
      token: () => jwt.sign(claims(), SECRET, { algorithm: 'HS512', expiresIn: 60 }),
    },
    { what: 'not signed', token: () => jwt.sign(claims(), null, { algorithm: 'none', expiresIn: 60 }) },
    { what: 'expired', token: () => jwt.sign(claims(), SECRET, { expiresIn: -1 }) },
    { what: 'without an expiry', token: () => jwt.sign(claims(), SECRET) },
    { what: 'without a subject', token: () => jwt.sign({ role: 'user' }, SECRET, { expiresIn: 60 }) },
  ])('is refused with the reason: $what', async ({ token }) => {
    await expect(listenTo(app, { token: token() })).rejects.toMatchObject({
      message: 'Your session is not valid or has expired: sign in again',
      data: { code: 'unauthenticated' },
    });
  });

  it.for([[false], [42], [{ $ne: null }], [['a']], [[]], ['\0'], ['null']])(
    'is refused if it is not a token: %j',
    async ([token]) => {
      await expect(listenTo(app, { auth: { token } })).rejects.toMatchObject({ data: { code: 'unauthenticated' } });
    },
  );

  it('is optional', async () => {
    for (const auth of [{}, { token: null }, { token: '' }, { token: ' \t\n\u00a0' }]) {
      const listener = await listenTo(app, { auth });
      await receivedAll(app, listener);
      listener.close();
    }
  });

  it('disconnects its socket when it expires, and no other', async () => {
    const shortLived = await startTestApp({ database: app.database, env: { JWT_EXPIRES_IN: '2s' } });
    try {
      const anonymous = await listenTo(shortLived);
      const { token } = await shortLived.createUser();
      const { exp } = jwt.decode(token) as { exp: number };
      const listener = await listenTo(shortLived, { token });
      const reason = await new Promise((resolve) => listener.socket.once('disconnect', resolve));
      expect(reason).toBe('io server disconnect');
      // Node's timers may fire a millisecond early.
      expect(Date.now()).toBeGreaterThanOrEqual(exp * 1000 - 2);
      await receivedAll(shortLived, anonymous);
      anonymous.close();
    } finally {
      await shortLived.close();
    }
  });
});

describe('a transport', () => {
  it.for(['websocket', 'polling'])('carries the events: %s', async (transport) => {
    const listener = await listenTo(app, { transports: [transport], upgrade: false, token: user.token });
    expect(listener.socket.io.engine.transport.name).toBe(transport);
    const dropId = await app.createDrop();
    await app.reserve(user, dropId).expect(201);
    await receivedAll(app, listener);
    expect(listener.received('inventory_update')).toMatchObject([{ dropId, version: 2 }]);
    listener.close();
  });

  it('begins with polling and upgrades to a websocket, as in browsers', async () => {
    const listener = await listenTo(app, { transports: ['polling', 'websocket'] });
    const { engine } = listener.socket.io;
    if (engine.transport.name !== 'websocket') {
      await new Promise((resolve) => engine.once('upgrade', resolve));
    }
    expect(engine.transport.name).toBe('websocket');
    await receivedAll(app, listener);
    listener.close();
  });
});

describe('a page of another origin', () => {
  const from = (origin: string, transport: string) =>
    listenTo(app, { transports: [transport], upgrade: false, extraHeaders: { Origin: origin } });

  it.for(['websocket', 'polling'])('is refused: %s', async (transport) => {
    for (const origin of ['https://evil.example', 'null']) await expect(from(origin, transport)).rejects.toThrow();
  });

  it.for(['websocket', 'polling'])(
    'is accepted if it is listed, or the origin of the server: %s',
    async (transport) => {
      for (const origin of [...ORIGINS, app.url]) (await from(origin, transport)).close();
    },
  );
});

describe('the polling transport', () => {
  const poll = (origin?: string, method = 'GET') =>
    fetch(`${app.url}/socket.io/?EIO=4&transport=polling`, {
      method,
      headers: {
        ...(origin && { Origin: origin }),
        ...(method === 'OPTIONS' && { 'Access-Control-Request-Method': 'POST' }),
      },
    });

  it.for(ORIGINS)('can be read by the listed origin %s', async (origin) => {
    for (const method of ['GET', 'OPTIONS']) {
      const { ok, headers } = await poll(origin, method);
      expect([ok, headers.get('access-control-allow-origin')]).toEqual([true, origin]);
      expect(headers.get('access-control-allow-credentials')).toBe('true');
    }
  });

  it('cannot be read by other origins', async () => {
    for (const method of ['GET', 'OPTIONS']) {
      const { headers } = await poll('https://evil.example', method);
      expect(headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  it('serves requests without an origin', async () => {
    expect((await poll()).status).toBe(200);
  });
});

it('sockets are closed with the service', async () => {
  const other = await startTestApp({ database: app.database });
  const listener = await listenTo(other, { token: (await other.createUser()).token });
  const disconnected = new Promise((resolve) => listener.socket.once('disconnect', resolve));
  await other.close();
  expect(await disconnected).toBeDefined();
});
