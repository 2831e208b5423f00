import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildIfNeeded } from '../../scripts/build-if-needed.mjs';
import { findFreePort } from '../helpers/free-port.js';
import { createTestDatabase, type TestDatabase } from '../helpers/database.js';
import { until } from '../helpers/locks.js';
import { scrape, sumOf } from '../helpers/scrape.js';
import { startServiceProcess, type ServiceProcess } from '../helpers/service-process.js';

let database: TestDatabase;

beforeAll(async () => {
  await buildIfNeeded();
  database = await createTestDatabase();
});

afterAll(() => database.drop());

const THROWING_SCRIPT = join(import.meta.dirname, '../helpers/throwing.mjs');

async function start(env: Readonly<Record<string, string>>): Promise<ServiceProcess & { metricsPort: number }> {
  const metricsPort = await findFreePort();
  const service = await startServiceProcess({
    DATABASE_URL: database.url,
    METRICS_PORT: String(metricsPort),
    NODE_OPTIONS: `--import=${THROWING_SCRIPT}`,
    ...env,
  });
  return { ...service, metricsPort };
}

async function uncaught(port: number, kind: string): Promise<number> {
  return sumOf(await scrape(port), 'uncaught_errors_total', { kind });
}

describe('an uncaught error', () => {
  it.for<{ what: string; env: Record<string, string> }>([
    { what: 'the loss of a connection', env: { UNCAUGHT: 'connection' } },
    { what: 'the loss of a connection, in a promise', env: { UNCAUGHT: 'connection', REJECTED: 'true' } },
    { what: 'a reset by the peer', env: { UNCAUGHT: 'reset' } },
  ])('is logged and counted, and the process continues: $what', async ({ env }) => {
    const service = await start(env);
    expect(await uncaught(service.metricsPort, 'connection')).toBe(0);
    service.signal('SIGUSR2');
    await until('the error to be counted', async () => (await uncaught(service.metricsPort, 'connection')) === 1);
    expect(service.output()).toContain('The loss of a connection was not handled');
    expect((await service.get('/readyz')).status).toBe(200);
    service.signal('SIGTERM');
    expect(await service.ended()).toBe(0);
  });

  it.for<Record<string, string>>([{ UNCAUGHT: 'defect' }, { UNCAUGHT: 'defect', REJECTED: 'true' }])(
    'is logged as fatal if it is a defect, and the process stops with exit code 1 (%o)',
    async (env) => {
      const service = await start(env);
      service.signal('SIGUSR2');
      expect(await service.ended()).toBe(1);
      const fatal = service.stdout().split('\n').filter((line) => line.includes('"level":60')); // prettier-ignore
      expect(fatal).toHaveLength(1);
      expect(fatal[0]).toContain('a defect of the test');
      expect(service.output(), 'requests may finish').toContain('Stopping: waiting for requests in flight');
    },
  );
});

describe('the connection of a client', () => {
  it.for([
    { what: 'at the path of the live feed', path: '/socket.io/?EIO=4&transport=websocket' },
    { what: 'at a path that has no upgrade', path: '/elsewhere' },
    { what: 'at a path that has no upgrade, of the API', path: '/api/drops' },
  ])('can be reset at any moment of its upgrade without an uncaught error: $what', async ({ path }) => {
    const service = await start({});
    for (let attempt = 0; attempt < 12; attempt += 1) {
      const socket = connect(service.port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.write(
        `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
          'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
      );
      await sleep(attempt * 5);
      socket.resetAndDestroy();
    }
    await sleep(200);
    expect((await service.get('/readyz')).status).toBe(200);
    expect(await uncaught(service.metricsPort, 'connection'), 'no error was uncaught').toBe(0);
    service.signal('SIGTERM');
    expect(await service.ended()).toBe(0);
  });
});
