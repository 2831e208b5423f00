import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Server as SocketServer } from 'socket.io';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { limitPipelining } from '../../../src/lib/http/pipelining.js';
import { createHttpServer, HTTP_LIMITS } from '../../../src/lib/http/server/create-server.js';
import { startTestApp, type TestApp } from '../../helpers/app.js';

/** A request of Socket.io is served by a listener that runs before the app. */
const POLLING = '/socket.io/?EIO=4&transport=polling';
const AHEAD = 200;
const PER_CONNECTION = 16;

/** The statuses of the responses to GETs that are sent ahead over one connection. The last one asks the server to close it. */
async function statusesOf(url: string, path: string): Promise<number[]> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  const get = (connection: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: ${connection}\r\n\r\n`;
  socket.write(get('keep-alive').repeat(AHEAD - 1) + get('close'));
  return [...(await text(socket)).matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}

const servedThenRefused = (status: number) => [...Array<number>(PER_CONNECTION).fill(status), 503];

describe('of the requests of Socket.io that a connection sends ahead', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startTestApp({ expectsServerErrors: true });
  });
  afterAll(() => app.close());

  it.each([
    ['that open a connection', POLLING, 200],
    ['of an unknown connection', `${POLLING}&sid=x`, 400],
    ['of an unknown transport', '/socket.io/?EIO=4&transport=x', 400],
  ])(
    'the service serves sixteen, refuses the next and closes the connection: those %s',
    async (_which, path, status) => {
      expect(await statusesOf(app.url, path)).toEqual(servedThenRefused(status));
    },
  );
});

/** Starts a server of Socket.io that limits pipelining before or after Socket.io has added its listener. */
async function withServer<Result>(limit: 'before' | 'after', use: (url: string) => Promise<Result>): Promise<Result> {
  const http = createHttpServer((_req, res) => res.end(), { limits: HTTP_LIMITS, acceptsUpgrade: () => false });
  const addLimit = () => {
    limitPipelining(http, (_req, res) => res.writeHead(503).end());
  };
  if (limit === 'before') addLimit();
  const sockets = new SocketServer(http);
  if (limit === 'after') addLimit();
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  try {
    return await use(`http://127.0.0.1:${(http.address() as AddressInfo).port}`);
  } finally {
    await sockets.close();
  }
}

describe('a limit that is added', () => {
  it('after Socket.io has added its listener includes its requests', async () => {
    expect(await withServer('after', (url) => statusesOf(url, POLLING))).toEqual(servedThenRefused(200));
    expect(await withServer('after', (url) => statusesOf(url, '/'))).toEqual(servedThenRefused(200));
  });

  it('before that does not', async () => {
    expect(await withServer('before', (url) => statusesOf(url, POLLING))).toEqual(Array(AHEAD).fill(200));
    expect(await withServer('before', (url) => statusesOf(url, '/'))).toEqual(servedThenRefused(200));
  });
});
