import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';
import { pino } from 'pino';
import { prepareCluster } from '../../../src/embedded-postgres/cluster.js';
import { findClusterPaths, removeCluster } from '../../../src/embedded-postgres/paths.js';
import {
  openEmbeddedPostgres,
  type DatabaseServer,
  type EmbeddedPostgresOptions,
} from '../../../src/embedded-postgres/index.js';
import { isAlive } from '../../../src/embedded-postgres/postmaster.js';
import { stopServer } from '../../../src/embedded-postgres/server.js';
import { until } from '../../helpers/locks.js';

export const isRoot = process.getuid?.() === 0;
export const logger = pino({ level: 'silent' });
export const settings = { fsync: 'off' };

/** Another process that uses the embedded server. */
export interface Holder extends Pick<DatabaseServer, 'url' | 'port' | 'attached' | 'dataFolder'> {
  readonly process: ChildProcess;
  finish(): Promise<void>;
  kill(): Promise<void>;
}

/** Makes data folders and processes for a test, and removes them in `cleanUp`. */
export function createFixture() {
  const folders: string[] = [];
  const children: ChildProcess[] = [];
  return {
    /** Makes a data folder. Other users can enter it by default, also if root owns it. */
    async folder(mode = 0o755): Promise<string> {
      const folder = await realpath(await mkdtemp(join(tmpdir(), 'embedded-test-')));
      await chmod(folder, mode);
      folders.push(folder);
      return folder;
    },
    open(dataDir: string, more: Partial<EmbeddedPostgresOptions> = {}): Promise<DatabaseServer> {
      return openEmbeddedPostgres({ dataDir, settings, logger, ...more });
    },
    /** Starts another process; `ready` resolves once that process uses the server. */
    spawn(dataDir: string, env: Record<string, string> = {}): { process: ChildProcess; ready: Promise<Holder> } {
      const child = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, 'holder.ts'), dataDir], {
        stdio: ['pipe', 'pipe', 'inherit'],
        env: { ...process.env, ...env },
      });
      children.push(child);
      return { process: child, ready: whenReady(child) };
    },
    async cleanUp(): Promise<void> {
      for (const child of children.splice(0)) await end(child, () => child.kill('SIGKILL'));
      for (const folder of folders.splice(0)) {
        if (await findClusterPaths(folder).catch(() => null)) {
          await prepareCluster({ dataDir: folder, durable: false, logger })
            .then(stopServer)
            .catch(() => undefined);
        }
        await removeCluster(folder).catch(() => undefined);
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

export async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(url);
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

export async function postmasterPid(dataFolder: string): Promise<number> {
  return Number((await readFile(join(dataFolder, 'postmaster.pid'), 'utf8')).split('\n')[0]);
}

export async function killAndWait(pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL');
  await until(`the end of process ${pid}`, async () => !(await isAlive(pid)));
}

async function whenReady(child: ChildProcess): Promise<Holder> {
  if (!child.stdout) throw new Error('no output to read');
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const line = await lines.next();
  if (line.done) throw new Error('the process ended before it had a server');
  return {
    ...(JSON.parse(line.value) as Pick<DatabaseServer, 'url' | 'port' | 'attached' | 'dataFolder'>),
    process: child,
    finish: () => end(child, () => child.stdin?.end()),
    kill: () => end(child, () => child.kill('SIGKILL')),
  };
}

async function end(child: ChildProcess, stop: () => void): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  stop();
  await ended;
}
