import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findFreePort } from '../helpers/free-port.js';
import { until } from '../helpers/locks.js';

const ROOT = join(import.meta.dirname, '../..');

let folder: string;
let url: string;
let dev: ChildProcess;
let output = '';

/** How many times the service has started. */
const starts = () => output.split('Drop inventory is running').length - 1;
const postmasterPid = async () => (await readFile(join(folder, 'postgres/data/postmaster.pid'), 'utf8')).split('\n')[0];
const html = async (path: string) => (await fetch(url + path, { headers: { Accept: 'text/html' } })).text();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drop-inventory-dev-'));
  // If only root can enter the folder, the data is kept elsewhere.
  await chmod(folder, 0o755);
  const port = await findFreePort();
  url = `http://localhost:${port}`;
  const { PATH, HOME } = process.env;
  dev = spawn(process.execPath, [join(ROOT, 'scripts/dev.mjs')], {
    env: { PATH, HOME, PORT: String(port), DATA_DIR: folder, LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [dev.stdout, dev.stderr]) stream?.on('data', (chunk: Buffer) => (output += String(chunk)));
  await until('the service to start', () => starts() === 1 || dev.exitCode !== null);
});
afterAll(async () => {
  dev.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

it('one address serves the page from its sources and the API, and an edit restarts only the service', async () => {
  expect(output, 'the service names the address of the page').toContain(`${url}/docs`);
  const page = await html('/drops/any');
  expect(page).toContain('/@vite/client');
  expect(page).toContain('src="/src/main.tsx"');
  expect(page, 'the demo accounts').toContain('demo-accounts');
  expect(await html('/docs')).toContain('swagger-ui');
  const pid = await postmasterPid();

  const now = new Date();
  await utimes(join(ROOT, 'src/main.ts'), now, now);
  await until('the service to restart', () => starts() === 2 || dev.exitCode !== null);
  const { status } = await fetch(`${url}/api/drops`);
  expect(status).toBe(200);
  expect(await postmasterPid(), 'the database kept running').toBe(pid);

  dev.kill('SIGTERM');
  if (dev.exitCode === null) await once(dev, 'exit');
  await expect(postmasterPid(), 'the database was stopped').rejects.toThrow('ENOENT');
});
