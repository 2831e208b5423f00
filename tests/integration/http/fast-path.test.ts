import { once } from 'node:events';
import { createServer, request, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../../src/app.js';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { NOBODY } from './support.js';

// The fast path router serves routes with a literal path; Express serves them when the path is written differently.
// These tests send each request both ways and compare the responses.

let app: TestApp;
let user: TestUser;
let dropId: string;
let ways: readonly [ahead: Server, express: Server];
/** Number of requests that Express's router handled. */
let handedOver = 0;

async function listen(listener: RequestListener): Promise<Server> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

beforeAll(async () => {
  app = await startTestApp({ env: { RATE_LIMIT_ENABLED: 'true' } });
  [user, dropId] = [await app.createUser(), await app.createDrop({ total_stock: 1 })];
  const { listener, express } = createApp(app.context);
  const router = express.router as unknown as { handle: (...call: unknown[]) => void };
  const handle = router.handle.bind(router);
  router.handle = (...call) => {
    handedOver += 1;
    handle(...call);
  };
  ways = [await listen(listener), await listen(express)];
});
afterAll(async () => {
  for (const server of ways) server.close();
  await app.close();
});

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

async function send(server: Server, { method, path, headers, body }: Sent) {
  const { port } = server.address() as AddressInfo;
  const req = request({ host: '127.0.0.1', port, method, path, headers: { 'X-Request-Id': 'same', ...headers } });
  req.end(body);
  const [res] = await once(req, 'response');
  return { status: res.statusCode as number, headers: res.headers as Record<string, string>, body: await text(res) };
}

/** Removes what may differ: the time, ids and the remaining requests. */
function comparable({ status, headers, body }: Awaited<ReturnType<typeof send>>) {
  const { date: _date, ratelimit, ...others } = headers;
  return {
    status,
    headers: { ...others, ratelimit: ratelimit?.replace(/; r=\d+; t=\d+/, '') },
    body: body.replace(/"(serverTime|expiresAt|createdAt|updatedAt|id)":"[^"]*"/g, '"$1":"…"'),
  };
}

const json = { 'Content-Type': 'application/json' };
const origin = { Origin: 'http://localhost:5173' };
const reserve = (body: string, headers: Readonly<Record<string, string>> = json): (() => Sent) => {
  return () => ({
    method: 'POST',
    path: '/api/reservations',
    headers: { Authorization: `Bearer ${user.token}`, ...headers },
    body,
  });
};

const REQUESTS: [what: string, request: () => Sent, status: number][] = [
  ['a list', () => ({ method: 'GET', path: '/api/drops' }), 200],
  ['a list with a query', () => ({ method: 'GET', path: '/api/drops?page=2&pageSize=1&status=live' }), 200],
  ['a bad query', () => ({ method: 'GET', path: '/api/drops?page=0&page=1&pageSize=%zz' }), 400],
  ['a list from a page', () => ({ method: 'GET', path: '/api/drops', headers: origin }), 200],
  ['a preflight', () => ({ method: 'OPTIONS', path: '/api/reservations', headers: origin }), 204],
  ['a sign of life', () => ({ method: 'GET', path: '/livez' }), 200],
  ['a request without a token', () => ({ method: 'POST', path: '/api/reservations' }), 401],
  ['a request of an admin’s', () => ({ ...reserve('{}')(), path: '/api/drops' }), 403],
  ['an unknown drop', () => reserve(JSON.stringify({ dropId: NOBODY }))(), 404],
  ['malformed JSON', reserve('{'), 400],
  ['another type', reserve('{}', { 'Content-Type': 'text/plain' }), 415],
  ['too much', reserve(JSON.stringify({ filler: 'x'.repeat(17_000) })), 413],
  ['no body', reserve(''), 400],
  ['nothing in the body', reserve('{}', { ...json, ...origin }), 400],
  ['a sold-out drop', () => reserve(JSON.stringify({ dropId }))(), 409],
  ['one’s own', () => ({ ...reserve('')(), method: 'GET' }), 200],
];

describe('the fast path router and Express send the same response', () => {
  beforeAll(async () => {
    await app.reserve(await app.createUser(), dropId).expect(201);
  });

  it.each(REQUESTS)('%s', async (_what, sent, status) => {
    const before = handedOver;
    const [ahead, express] = [await send(ways[0], sent()), await send(ways[1], sent())];
    expect(ahead.status).toBe(status);
    expect(comparable(ahead)).toEqual(comparable(express));
    // Express handles one request: the one sent to it. It handles both if no route has this method.
    expect(handedOver - before).toBe(sent().method === 'OPTIONS' ? 2 : 1);
  });

  it('a reservation', async () => {
    const open = await app.createDrop();
    const answers = [];
    for (const way of ways) {
      user = await app.createUser();
      answers.push(await send(way, reserve(JSON.stringify({ dropId: open }))()));
    }
    const [ahead, express] = answers.map((answer) => comparable(answer));
    expect(ahead?.status).toBe(201);
    const alike = (body = '') => body.replace(/"userId":"[^"]*"/, '').replace(/"availableStock":\d+/, '');
    expect({ ...ahead, body: alike(ahead?.body) }).toEqual({ ...express, body: alike(express?.body) });
  });
});

describe('the fast path router passes on to Express', () => {
  it.each([
    ['/API/Drops/', 200],
    ['/api/drops/', 200],
    [`/api/drops/${NOBODY}`, 404],
    ['/api/drops/:id', 400],
    ['/nowhere', 404],
    ['/docs', 200],
  ])('%s', async (path, status) => {
    const before = handedOver;
    expect((await send(ways[0], { method: 'GET', path })).status).toBe(status);
    expect(handedOver - before).toBe(1);
  });

  it.each([
    ['HEAD', 200],
    ['PATCH', 405],
  ])('%s of a path that has a route', async (method, status) => {
    const before = handedOver;
    expect((await send(ways[0], { method, path: '/api/drops' })).status).toBe(status);
    expect(handedOver - before).toBe(1);
  });
});
