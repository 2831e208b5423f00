import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildIfNeeded } from '../../scripts/build-if-needed.mjs';
import { createTestDatabase, type TestDatabase } from '../helpers/database.js';
import { until } from '../helpers/locks.js';
import { canCountDescriptors, openRaw, type RawConnection } from '../helpers/raw-http.js';
import { startServiceProcess, type ServiceProcess } from '../helpers/service-process.js';

const OPEN_FILES_LIMIT = 220;
/** More than the limit allows. */
const CLIENTS = 300;

const GET = 'GET /livez HTTP/1.1\r\nHost: x\r\n\r\n';
const WEBSOCKET =
  'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n';

describe.runIf(canCountDescriptors)('a process that may not open another file', () => {
  let database: TestDatabase;
  let service: ServiceProcess;

  beforeAll(async () => {
    await buildIfNeeded();
    database = await createTestDatabase();
    service = await startServiceProcess({ DATABASE_URL: database.url, ROLE: 'api' }, OPEN_FILES_LIMIT);
  });

  afterAll(async () => {
    service.signal('SIGTERM');
    expect(await service.ended()).toBe(0);
    await database.drop();
  });

  const isAnswered = ({ received }: RawConnection) => /^HTTP\/1\.1 \d{3} /.test(received());

  it('answers 503 while sockets use all descriptors, logs that once, and recovers', async () => {
    const sockets = Array.from({ length: CLIENTS }, () => openRaw(service.url, WEBSOCKET));
    await until('all to be answered or closed', () => sockets.every((each) => isAnswered(each) || each.closed()));
    const refused = sockets.filter(({ received }) => !received().startsWith('HTTP/1.1 101 '));
    expect(refused.length).toBeGreaterThan(CLIENTS - OPEN_FILES_LIMIT);
    expect(refused.length).toBeLessThan(CLIENTS);
    for (const { received } of refused) expect(received()).toMatch(/^HTTP\/1\.1 503 .*Retry-After: 1.*"code":"unavailable"/s); // prettier-ignore
    const next = openRaw(service.url, GET);
    await until('the end', next.closed);
    expect(next.received()).toMatch(/^HTTP\/1\.1 503 /);
    expect(service.output().split('File descriptors run out')).toHaveLength(2);

    for (const { socket } of [...sockets, next]) socket.destroy();
    await until('requests to be served', async () => (await service.get('/livez')).status === 200);
    expect((await service.get('/api/drops')).status).toBe(200);
  });

  it('serves new clients in place of the longest idle ones', async () => {
    async function openServed(count: number): Promise<RawConnection[]> {
      const clients: RawConnection[] = [];
      for (let opened = 0; opened < count; opened += 1) {
        const client = openRaw(service.url, GET);
        clients.push(client);
        await until('the response', () => isAnswered(client));
        expect(client.received()).toMatch(/^HTTP\/1\.1 200 /);
      }
      return clients;
    }
    const idle = await openServed(100);
    // Connections are not closed in their first second: a request may be on its way.
    await sleep(1_100);
    const later = await openServed(100);
    expect(idle[0]?.closed()).toBe(true);
    expect(later.at(-1)?.closed()).toBe(false);
    for (const { socket } of [...idle, ...later]) socket.destroy();
  });
});
