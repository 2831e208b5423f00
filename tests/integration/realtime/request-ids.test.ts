import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import WebSocket from 'ws';
import { createLogger } from '../../../src/lib/logger.js';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { until } from '../../helpers/locks.js';
import { listenTo, type Listener } from '../../helpers/sockets.js';

interface Line {
  readonly level: number;
  readonly msg: string;
  readonly requestId?: string;
}
/** The levels of pino. */
const [DEBUG, WARN, ERROR] = [20, 40, 50];

let app: TestApp;
let lines: Line[] = [];
const opened: Listener[] = [];

beforeAll(async () => {
  const write = (line: string) => void lines.push(JSON.parse(line) as Line);
  const logger = createLogger({ logLevel: 'debug' }, { destination: { write } });
  app = await startTestApp({ logger, env: { RATE_LIMIT_ENABLED: 'true', SOCKET_CALLS_PER_SECOND: '5' } });
});
afterEach(() => {
  for (const listener of opened.splice(0)) listener.close();
  lines = [];
});
afterAll(() => app.close());

async function listen(requestId?: string, token?: string): Promise<Listener> {
  const listener = await listenTo(app, {
    ...(requestId !== undefined && { extraHeaders: { 'X-Request-Id': requestId } }),
    ...(token !== undefined && { token }),
  });
  opened.push(listener);
  return listener;
}

const call = (listener: Listener, name: string, payload?: unknown) =>
  listener.socket.timeout(90_000).emitWithAck(name, payload) as Promise<{
    error?: { code: string; requestId: string };
  }>;

it('of the handshake identifies the connection in the response, and in the log from its beginning to its end', async () => {
  const user = await app.createUser();
  const listener = await listen('from-a-proxy', user.token);
  const socketId = listener.socket.id;
  expect(lines).toMatchObject([
    { level: DEBUG, requestId: 'from-a-proxy', socketId, userId: user.id, msg: 'A socket connected' },
  ]);
  listener.close();
  await until('the end to be logged', () => lines.length > 1);
  expect(lines[1]).toMatchObject({ requestId: 'from-a-proxy', msg: 'A socket disconnected' });
});

it.for(['an id', 'id\tid', 'x'.repeat(101), undefined])(
  'is generated if the request has no valid one: %j',
  async (headerValue) => {
    const headers = headerValue === undefined ? {} : { 'X-Request-Id': headerValue };
    const socket = new WebSocket(`${app.url}/socket.io/?EIO=4&transport=websocket`, { headers });
    const responseId = await new Promise<unknown>((resolve, reject) => {
      socket.once('upgrade', ({ headers: response }) => {
        resolve(response['x-request-id']);
      });
      socket.once('error', reject);
    });
    socket.terminate();
    expect(responseId).toMatch(/^[\da-f-]{36}$/);
  },
);

it('is in the responses of long polling, refused ones too', async () => {
  const poll = (headers: Record<string, string>) =>
    fetch(`${app.url}/socket.io/?EIO=4&transport=polling`, { headers }).then((response) => [
      response.status,
      response.headers.get('x-request-id'),
    ]);
  expect(await poll({ 'X-Request-Id': 'mine' })).toEqual([200, 'mine']);
  expect(await poll({ 'X-Request-Id': 'mine', Origin: 'https://evil.example' })).toEqual([403, 'mine']);
  expect(lines).toMatchObject([{ level: DEBUG, requestId: 'mine', reason: 'origin', msg: 'A socket was refused' }]);
});

it('is sent to a client whose token is refused', async () => {
  const refused = listen('refused', 'no token at all');
  await expect(refused).rejects.toMatchObject({ data: { code: 'unauthenticated', requestId: 'refused' } });
  expect(lines).toMatchObject([{ level: DEBUG, requestId: 'refused', reason: 'unauthenticated' }]);
});

it('of a request ends with its number, in the acknowledgement and in the log', async () => {
  const listener = await listen('socket');
  expect(await call(listener, 'drops:subscribe')).not.toHaveProperty('error');
  expect((await call(listener, 'drops:subscribe', 7)).error).toMatchObject({ requestId: 'socket.2' });
  expect((await call(listener, 'drops:nothing')).error).toMatchObject({ requestId: 'socket.3' });
  const acknowledgements = await Promise.all(Array.from({ length: 20 }, () => call(listener, 'drops:unsubscribe')));
  expect(acknowledgements.at(-1)?.error).toMatchObject({ code: 'rate-limited', requestId: 'socket.23' });

  const requests = lines.filter(({ msg }) => msg === 'A socket request was acknowledged');
  expect(requests).toContainEqual(
    expect.objectContaining({ level: DEBUG, requestId: 'socket.1', call: 'drops:subscribe', outcome: 'ok' }),
  );
  expect(requests).toContainEqual(expect.objectContaining({ requestId: 'socket.2', outcome: 'validation-failed' }));
  expect(requests).toContainEqual(expect.objectContaining({ requestId: 'socket.3', call: 'unknown' }));
  expect(requests).toContainEqual(expect.objectContaining({ requestId: 'socket.23', outcome: 'rate-limited' }));
});

it('of a failed request is logged with the cause', async () => {
  const listener = await listen('socket');
  await app.database.query('ALTER TABLE drops RENAME COLUMN name TO title');
  await app.database.query('ALTER TABLE drops RENAME COLUMN total_stock TO total');
  try {
    const { error } = await call(listener, 'drops:subscribe');
    expect(error).toMatchObject({ code: 'internal-error', requestId: 'socket.1' });
    expect(lines.filter(({ level }) => level >= WARN)).toMatchObject([
      { level: ERROR, requestId: 'socket.1', call: 'drops:subscribe', err: { message: expect.any(String) } },
    ]);
  } finally {
    await app.database.query('ALTER TABLE drops RENAME COLUMN total TO total_stock');
    await app.database.query('ALTER TABLE drops RENAME COLUMN title TO name');
  }
});
