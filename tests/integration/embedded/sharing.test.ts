import { readFile, readdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { prepareCluster } from '../../../src/embedded-postgres/cluster.js';
import { findRunningEmbeddedPostgres } from '../../../src/embedded-postgres/index.js';
import { isPortFree } from '../../../src/embedded-postgres/port.js';
import { findFreePort } from '../../helpers/free-port.js';
import { isAlive } from '../../../src/embedded-postgres/postmaster.js';
import { startServer, stopServer } from '../../../src/embedded-postgres/server.js';
import { until } from '../../helpers/locks.js';
import { createFixture, logger, postmasterPid, query, settings } from './support.js';

/** So many that one of them is interrupted at the right moment, even if only one start in fifty is. */
const MAX_STARTS = 400;

const fixture = createFixture();
afterEach(() => fixture.cleanUp());

describe('an embedded PostgreSQL that several processes share', () => {
  it('stops with the last process that uses it, even if another one started it', async () => {
    const dataDir = await fixture.folder();
    const starter = await fixture.spawn(dataDir).ready;
    expect(starter.attached).toBe(false);
    const attachedServer = await fixture.open(dataDir);
    expect(attachedServer).toMatchObject({ attached: true, url: starter.url });

    await starter.finish();
    expect(await query(attachedServer.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);

    const second = await fixture.spawn(dataDir).ready;
    expect(second.attached).toBe(true);
    await attachedServer.close();
    expect(await findRunningEmbeddedPostgres(dataDir)).toBe(second.url);
    const pid = await postmasterPid(second.dataFolder);
    await second.finish();
    expect(await isAlive(pid)).toBe(false);
    expect(await isPortFree(second.port)).toBe(true);
  });

  it('keeps running after its starter is killed, and stops with the last process that uses it', async () => {
    const dataDir = await fixture.folder();
    const killed = await fixture.spawn(dataDir).ready;
    await query(killed.url, 'CREATE TABLE kept ()');
    await killed.kill();
    const pid = await postmasterPid(killed.dataFolder);
    expect(await isAlive(pid)).toBe(true);

    const server = await fixture.open(dataDir);
    expect(server).toMatchObject({ attached: true, url: killed.url });
    expect(await query(server.url, 'SELECT * FROM kept')).toEqual([]);
    await until('the release of the lock of the killed process', async () => {
      const sql = `SELECT FROM pg_locks WHERE locktype = 'advisory'`;
      return (await query(server.url, sql)).length === 1;
    });
    await server.close();
    expect(await isAlive(pid)).toBe(false);
  });

  it('is created and started once by concurrent first starts', async () => {
    const dataDir = await fixture.folder();
    const other = fixture.spawn(dataDir).ready;
    const [holder, ...own] = await Promise.all([
      other,
      fixture.open(dataDir),
      fixture.open(dataDir),
      fixture.open(dataDir),
    ]);
    const all = [holder, ...own];
    expect(new Set(all.map(({ url }) => url)).size).toBe(1);
    expect(all.filter(({ attached }) => !attached)).toHaveLength(1);
    expect(await readdir(dataDir)).toEqual(['postgres']);
    await Promise.all([holder.finish(), ...own.map((server) => server.close())]);
    expect(await isPortFree(holder.port)).toBe(true);
  });

  it('serves every process while others open and close it, and stops after the last one', async () => {
    const dataDir = await fixture.folder();
    const first = await fixture.open(dataDir);
    await first.close();
    let starts = 0;
    const openAndClose = async (pauseMs: number): Promise<void> => {
      for (let round = 0; round < 8; round++) {
        const server = await fixture.open(dataDir);
        if (!server.attached) starts++;
        expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
        await server.close();
        await delay(round * pauseMs);
      }
    };
    await Promise.all([0, 3, 7, 13].map(openAndClose));
    // The test is meaningful only if the server stopped and started again in between.
    expect(starts).toBeGreaterThan(2);
    expect(await isPortFree(first.port)).toBe(true);
  });

  it('reports busy, not a failure, if another process stops the server during the start', async () => {
    const cluster = await prepareCluster({ dataDir: await fixture.folder(), durable: false, logger });
    const port = await findFreePort();
    const results: string[] = [];
    // pg_ctl checks the server ten times a second. If it finds the server running before the stop, the loop tries again.
    while (results.length < MAX_STARTS && !results.includes('busy')) {
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
