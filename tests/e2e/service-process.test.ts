import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { buildIfNeeded } from '../../scripts/build-if-needed.mjs';
import { findRunningEmbeddedPostgres } from '../../src/embedded-postgres/index.js';
import { findFreePort } from '../helpers/free-port.js';
import { createTestDatabase } from '../helpers/database.js';
import { startProgram, type RunningProgram } from '../helpers/processes.js';

// The first start of a new user: the built service on the embedded PostgreSQL, with no settings except a port and a data
// folder that keep it apart from other services on this machine.

const READY_MESSAGE = 'Ctrl-C stops it.';

let folder: string;
let port: number;
const running: RunningProgram[] = [];

beforeAll(async () => {
  await buildIfNeeded();
  folder = await mkdtemp(join(tmpdir(), 'drop-inventory-e2e-'));
  // If only root can enter the folder, the data is kept elsewhere.
  await chmod(folder, 0o755);
  port = await findFreePort();
});

afterEach(async () => {
  for (let program = running.pop(); program; program = running.pop()) {
    program.signal('SIGTERM');
    await program.ended();
  }
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const settings = () => ({ PORT: String(port), DATA_DIR: join(folder, 'data') });

function start(env: Readonly<Record<string, string>> = {}): RunningProgram {
  const program = startProgram('main', { ...settings(), ...env }, folder);
  running.push(program);
  return program;
}

async function get(path: string): Promise<{ status: number; body: { data?: { id: string }[]; status?: string } }> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  return { status: response.status, body: (await response.json()) as { data?: { id: string }[] } };
}

describe.sequential('the service as a process', () => {
  test('starts without settings, prints its addresses, serves the demo data, and stops its database at SIGINT', async () => {
    const service = start();
    await service.printed(READY_MESSAGE);

    expect(service.output()).toContain(`http://localhost:${port}/api/drops`);
    expect(service.output()).toContain(`http://localhost:${port}/docs`);
    expect(service.output()).toContain(`http://localhost:${port}/dashboard\n`);
    expect(service.output()).toContain(`http://localhost:${port}/admin (admin@techzu.com, password 123456)`);
    expect((await get('/api/health')).body).toEqual({ status: 'ok' });
    expect((await get('/api/drops?pageSize=100')).body.data).toHaveLength(20);

    const signIn = await fetch(`http://127.0.0.1:${port}/api/users/login`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ email: 'admin@techzu.com', password: '123456' }),
    });
    expect(signIn.status).toBe(200);

    service.signal('SIGINT');
    expect(await service.ended()).toBe(0);
    expect(await findRunningEmbeddedPostgres(settings().DATA_DIR)).toBeNull();
  });

  test('starts again at once after kill -9, attaches to the running database server, and keeps the data', async () => {
    const killed = start();
    await killed.printed(READY_MESSAGE);
    const signUp = await fetch(`http://127.0.0.1:${port}/api/users/register`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ username: 'survivor', email: 'survivor@example.com', password: 'correct horse' }),
    });
    const { data } = (await signUp.json()) as { data: { token: string } };
    killed.signal('SIGKILL');
    expect(await killed.ended()).toBe('SIGKILL');
    expect(await findRunningEmbeddedPostgres(settings().DATA_DIR)).not.toBeNull();

    const restarted = start();
    await restarted.printed(READY_MESSAGE);
    const me = await fetch(`http://127.0.0.1:${port}/api/users/me`, {
      headers: { Authorization: `Bearer ${data.token}` },
    });
    expect(me.status, 'the account and the secret that signed its token are still there').toBe(200);

    restarted.signal('SIGTERM');
    expect(await restarted.ended()).toBe(0);
    expect(await findRunningEmbeddedPostgres(settings().DATA_DIR)).toBeNull();
  });

  test('exits with advice if its port is in use, and leaves nothing running', async () => {
    const other = createServer().listen(port, '127.0.0.1');
    await once(other, 'listening');

    const service = start();
    expect(await service.ended()).toBe(1);
    expect(service.output()).toContain(`Port ${port} is taken by another program.`);
    expect(service.output()).toContain('PORT=');
    expect(service.output(), 'no stack trace for a taken port').not.toContain('    at ');
    expect(await findRunningEmbeddedPostgres(settings().DATA_DIR)).toBeNull();

    other.close();
    await once(other, 'close');
  });

  test('prints one line and exits if the service runs already', async () => {
    const metricsPort = String(await findFreePort());
    const first = start({ METRICS_PORT: metricsPort });
    await first.printed(READY_MESSAGE);
    const others: Record<string, string>[] = [
      {},
      { METRICS_PORT: metricsPort },
      { HOST: '0.0.0.0', DATA_DIR: join(folder, 'elsewhere') },
    ];
    for (const env of others) {
      const second = start(env);
      expect(await second.ended()).toBe(0);
      expect(second.output()).toBe(`Already running at http://localhost:${port}\n`);
    }
    expect((await get('/api/health')).body).toEqual({ status: 'ok' });
    expect(existsSync(join(folder, 'elsewhere')), 'no data directory was created').toBe(false);
  });

  test('serves once when started twice at the same moment', async () => {
    const services = [start(), start()];
    const [served, other] = await Promise.all(
      services.map((each) =>
        Promise.race([each.printed(READY_MESSAGE).then(() => 'serves'), each.ended()]).catch(() => each.ended()),
      ),
    );
    expect([served, other].sort()).toEqual([0, 'serves']);
    expect(services.map((each) => each.output()).join('')).toContain(`Already running at http://localhost:${port}\n`);
  });

  test('reports all misspelled settings of the environment and of .env together', async () => {
    const directory = await mkdtemp(join(folder, 'misspelled-'));
    await writeFile(join(directory, '.env'), 'DATABSE_URL=postgres://u:pa55word@h/d\nPORT=5000\n');
    const service = startProgram('main', { ...settings(), RATE_LIMIT_ENABLE: 'false' }, directory);
    expect(await service.ended()).toBe(1);
    expect(service.output()).toContain('- DATABSE_URL: is no setting and has no effect; did you mean DATABASE_URL?');
    expect(service.output()).toContain(
      '- RATE_LIMIT_ENABLE: is no setting and has no effect; did you mean RATE_LIMIT_ENABLED?',
    );
    expect(service.output()).not.toContain('pa55word');
  });

  test('reports all invalid settings together', async () => {
    const service = start({ PORT: 'eighty', JWT_SECRET: 'short', ROLE: 'boss' });
    expect(await service.ended()).toBe(1);
    for (const name of ['PORT', 'JWT_SECRET', 'ROLE']) expect(service.output()).toContain(`- ${name}: `);
  });

  test('uses the server of DATABASE_URL and starts no embedded server', async () => {
    const database = await createTestDatabase({ migrated: false });
    const dataDir = join(folder, 'untouched');
    const service = start({ DATABASE_URL: database.url, DATA_DIR: dataDir });
    await service.printed(READY_MESSAGE);
    expect((await get('/api/drops')).body.data).toHaveLength(10);
    expect(existsSync(join(dataDir, 'postgres'))).toBe(false);
    const { rows } = await database.query('SELECT count(*)::int AS drops FROM drops');
    expect(rows).toEqual([{ drops: 20 }]);
    service.signal('SIGTERM');
    await service.ended();
    await database.drop();
  });
});
