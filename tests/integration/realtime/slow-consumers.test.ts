import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { until } from '../../helpers/locks.js';
import { listenTo, receivedAll } from '../../helpers/sockets.js';

let app: TestApp;
let log = '';

beforeAll(async () => {
  const stream = new Writable({
    write(chunk, _encoding, done) {
      log += String(chunk);
      done();
    },
  });
  app = await startTestApp({ logger: pino({ level: 'info' }, stream) });
});

afterAll(() => app.close());

/** Publishes this many MB to all sockets that have not subscribed. */
function publish(megabytes: number): void {
  for (let count = 0; count < 500 * megabytes; count += 1) {
    app.context.publish('purchase_update', {
      dropId: randomUUID(),
      username: 'x'.repeat(2_000),
      purchasedAt: new Date().toISOString(),
    });
  }
}

it('only the client that stops reading is disconnected, and it has the current state after it reconnects', async () => {
  const [slow, other] = await Promise.all([listenTo(app), listenTo(app)]);
  const dropId = await app.createDrop();
  const { transport } = slow.socket.io.engine as unknown as { transport: { ws: { _socket: Socket } } };
  const disconnected = new Promise((resolve) => slow.socket.once('disconnect', resolve));

  const subscribe = () => other.socket.timeout(90_000).emitWithAck('drops:subscribe', { dropIds: [dropId] });
  await subscribe();
  transport.ws._socket.pause();
  // More than the buffers of the operating system hold.
  publish(20);
  // Long before the ping timeout of 45 seconds.
  await until('the slow client to be disconnected', () => log.includes('slow consumer'));
  expect(await subscribe()).toHaveProperty('drops');

  transport.ws._socket.resume();
  await disconnected;
  await app.reserve(await app.createUser(), dropId).expect(201);
  slow.socket.connect();
  const { drops } = await slow.socket.timeout(90_000).emitWithAck('drops:subscribe', { dropIds: [dropId] });
  expect(drops).toMatchObject([{ dropId, availableStock: 9, version: 2 }]);
  slow.close();
  other.close();
});

it('a client that reads stays connected under any load', async () => {
  const listener = await listenTo(app);
  log = '';
  for (let part = 0; part < 10; part += 1) {
    publish(2);
    await receivedAll(app, listener);
  }
  expect(listener.socket.connected).toBe(true);
  expect(log).toBe('');
  listener.close();
});
