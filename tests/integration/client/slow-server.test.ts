import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createConnection } from '../../../src/client/connection.js';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { until } from '../../helpers/locks.js';

/** Longer than the first attempts may take, by either transport. */
const DELAY_MS = 2_500;
const ATTEMPT_TIMEOUT_MS = 500;

let app: TestApp;
/** Delivers what a client sends as late as a server does that is busy with a crowd of clients. */
const slow = createServer((client) => {
  const server = connect(Number(new URL(app.url).port), '127.0.0.1');
  for (const socket of [client, server]) socket.on('error', () => undefined);
  client.once('close', () => server.destroy());
  setTimeout(() => client.pipe(server).pipe(client), DELAY_MS);
});

beforeAll(async () => {
  app = await startTestApp();
  slow.listen(0, '127.0.0.1');
  await once(slow, 'listening');
});

afterAll(async () => {
  slow.close();
  await app.close();
});

it('attempts may take longer after each that timed out, so that a slow server is reached', async () => {
  const { port } = slow.address() as AddressInfo;
  const failures: (string | undefined)[] = [];
  let isConnected = false;
  const connection = createConnection(`http://127.0.0.1:${port}`, {
    attemptTimeoutMs: ATTEMPT_TIMEOUT_MS,
    onConnected: () => (isConnected = true),
    onDisconnected: (error) => failures.push(error?.message),
    onRefused: () => undefined,
  });
  await until('the connection', () => isConnected);
  expect(failures.length).toBeGreaterThanOrEqual(2);
  expect(failures).toContain('The server does not answer');
  connection.close();
});
