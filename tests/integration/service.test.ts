import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findFreePort } from '../helpers/free-port.js';
import { ListenError } from '../../src/lib/http/server/lifecycle.js';
import { startTestApp } from '../helpers/app.js';
import { createTestDatabase, type TestDatabase } from '../helpers/database.js';
import { dropRowLock, until, untilWaiting, whileLocked } from '../helpers/locks.js';
import { openRaw } from '../helpers/raw-http.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.drop());

it('the service starts on a database with a second gen_random_uuid(), as the extension pgcrypto creates it', async () => {
  const other = await createTestDatabase();
  await other.query(
    `CREATE FUNCTION public.gen_random_uuid() RETURNS uuid LANGUAGE sql AS 'SELECT pg_catalog.gen_random_uuid()'`,
  );
  const app = await startTestApp({ database: other });
  await app.http.get('/readyz').expect(200);
  await app.close();
  await other.drop();
});

it('the metrics are served on their own port only', async () => {
  const port = await findFreePort();
  const app = await startTestApp({ database, env: { METRICS_PORT: String(port) } });
  await app.http.get('/api/drops').expect(200);

  const metrics = await fetch(`http://127.0.0.1:${port}/metrics`);
  expect(metrics.headers.get('content-type')).toMatch(/^text\/plain/);
  expect(await metrics.text()).toMatch(
    /http_request_duration_seconds_count\{method="GET",route="\/api\/drops",status="200"\} 1/,
  );
  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(404);
  await app.http.get('/metrics').expect(404);
  await app.close();
  await expect(fetch(`http://127.0.0.1:${port}/metrics`)).rejects.toThrow();
});

it('the metrics close connections that send no request, and more than a hundred', async () => {
  const port = await findFreePort();
  const httpLimits = { requestTimeoutMs: 400, checkIntervalMs: 50 };
  const app = await startTestApp({ database, env: { METRICS_PORT: String(port) }, httpLimits });
  const url = `http://127.0.0.1:${port}`;
  const connections = Array.from({ length: 130 }, () => openRaw(url, 'GET /metrics HTTP/1.1\r\n'));
  await until('all to be closed', () => connections.every(({ closed }) => closed()));
  const dropped = connections.filter(({ received }) => received() === '');
  expect(dropped.length).toBeGreaterThanOrEqual(30);
  expect((await fetch(`${url}/metrics`)).status).toBe(200);
  for (const { socket } of connections) socket.destroy();
  await app.close();
});

it('the metrics listen on the loopback address unless METRICS_HOST names another', async () => {
  const port = await findFreePort();
  // On Linux, every address of 127.0.0.0/8 is this machine's, and a server on 127.0.0.1 does not answer on the others.
  const statusOf = (host: string) => fetch(`http://${host}:${port}/metrics`).then(({ status }) => status, () => null); // prettier-ignore
  const start = (env: object) =>
    startTestApp({ database, env: { HOST: '0.0.0.0', METRICS_PORT: String(port), ...env } });
  const app = await start({});
  expect([await statusOf('127.0.0.1'), await statusOf('127.0.0.2')]).toEqual([200, null]);
  await app.close();
  const other = await start({ METRICS_HOST: '0.0.0.0' });
  expect(await statusOf('127.0.0.1')).toBe(200);
  if (process.platform === 'linux') expect(await statusOf('127.0.0.2')).toBe(200);
  await other.close();
  await expect(start({ METRICS_HOST: '192.0.2.1' })).rejects.toThrow(/192\.0\.2\.1.*METRICS_HOST and METRICS_PORT/);
});

it('responses to invalid HTTP and to Socket.io requests have an X-Request-Id', async () => {
  const app = await startTestApp({ database });
  const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nbad header\r\n\r\n');
  const response = await text(socket);
  const id = /X-Request-Id: (\S+)/.exec(response)?.[1];
  expect(response).toMatch(/^HTTP\/1\.1 400 .*Content-Type: application\/problem\+json/s);
  expect(JSON.parse(response.split('\r\n\r\n')[1] ?? '')).toMatchObject({ code: 'validation-failed', requestId: id });

  const poll = await fetch(`${app.url}/socket.io/?EIO=4&transport=polling`);
  expect(poll.headers.get('x-request-id')).toMatch(/^[\w-]{36}$/);
  await app.close();
});

it('a request with two lengths, TRACE, and folders are refused', async () => {
  const app = await startTestApp({ database });
  const chunked = 'Transfer-Encoding: chunked';
  const status = async (...lines: string[]) => {
    const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
    socket.write([...lines, 'Host: x', 'Connection: close', '', ''].join('\r\n'));
    if (lines.includes(chunked)) socket.write('0\r\n\r\n');
    return /^HTTP\/1\.1 (\d+)/.exec(await text(socket))?.[1];
  };
  const post = 'POST /api/users/login HTTP/1.1';
  expect(await status(post, chunked), 'one length, and no content type').toBe('415');
  expect(await status(post, 'Content-Length: 5', chunked)).toBe('400');
  expect(await status(post, 'Content-Length: 5', 'Content-Length: 6')).toBe('400');
  expect(await status('TRACE /api/drops HTTP/1.1')).toBe('405');
  for (const folder of ['/images', '/images/', '/docs/assets/', '/docs/design/', '/assets/']) {
    expect([folder, await status(`GET ${folder} HTTP/1.1`)]).toEqual([folder, '404']);
  }
  await app.close();
});

it('a failed start leaves no port open', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port: taken } = other.address() as { port: number };
  const free = await findFreePort();

  for (const env of [
    { PORT: String(free), METRICS_PORT: String(taken) },
    { PORT: String(taken), METRICS_PORT: String(free) },
  ]) {
    await expect(startTestApp({ database, env })).rejects.toThrow(ListenError);
    await expect(fetch(`http://127.0.0.1:${free}/`), 'the other port is not left open').rejects.toThrow();
  }
  other.close();
});

it('a stop waits for requests in flight, but not for connections without a request', async () => {
  const app = await startTestApp({ database });
  const { port } = new URL(app.url);
  const idleConnection = connect(Number(port), '127.0.0.1');
  await once(idleConnection, 'connect');
  const closed = once(idleConnection, 'close');
  const user = await app.createUser();
  const dropId = await app.createDrop();
  const { stopped, inFlight } = await whileLocked(database, dropRowLock(dropId), async () => {
    const inFlight = app.reserve(user, dropId).then(({ status }) => status);
    await untilWaiting(database);
    const stopped = app.close();
    // The idle connection closes while the request still waits for the lock.
    await closed;
    return { stopped, inFlight };
  });
  expect(await inFlight).toBe(201);
  await stopped;
});
