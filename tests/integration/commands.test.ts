import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findFreePort } from '../../src/lib/db/embedded/port.js';
import { createTestDatabase, type TestDatabase } from '../helpers/database.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let database: TestDatabase;
let dataDir: string;
const running = new Set<ChildProcess>();

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'commands-test-'));
});

afterEach(async () => {
  for (const child of running) {
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
  await rm(dataDir, { recursive: true, force: true });
});

/** Starts the command behind an npm script. Settings given as '' count as unset, whatever a `.env` says. */
function start(name: string, settings: Record<string, string>, args: string[] = []) {
  const child = spawn(process.execPath, ['--import', 'tsx', join('src', 'commands', `${name}.ts`), ...args], {
    cwd: ROOT,
    env: {
      ...process.env,
      NODE_ENV: 'development',
      LOG_LEVEL: 'info',
      DATA_DIR: dataDir,
      DATABASE_URL: '',
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

async function run(name: string, settings: Record<string, string> = {}) {
  const child = start(name, settings);
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code: code as number | null, stdout, stderr };
}

describe('on a database without tables', () => {
  beforeEach(async () => {
    database = await createTestDatabase({ migrated: false });
  });
  afterEach(() => database.drop());

  it('migrate applies what is pending, says which, and then that nothing is', async () => {
    const first = await run('migrate', { DATABASE_URL: database.url });
    expect(first).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Applied: \d{14}_init/m) });
    const second = await run('migrate', { DATABASE_URL: database.url });
    expect(second).toMatchObject({ code: 0, stdout: expect.stringContaining('Nothing to apply') });
  });

  it('seed migrates and puts the demo data in, but not in production', async () => {
    const refused = await run('seed', { DATABASE_URL: database.url, NODE_ENV: 'production' });
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('refused in production') });
    expect((await database.query("SELECT to_regclass('users') AS users")).rows).toEqual([{ users: null }]);

    const seeded = await run('seed', { DATABASE_URL: database.url });
    expect(seeded).toMatchObject({ code: 0, stdout: expect.stringContaining('added 5 users, 20 drops, 10 purchases') });
    expect((await database.query('SELECT FROM drops')).rowCount).toBe(20);
  });

  it('studio migrates, shows the database, and ends when it is told to', async () => {
    const port = await findFreePort();
    const studio = start('studio', { DATABASE_URL: database.url }, ['--port', String(port), '--browser', 'none']);
    const exit = once(studio, 'exit');
    await new Promise<void>((resolve, reject) => {
      let printed = '';
      studio.stdout.setEncoding('utf8').on('data', (chunk: string) => {
        printed += chunk;
        if (printed.includes(`http://localhost:${port}`)) resolve();
      });
      studio.once('exit', () => {
        reject(new Error(`Studio ended early: ${printed}`));
      });
    });
    expect((await database.query('SELECT FROM drops')).rowCount).toBe(0);
    const page = await fetch(`http://localhost:${port}/`);
    expect(page.status).toBe(200);

    studio.kill('SIGINT');
    expect(await exit).toEqual([0, null]);
    await expect(fetch(`http://localhost:${port}/`)).rejects.toThrow();
  });
});

describe('db-url', () => {
  it('prints the address alone, without what only Prisma understands', async () => {
    const url = 'postgresql://me:secret@db.example:5433/shop';
    const printed = await run('db-url', { DATABASE_URL: `${url}?schema=public&connection_limit=3` });
    expect(printed).toMatchObject({ code: 0, stdout: `${url}\n` });
  });

  it('prints nothing on stdout and says what to do when the embedded server is not running', async () => {
    const { code, stdout, stderr } = await run('db-url');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('npm start');
  });
});
