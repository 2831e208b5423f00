import { once } from 'node:events';
import { createServer, request, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../../src/app.js';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { UNKNOWN_ID } from './support.js';

// The fast path router serves a path as the route table writes it; Express serves it when it is written differently.
// These tests send each request both ways and compare the responses.

let app: TestApp;
let user: TestUser;
let dropId: string;
let servers: readonly [fastPath: Server, express: Server];
/** Number of requests that Express's router handled. */
let passedOn = 0;

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
    passedOn += 1;
    handle(...call);
  };
  servers = [await listen(listener), await listen(express)];
});
afterAll(async () => {
  for (const server of servers) server.close();
  await app.close();
});

interface SentRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

async function send(server: Server, { method, path, headers, body }: SentRequest) {
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
const listFrom = (Origin: string): SentRequest => ({ method: 'GET', path: '/api/drops', headers: { Origin } });
const reserve = (body: string, headers: Readonly<Record<string, string>> = json): (() => SentRequest) => {
  return () => ({
    method: 'POST',
    path: '/api/reservations',
    headers: { Authorization: `Bearer ${user.token}`, ...headers },
    body,
  });
};

const REQUESTS: [what: string, request: () => SentRequest, status: number][] = [
  ['a list', () => ({ method: 'GET', path: '/api/drops' }), 200],
  ['a list with a query', () => ({ method: 'GET', path: '/api/drops?page=2&pageSize=1&status=live' }), 200],
  ['an invalid query', () => ({ method: 'GET', path: '/api/drops?page=0&page=1&pageSize=%zz' }), 400],
  ['a list requested by a page', () => ({ method: 'GET', path: '/api/drops', headers: origin }), 200],
  ['a list requested by a page of an unlisted origin', () => listFrom('https://evil.example'), 200],
  ['a list requested with an empty origin', () => listFrom(''), 200],
  ['a preflight', () => ({ method: 'OPTIONS', path: '/api/reservations', headers: origin }), 204],
  ['a liveness check', () => ({ method: 'GET', path: '/livez' }), 200],
  ['a request without a token', () => ({ method: 'POST', path: '/api/reservations' }), 401],
  ['a request that requires an admin', () => ({ ...reserve('{}')(), path: '/api/drops' }), 403],
  ['an unknown drop', () => reserve(JSON.stringify({ dropId: UNKNOWN_ID }))(), 404],
  ['malformed JSON', reserve('{'), 400],
  ['another content type', reserve('{}', { 'Content-Type': 'text/plain' }), 415],
  ['a body that is too large', reserve(JSON.stringify({ filler: 'x'.repeat(17_000) })), 413],
  ['no body', reserve(''), 400],
  ['an empty object', reserve('{}', { ...json, ...origin }), 400],
  ['a sold-out drop', () => reserve(JSON.stringify({ dropId }))(), 409],
  ['one drop', () => ({ method: 'GET', path: `/api/drops/${dropId}` }), 200],
  ['one drop requested by a page', () => ({ method: 'GET', path: `/api/drops/${dropId}`, headers: origin }), 200],
  ['one drop with a query', () => ({ method: 'GET', path: `/api/drops/${dropId}?a=b` }), 400],
  ['a drop that does not exist', () => ({ method: 'GET', path: `/api/drops/${UNKNOWN_ID}` }), 404],
  ['an invalid id', () => ({ method: 'GET', path: '/api/drops/nothing' }), 400],
  ['movements', () => ({ method: 'GET', path: `/api/drops/${dropId}/movements?limit=1` }), 200],
  ['the user’s profile', () => ({ ...reserve('')(), method: 'GET', path: `/api/users/${user.id}` }), 200],
  [
    'a reservation to release',
    () => ({ ...reserve('')(), method: 'DELETE', path: `/api/reservations/${UNKNOWN_ID}` }),
    404,
  ],
  ['the user’s reservations', () => ({ ...reserve('')(), method: 'GET' }), 200],
];

describe('the fast path router and Express send the same response', () => {
  beforeAll(async () => {
    await app.reserve(await app.createUser(), dropId).expect(201);
  });

  it.each(REQUESTS)('%s', async (_what, createRequest, status) => {
    const before = passedOn;
    const [fastPath, express] = [await send(servers[0], createRequest()), await send(servers[1], createRequest())];
    expect(fastPath.status).toBe(status);
    expect(comparable(fastPath)).toEqual(comparable(express));
    // Express handles one request: the one sent to it. It handles both if no route has this method.
    expect(passedOn - before).toBe(createRequest().method === 'OPTIONS' ? 2 : 1);
  });

  it('a reservation', async () => {
    const open = await app.createDrop();
    const responses = [];
    for (const server of servers) {
      user = await app.createUser();
      responses.push(await send(server, reserve(JSON.stringify({ dropId: open }))()));
    }
    const [fastPath, express] = responses.map((response) => comparable(response));
    expect(fastPath?.status).toBe(201);
    const comparableBody = (body = '') => body.replace(/"userId":"[^"]*"/, '').replace(/"availableStock":\d+/, '');
    expect({ ...fastPath, body: comparableBody(fastPath?.body) }).toEqual({
      ...express,
      body: comparableBody(express?.body),
    });
  });
});

describe('the fast path router passes on to Express', () => {
  it.each([
    ['/API/Drops/', 200],
    ['/api/drops/', 200],
    [`/api/drops/${UNKNOWN_ID}/`, 404],
    [`/api/drops/%30${UNKNOWN_ID.slice(1)}`, 404],
    ['/api/drops/:id', 400],
    ['/api/drops/%zz', 400],
    // A literal path of another method, which is no id.
    ['/api/users/login', 405],
    ['/nowhere', 404],
    ['/docs', 200],
  ])('%s', async (path, status) => {
    const before = passedOn;
    expect((await send(servers[0], { method: 'GET', path })).status).toBe(status);
    expect(passedOn - before).toBe(1);
  });

  it.each([
    ['HEAD', 200],
    ['PATCH', 405],
  ])('%s of a path that has a route', async (method, status) => {
    const before = passedOn;
    expect((await send(servers[0], { method, path: '/api/drops' })).status).toBe(status);
    expect(passedOn - before).toBe(1);
  });
});
