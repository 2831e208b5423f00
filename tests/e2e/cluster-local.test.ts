import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildIfNeeded } from '../../scripts/build-if-needed.mjs';
import { findProgram } from '../../src/commands/cluster-local/processes.js';
import { findRunningEmbeddedPostgres } from '../../src/embedded-postgres/index.js';
import { findFreePort } from '../helpers/free-port.js';
import { canTest } from '../helpers/can-test.js';
import { createTestDatabase } from '../helpers/database.js';
import { until } from '../helpers/locks.js';
import { startProgram, type RunningProgram } from '../helpers/processes.js';

const hasHaproxy = findProgram('haproxy', '-v') !== undefined;
const withHaproxy = describe.runIf(canTest('the cluster behind its proxy', hasHaproxy, 'There is no haproxy.'));

const READY_MESSAGE = 'All are ready. Ctrl-C stops them.';
const PART_NAMES = ['proxy', 'api 1', 'api 2', 'worker'];

let folder: string;
let port: number;

beforeAll(async () => {
  await buildIfNeeded();
  folder = await mkdtemp(join(tmpdir(), 'drop-inventory-e2e-'));
  // If only root can enter the folder, the data is kept elsewhere.
  await chmod(folder, 0o755);
  port = await findFreePort();
});

afterAll(() => rm(folder, { recursive: true, force: true }));

function start(env: Readonly<Record<string, string>> = {}): RunningProgram {
  const settings = { PORT: String(port), DATA_DIR: join(folder, 'data'), RATE_LIMIT_ENABLED: 'false' };
  return startProgram('commands/cluster-local', { ...settings, ...env }, folder);
}

/** Returns the pids of all direct and indirect child processes. */
async function descendantsOf(ancestor: number): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const parents = new Map<number, number>();
  for (const pid of pids) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    parents.set(pid, Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
  }
  const isBelow = (pid: number): boolean => {
    const parent = parents.get(pid);
    return parent === ancestor || (parent !== undefined && parent > 1 && isBelow(parent));
  };
  return pids.filter(isBelow);
}

/** Returns the address of a process in the printed table. */
function addressOf(cluster: RunningProgram, name: string): string {
  const found = new RegExp(`^  ${name} +(http://[\\d.:]+)`, 'm').exec(cluster.output())?.[1];
  if (found === undefined) throw new Error(`no ${name} in:\n${cluster.output()}`);
  return found;
}

function processOf(cluster: RunningProgram, name: string): number {
  return Number(new RegExp(`^  ${name} .*process (\\d+)`, 'm').exec(cluster.output())?.[1]);
}

async function signUp(url: string): Promise<string> {
  const name = `u${Math.random().toString(36).slice(2, 12)}`;
  const { body } = await post(`${url}/api/users/register`, {
    username: name,
    email: `${name}@example.com`,
    password: 'correct horse',
  });
  return String(body.data.token);
}

async function post(url: string, body: object, token = '') {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as { data: Record<string, unknown> } };
}

/** Connects a socket and records the drops of its inventory updates. */
async function listen(url: string, transports: string[]): Promise<{ socket: Socket; received: string[] }> {
  const socket = io(url, { transports, forceNew: true });
  const received: string[] = [];
  socket.on('inventory_update', ({ dropId }: { dropId: string }) => received.push(dropId));
  await until(`a connection by ${transports.join()}`, () => socket.connected);
  return { socket, received };
}

withHaproxy('npm run cluster:local', () => {
  it('serves one address, continues without one of its API processes, and leaves no process behind', async () => {
    const cluster = start();
    try {
      await cluster.printed(READY_MESSAGE);
      expect(cluster.output(), 'no line of a failure').not.toMatch(/\[ALERT\]|no server available|\[WARNING\]/);
      const url = `http://127.0.0.1:${port}`;
      const started = await descendantsOf(cluster.pid);
      expect(started.length).toBeGreaterThanOrEqual(PART_NAMES.length);

      // Four websockets reach both API processes, because the proxy chooses the one with fewer connections.
      const websockets = await Promise.all(Array.from({ length: 4 }, () => listen(url, ['websocket'])));
      const polling = await Promise.all(Array.from({ length: 2 }, () => listen(url, ['polling', 'websocket'])));
      const sockets = [...websockets, ...polling];
      const drops = (await (await fetch(`${url}/api/drops?status=live`)).json()) as { data: { id: string }[] };
      const dropId = drops.data[0]?.id ?? '';
      const tokens = await Promise.all(Array.from({ length: 3 }, () => signUp(url)));

      // A reservation at one API process reaches the clients of both.
      const [first = '', second = '', third = ''] = tokens;
      expect((await post(`${addressOf(cluster, 'api 1')}/api/reservations`, { dropId }, first)).status).toBe(201);
      await until('every socket to receive the update', () =>
        sockets.every(({ received }) => received.includes(dropId)),
      );
      expect((await post(`${url}/api/reservations`, { dropId }, second)).status).toBe(201);

      // After one API process is killed, its sockets reconnect to the other, and requests succeed.
      process.kill(processOf(cluster, 'api 1'), 'SIGKILL');
      await cluster.printed('api 1 has ended (SIGKILL); the others go on.');
      expect((await post(`${url}/api/reservations`, { dropId }, third)).status).toBe(201);
      for (const { received } of sockets) received.length = 0;
      await until('the sockets to reconnect', () => sockets.every(({ socket }) => socket.connected));
      expect((await fetch(`${url}/readyz`)).status).toBe(200);

      for (const { socket } of sockets) socket.close();
      cluster.signal('SIGTERM');
      expect(await cluster.ended()).toBe(0);
      const stillRunning = started.filter((pid) => isRunning(pid));
      expect(stillRunning).toEqual([]);
      expect(await findRunningEmbeddedPostgres(join(folder, 'data'))).toBeNull();
    } finally {
      cluster.signal('SIGTERM');
      await cluster.ended();
    }
  });

  it('names the process that did not start, and stops the others', async () => {
    const database = await createTestDatabase();
    const taken = start({ DATABASE_URL: database.url, PORT: new URL(database.url).port || '5432' });
    expect(await taken.ended()).toBe(1);
    expect(taken.output()).toMatch(/proxy did not start \(exit code 1\)/);
    expect(taken.output()).toMatch(/proxy +\| .*(cannot bind|Address already in use)/i);
    await database.drop();
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
