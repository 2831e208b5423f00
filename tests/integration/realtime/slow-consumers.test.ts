import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { until } from '../../helpers/locks.js';
import { heardAll, listenTo } from '../../helpers/sockets.js';

let app: TestApp;
let log = '';

beforeAll(async () => {
  const keep = new Writable({
    write(chunk, _encoding, done) {
      log += String(chunk);
      done();
    },
  });
  app = await startTestApp({ logger: pino({ level: 'info' }, keep) });
});

afterAll(() => app.close());

/** Tells everybody who did not choose a drop so many MB. */
function tell(megabytes: number): void {
  for (let count = 0; count < 500 * megabytes; count += 1) {
    app.context.publish('purchase_update', {
      dropId: randomUUID(),
      username: 'x'.repeat(2_000),
      purchasedAt: new Date().toISOString(),
    });
  }
}

it('a client that stops reading is cut, the others are not, and it comes back to the truth', async () => {
  const [slow, other] = await Promise.all([listenTo(app), listenTo(app)]);
  const dropId = await app.createDrop();
  const { transport } = slow.socket.io.engine as unknown as { transport: { ws: { _socket: Socket } } };
  const gone = new Promise((resolve) => slow.socket.once('disconnect', resolve));

  const ask = () => other.socket.timeout(20_000).emitWithAck('drops:subscribe', { dropIds: [dropId] });
  await ask();
  transport.ws._socket.pause();
  // More than the buffers of the operating system take.
  tell(20);
  // Long before it would be missed: that takes 45 seconds.
  await until('the slow one to be cut', () => log.includes('does not read'));
  expect(await ask()).toHaveProperty('drops');

  transport.ws._socket.resume();
  await gone;
  await app.reserve(await app.createUser(), dropId).expect(201);
  slow.socket.connect();
  const { drops } = await slow.socket.timeout(5_000).emitWithAck('drops:subscribe', { dropIds: [dropId] });
  expect(drops).toMatchObject([{ dropId, availableStock: 9, version: 2 }]);
  slow.close();
  other.close();
});

it('a client that reads is not cut, however much it is told', async () => {
  const listener = await listenTo(app);
  log = '';
  for (let part = 0; part < 10; part += 1) {
    tell(2);
    await heardAll(app, listener);
  }
  expect(listener.socket.connected).toBe(true);
  expect(log).toBe('');
  listener.close();
});
