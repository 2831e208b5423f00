import { readFile, readdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { prepareCluster } from '../../../src/embedded-postgres/cluster.js';
import { findRunningEmbeddedPostgres } from '../../../src/embedded-postgres/index.js';
import { findFreePort, isPortFree } from '../../../src/embedded-postgres/port.js';
import { isAlive } from '../../../src/embedded-postgres/postmaster.js';
import { startServer, stopServer } from '../../../src/embedded-postgres/server.js';
import { createBench, eventually, logger, postmasterPid, query, settings } from './support.js';

const bench = createBench();
afterEach(() => bench.cleanUp());

describe('several processes on one embedded PostgreSQL', () => {
  it('is joined by the second and stopped by the last, whoever started it', async () => {
    const dataDir = await bench.folder();
    const starter = await bench.spawn(dataDir).ready;
    expect(starter.attached).toBe(false);
    const guest = await bench.open(dataDir);
    expect(guest).toMatchObject({ attached: true, url: starter.url });

    await starter.finish();
    expect(await query(guest.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);

    const second = await bench.spawn(dataDir).ready;
    expect(second.attached).toBe(true);
    await guest.close();
    expect(await findRunningEmbeddedPostgres(dataDir)).toBe(second.url);
    const pid = await postmasterPid(second.dataFolder);
    await second.finish();
    expect(await isAlive(pid)).toBe(false);
    expect(await isPortFree(second.port)).toBe(true);
  });

  it('is taken over from a process that was killed, and stopped at the end', async () => {
    const dataDir = await bench.folder();
    const killed = await bench.spawn(dataDir).ready;
    await query(killed.url, 'CREATE TABLE kept ()');
    await killed.kill();
    const pid = await postmasterPid(killed.dataFolder);
    expect(await isAlive(pid)).toBe(true);

    const server = await bench.open(dataDir);
    expect(server).toMatchObject({ attached: true, url: killed.url });
    expect(await query(server.url, 'SELECT * FROM kept')).toEqual([]);
    await eventually(async () => {
      const sql = `SELECT FROM pg_locks WHERE locktype = 'advisory'`;
      return (await query(server.url, sql)).length === 1;
    }, 'the server notices the death of the other process');
    await server.close();
    expect(await isAlive(pid)).toBe(false);
  });

  it('is one server, made once, when several first starts come at once', async () => {
    const dataDir = await bench.folder();
    const other = bench.spawn(dataDir).ready;
    const [holder, ...own] = await Promise.all([other, bench.open(dataDir), bench.open(dataDir), bench.open(dataDir)]);
    const all = [holder, ...own];
    expect(new Set(all.map(({ url }) => url)).size).toBe(1);
    expect(all.filter(({ attached }) => !attached)).toHaveLength(1);
    expect(await readdir(dataDir)).toEqual(['postgres']);
    await Promise.all([holder.finish(), ...own.map((server) => server.close())]);
    expect(await isPortFree(holder.port)).toBe(true);
  });

  it('is there for everybody while others come and go, and gone after the last', async () => {
    const dataDir = await bench.folder();
    const first = await bench.open(dataDir);
    await first.close();
    let starts = 0;
    const comeAndGo = async (pause: number): Promise<void> => {
      for (let round = 0; round < 8; round++) {
        const server = await bench.open(dataDir);
        if (!server.attached) starts++;
        expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
        await server.close();
        await delay(round * pause);
      }
    };
    await Promise.all([0, 3, 7, 13].map(comeAndGo));
    // It went down and up again in between, or the test has seen nothing.
    expect(starts).toBeGreaterThan(2);
    expect(await isPortFree(first.port)).toBe(true);
  });

  it('takes a server that came up and was stopped by another process for no failure', async () => {
    const cluster = await prepareCluster({ dataDir: await bench.folder(), durable: false, logger });
    const port = await findFreePort();
    const results: string[] = [];
    // pg_ctl looks ten times a second and may see the server between; then it is just one more try.
    while (results.length < 30 && !results.includes('busy')) {
      const starting = startServer(cluster, port, settings);
      while (!(await readFile(join(cluster.paths.data, 'postmaster.pid'), 'utf8').catch(() => '')).includes('ready')) {
        await delay(2);
      }
      await stopServer(cluster);
      results.push(await starting);
    }
    expect(results).toContain('busy');
  });
});
