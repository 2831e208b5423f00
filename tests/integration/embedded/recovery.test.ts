import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { prepareCluster } from '../../../src/embedded-postgres/cluster.js';
import { isAlive } from '../../../src/embedded-postgres/postmaster.js';
import { findFreePort } from '../../../src/embedded-postgres/port.js';
import { startServer } from '../../../src/embedded-postgres/server.js';
import { createBench, eventually, killHard, logger, postmasterPid, query, settings } from './support.js';

const bench = createBench();
afterEach(() => bench.cleanUp());

/** Makes a cluster whose server was killed and left its lock file. */
async function crashed(): Promise<{ dataDir: string; dataFolder: string; lockFile: string }> {
  const dataDir = await bench.folder();
  const holder = await bench.spawn(dataDir).ready;
  await query(holder.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
  await holder.kill();
  await killHard(await postmasterPid(holder.dataFolder));
  return { dataDir, dataFolder: holder.dataFolder, lockFile: join(holder.dataFolder, 'postmaster.pid') };
}

async function serverLocksOf(url: string): Promise<number> {
  const [row] = await query(url, "SELECT count(*)::int AS held FROM pg_locks WHERE locktype = 'advisory' AND granted");
  return Number(row?.held);
}

async function expectDataKept(dataDir: string): Promise<void> {
  const server = await bench.open(dataDir);
  expect(server.attached).toBe(false);
  expect(await query(server.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  await server.close();
}

describe('the embedded PostgreSQL', () => {
  it('starts again with its data after the server was killed', async () => {
    const { dataDir } = await crashed();
    await expectDataKept(dataDir);
  });

  it('restarts a server that was killed while in use, and stops it on close', async () => {
    const server = await bench.open(await bench.folder());
    await query(server.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    const killed = await postmasterPid(server.dataFolder);
    await killHard(killed);
    const answers = () => query(server.url, 'SELECT answer FROM kept').catch(() => []);
    await eventually(async () => (await answers()).length === 1, 'it answers again');
    const pid = await postmasterPid(server.dataFolder);
    expect(pid).not.toBe(killed);
    // The server lock is taken again shortly after the restart. Without the lock, close would leave the server running.
    await eventually(async () => (await serverLocksOf(server.url)) === 1, 'it is reserved again');
    await server.close();
    expect(await isAlive(pid)).toBe(false);
  });

  it('starts although the lock file names the pid of an unrelated process', async () => {
    const { dataDir, lockFile } = await crashed();
    const cluster = await prepareCluster({ dataDir, durable: false, logger });
    // The process has the server's user, because PostgreSQL ignores processes of other users.
    const stranger = spawn('sleep', ['60'], cluster.user ? { uid: cluster.user.uid, gid: cluster.user.gid } : {});
    await once(stranger, 'spawn');
    try {
      const [, ...rest] = (await readFile(lockFile, 'utf8')).split('\n');
      await writeFile(lockFile, [String(stranger.pid), ...rest].join('\n'));
      // Control: PostgreSQL itself takes the process for a running server and refuses to start.
      expect(await startServer(cluster, await findFreePort(), settings)).toBe('busy');
      await expectDataKept(dataDir);
      expect(stranger.exitCode).toBeNull();
      expect(stranger.signalCode).toBeNull();
    } finally {
      stranger.kill();
    }
  });

  it('does not attach to the server of another cluster', async () => {
    const { dataDir, lockFile } = await crashed();
    const other = await bench.open(await bench.folder());
    const foreign = await readFile(join(other.dataFolder, 'postmaster.pid'), 'utf8');
    const own = (await readFile(lockFile, 'utf8')).split('\n');
    await writeFile(lockFile, [foreign.split('\n')[0], ...own.slice(1)].join('\n'));
    await expectDataKept(dataDir);
    expect(await query(other.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await other.close();
  });

  it('starts at once after initdb was killed, and removes the unfinished directory once it is old', async () => {
    const dataDir = await bench.folder();
    const drafts = async (): Promise<string[]> => (await readdir(dataDir)).filter((name) => name.includes('.new-'));
    const { process: child, ready } = bench.spawn(dataDir);
    const ended = expect(ready).rejects.toThrow('ended before');
    await eventually(async () => (await drafts()).length > 0, 'initdb begins');
    child.kill('SIGKILL');
    await ended;
    expect(await readdir(dataDir)).not.toContain('postgres');

    const server = await bench.open(dataDir);
    expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await server.close();

    // A young directory is kept, because another process may be using it.
    const left = await drafts();
    expect(left).toHaveLength(1);
    const longAgo = Date.now() / 1000 - 3600;
    await utimes(join(dataDir, left[0] ?? ''), longAgo, longAgo);
    await (await bench.open(dataDir)).close();
    expect(await readdir(dataDir)).toEqual(['postgres']);
  });
});
