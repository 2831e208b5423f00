import { io } from 'socket.io-client';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { buildIfNeeded } from '../../scripts/build-if-needed.mjs';
import { createDropFeed } from '../../src/client/index.js';
import { startTestApp, type TestApp } from '../helpers/app.js';
import { rowOfDrop, until, untilWaiting, whileLocked } from '../helpers/locks.js';
import { startServiceProcess, type ServiceProcess } from '../helpers/service-process.js';
import { openTcpProxy } from '../helpers/tcp-proxy.js';

// How the process ends. The database and its rows are made by way of a service inside the test.

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

/** A reservation that waits, within the service, for a lock that `work` may let go. */
async function withRequestUnderWay<T>(
  service: ServiceProcess,
  work: (answer: Promise<number>, letGo: () => Promise<void>) => Promise<T>,
): Promise<T> {
  const [user, dropId] = await Promise.all([app.createUser(), app.createDrop()]);
  return whileLocked(app.database, rowOfDrop(dropId), async ({ letGo }) => {
    const answer = service.post('/api/reservations', { dropId }, user.token).then(({ status }) => status);
    answer.catch(() => undefined);
    await untilWaiting(app.database);
    return work(answer, letGo);
  });
}

it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
  'at %s it turns unready at once, serves on for the delay, finishes what is under way, and exits with 0',
  async (signal) => {
    const service = await start({ SHUTDOWN_DELAY_SECONDS: '1' });
    const answer = await withRequestUnderWay(service, async (answer, letGo) => {
      service.signal(signal);
      await until('a red /readyz', async () => (await service.get('/readyz')).status === 503);
      expect((await service.get('/livez')).status).toBe(200);
      expect((await service.get('/api/drops')).status).toBe(200);
      await until('the port to be closed', () =>
        service.get('/livez').then(
          () => false,
          () => true,
        ),
      );
      await letGo();
      return answer;
    });
    expect(answer).toBe(201);
    expect(await service.ended()).toBe(0);
    expect(await app.mismatches()).toEqual([]);
  },
);

it('at a second signal it exits at once, with what was under way undone', async () => {
  const service = await start();
  await withRequestUnderWay(service, async (answer) => {
    service.signal('SIGTERM');
    await service.printed('stopping');
    // Two within half a second are one: npm and the terminal both pass a Ctrl-C on.
    await new Promise((resolve) => setTimeout(resolve, 600));
    service.signal('SIGTERM');
    expect(await service.ended()).toBe(1);
    await expect(answer).rejects.toThrow();
  });
  expect(await app.mismatches()).toEqual([]);
});

it.each(['worker', 'api'])('ROLE=%s exits with 0', async (role) => {
  const service = await start({ ROLE: role });
  service.signal('SIGTERM');
  expect(await service.ended()).toBe(0);
});

it('leaves its sockets to whoever serves on: the feed, and any client of Socket.io', async () => {
  const [leaving, staying] = await Promise.all([start(), start()]);
  let target = leaving;
  const balancer = await openTcpProxy(() => target.port);
  const feed = createDropFeed(balancer.url, { dropIds: [await app.createDrop()] });
  const plain = io(balancer.url, { forceNew: true, transports: ['websocket'] });
  try {
    await until('both to be connected', () => feed.status === 'live' && plain.connected);
    const reason = new Promise((resolve) => plain.once('disconnect', resolve));
    target = staying;
    leaving.signal('SIGTERM');
    // Of all reasons the one upon which a client connects again by itself, though the server ended it on purpose.
    expect(await reason).toBe('transport close');
    await until('both to be connected again', () => feed.status === 'live' && plain.connected);
    expect(await leaving.ended()).toBe(0);
  } finally {
    feed.close();
    plain.close();
    await balancer.close();
  }
});
