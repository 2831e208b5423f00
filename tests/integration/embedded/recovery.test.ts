import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { prepareCluster } from '../../../src/embedded-postgres/cluster.js';
import { isAlive } from '../../../src/embedded-postgres/postmaster.js';
import { findFreePort } from '../../helpers/free-port.js';
import { startServer } from '../../../src/embedded-postgres/server.js';
import { until } from '../../helpers/locks.js';
import { createFixture, killAndWait, logger, postmasterPid, query, settings } from './support.js';

const fixture = createFixture();
afterEach(() => fixture.cleanUp());

/** Makes a cluster whose server was killed and left its lock file. */
async function crashServer(): Promise<{ dataDir: string; dataFolder: string; lockFile: string }> {
  const dataDir = await fixture.folder();
  const holder = await fixture.spawn(dataDir).ready;
  await query(holder.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
  await holder.kill();
  await killAndWait(await postmasterPid(holder.dataFolder));
  return { dataDir, dataFolder: holder.dataFolder, lockFile: join(holder.dataFolder, 'postmaster.pid') };
}

async function serverLocksOf(url: string): Promise<number> {
  const [row] = await query(url, "SELECT count(*)::int AS held FROM pg_locks WHERE locktype = 'advisory' AND granted");
  return Number(row?.held);
}

async function expectDataKept(dataDir: string): Promise<void> {
  const server = await fixture.open(dataDir);
  expect(server.attached).toBe(false);
  expect(await query(server.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  await server.close();
}

describe('the embedded PostgreSQL', () => {
  it('starts again with its data after the server was killed', async () => {
    const { dataDir } = await crashServer();
    await expectDataKept(dataDir);
  });

  it('restarts a server that was killed while in use, and stops it on close', async () => {
    const server = await fixture.open(await fixture.folder());
    await query(server.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    const killed = await postmasterPid(server.dataFolder);
    await killAndWait(killed);
    const readRows = () => query(server.url, 'SELECT answer FROM kept').catch(() => []);
    await until('the server to accept queries again', async () => (await readRows()).length === 1);
    const pid = await postmasterPid(server.dataFolder);
    expect(pid).not.toBe(killed);
    // The server lock is taken again shortly after the restart. Without the lock, close would leave the server running.
    await until('the server lock to be held again', async () => (await serverLocksOf(server.url)) === 1);
    await server.close();
    expect(await isAlive(pid)).toBe(false);
  });

  it('starts although the lock file names the pid of an unrelated process', async () => {
    const { dataDir, lockFile } = await crashServer();
    const cluster = await prepareCluster({ dataDir, durable: false, logger });
    // The process has the server's user, because PostgreSQL ignores processes of other users.
    const unrelated = spawn('sleep', ['60'], cluster.user ? { uid: cluster.user.uid, gid: cluster.user.gid } : {});
    await once(unrelated, 'spawn');
    try {
      const [, ...rest] = (await readFile(lockFile, 'utf8')).split('\n');
      await writeFile(lockFile, [String(unrelated.pid), ...rest].join('\n'));
      // Control: PostgreSQL itself takes the process for a running server and refuses to start.
      expect(await startServer(cluster, await findFreePort(), settings)).toBe('busy');
      await expectDataKept(dataDir);
      expect(unrelated.exitCode).toBeNull();
      expect(unrelated.signalCode).toBeNull();
    } finally {
      unrelated.kill();
    }
  });

  it('does not attach to the server of another cluster', async () => {
    const { dataDir, lockFile } = await crashServer();
    const other = await fixture.open(await fixture.folder());
    const otherLockFile = await readFile(join(other.dataFolder, 'postmaster.pid'), 'utf8');
    const ownLockFile = (await readFile(lockFile, 'utf8')).split('\n');
    await writeFile(lockFile, [otherLockFile.split('\n')[0], ...ownLockFile.slice(1)].join('\n'));
    await expectDataKept(dataDir);
    expect(await query(other.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await other.close();
  });

  it('starts at once after initdb was killed, and removes the unfinished directory once it is old', async () => {
    const dataDir = await fixture.folder();
    const unfinishedDirectories = async (): Promise<string[]> =>
      (await readdir(dataDir)).filter((name) => name.includes('.new-'));
    const { process: child, ready } = fixture.spawn(dataDir);
    const ended = expect(ready).rejects.toThrow('ended before');
    await until('initdb to begin', async () => (await unfinishedDirectories()).length > 0);
    child.kill('SIGKILL');
    await ended;
    expect(await readdir(dataDir)).not.toContain('postgres');

    const server = await fixture.open(dataDir);
    expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await server.close();

    // A young directory is kept, because another process may be using it.
    const remaining = await unfinishedDirectories();
    expect(remaining).toHaveLength(1);
    const oneHourAgoSeconds = Date.now() / 1000 - 3600;
    await utimes(join(dataDir, remaining[0] ?? ''), oneHourAgoSeconds, oneHourAgoSeconds);
    await (await fixture.open(dataDir)).close();
    expect(await readdir(dataDir)).toEqual(['postgres']);
  });
});
