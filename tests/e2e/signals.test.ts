import { io } from 'socket.io-client';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { buildIfNeeded } from '../../scripts/build-if-needed.mjs';
import { createDropFeed } from '../../src/client/index.js';
import { startTestApp, type TestApp } from '../helpers/app.js';
import { dropRowLock, until, untilWaiting, whileLocked } from '../helpers/locks.js';
import { startServiceProcess, type ServiceProcess } from '../helpers/service-process.js';
import { openTcpProxy } from '../helpers/tcp-proxy.js';

// Shutdown of the process. A second service inside the test makes the database and its rows.

let app: TestApp;
let running: ServiceProcess[] = [];

beforeAll(async () => {
  await buildIfNeeded();
  app = await startTestApp();
});

afterEach(async () => {
  for (const service of running) service.signal('SIGKILL');
  await Promise.all(running.map((service) => service.ended()));
  running = [];
});

afterAll(() => app.close());

async function start(env: Readonly<Record<string, string>> = {}): Promise<ServiceProcess> {
  const service = await startServiceProcess({ DATABASE_URL: app.database.url, ...env });
  running.push(service);
  return service;
}

/** Runs `work` while a reservation in the service waits for a lock, which `work` may release. */
async function withRequestInFlight<T>(
  service: ServiceProcess,
  work: (response: Promise<number>, unlock: () => Promise<void>) => Promise<T>,
): Promise<T> {
  const [user, dropId] = await Promise.all([app.createUser(), app.createDrop()]);
  return whileLocked(app.database, dropRowLock(dropId), async ({ unlock }) => {
    const response = service.post('/api/reservations', { dropId }, user.token).then(({ status }) => status);
    response.catch(() => undefined);
    await untilWaiting(app.database);
    return work(response, unlock);
  });
}

it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
  'at %s the process becomes unready at once, serves during the delay, finishes requests in flight and exits with 0',
  async (signal) => {
    const service = await start({ SHUTDOWN_DELAY_SECONDS: '1' });
    const status = await withRequestInFlight(service, async (response, unlock) => {
      service.signal(signal);
      await until('/readyz to return 503', async () => (await service.get('/readyz')).status === 503);
      expect((await service.get('/livez')).status).toBe(200);
      expect((await service.get('/api/drops')).status).toBe(200);
      await until('the port to be closed', () =>
        service.get('/livez').then(
          () => false,
          () => true,
        ),
      );
      await unlock();
      return response;
    });
    expect(status).toBe(201);
    expect(await service.ended()).toBe(0);
    expect(await app.mismatches()).toEqual([]);
  },
);

it('a second signal ends the process at once, and its open transactions are rolled back', async () => {
  const service = await start();
  await withRequestInFlight(service, async (response) => {
    service.signal('SIGTERM');
    await service.printed('Stopping');
    // Two signals within half a second count as one, because npm and the terminal both forward Ctrl-C.
    await new Promise((resolve) => setTimeout(resolve, 600));
    service.signal('SIGTERM');
    expect(await service.ended()).toBe(1);
    await expect(response).rejects.toThrow();
  });
  expect(await app.mismatches()).toEqual([]);
});

it.each(['worker', 'api'])('a process with ROLE=%s exits with 0 at SIGTERM', async (role) => {
  const service = await start({ ROLE: role });
  service.signal('SIGTERM');
  expect(await service.ended()).toBe(0);
});

it('clients of a stopping process, the feed and plain Socket.io, reconnect to another process', async () => {
  const [stopping, remaining] = await Promise.all([start(), start()]);
  let target = stopping;
  const balancer = await openTcpProxy(() => target.port);
  const feed = createDropFeed(balancer.url, { dropIds: [await app.createDrop()] });
  const plain = io(balancer.url, { forceNew: true, transports: ['websocket'] });
  try {
    await until('both to be connected', () => feed.status === 'live' && plain.connected);
    const reason = new Promise((resolve) => plain.once('disconnect', resolve));
    target = remaining;
    stopping.signal('SIGTERM');
    // After this reason a Socket.io client reconnects by itself; after a disconnect by the server it does not.
    expect(await reason).toBe('transport close');
    await until('both to be connected again', () => feed.status === 'live' && plain.connected);
    expect(await stopping.ended()).toBe(0);
  } finally {
    feed.close();
    plain.close();
    await balancer.close();
  }
});
