import { execFile } from 'node:child_process';
import { readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { findRunningEmbeddedPostgres } from '../../../src/embedded-postgres/index.js';
import { isPortFree } from '../../../src/embedded-postgres/port.js';
import { findFreePort } from '../../helpers/free-port.js';
import { isAlive } from '../../../src/embedded-postgres/postmaster.js';
import { until } from '../../helpers/locks.js';
import { createFixture, postmasterPid, query } from './support.js';

const fixture = createFixture();
afterEach(() => fixture.cleanUp());

async function occupy(port: number): Promise<() => Promise<void>> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return () => new Promise((resolve) => server.close(() => resolve()));
}

describe('the embedded PostgreSQL', () => {
  it('ignores PostgreSQL, locale and time zone variables of the environment', async () => {
    const env = {
      PGOPTIONS: '-c timezone=Asia/Tokyo -c default_transaction_read_only=on',
      PGREPLICATION: 'true',
      PGSSLNEGOTIATION: 'direct',
      PGSSLMODE: 'require',
      PGHOST: '192.0.2.1',
      PGPORT: '1',
      PGDATESTYLE: 'German',
      LANG: 'de_DE.UTF-8',
      LC_ALL: 'tr_TR.UTF-8',
      TZ: 'Asia/Tokyo',
    };
    const holder = await fixture.spawn(await fixture.folder(), env).ready;
    const [settings] = await query(
      holder.url,
      `SELECT current_setting('TimeZone') AS zone, current_setting('DateStyle') AS dates, lower('I') AS lower,
              current_setting('lc_messages') AS messages`,
    );
    expect(settings).toEqual({ zone: 'UTC', dates: 'ISO, MDY', lower: 'i', messages: 'C' });
    await holder.finish();
  });

  it('creates a database at the first start and stops on close', async () => {
    const dataDir = join(await fixture.folder(), "it's a long path with spaces, äöü", 'x'.repeat(120), '.data');
    const server = await fixture.open(dataDir);
    expect(server.attached).toBe(false);
    expect(server.dataFolder).toBe(join(dataDir, 'postgres', 'data'));
    const [settings] = await query(
      server.url,
      `SELECT current_database() AS name, current_setting('server_encoding') AS encoding, lower('ÄÖ') AS lower,
              current_setting('listen_addresses') AS address, current_setting('unix_socket_directories') AS sockets,
              current_setting('password_encryption') AS password, current_setting('fsync') AS fsync`,
    );
    expect(settings).toEqual({
      name: 'drops',
      encoding: 'UTF8',
      lower: 'äö',
      address: '127.0.0.1',
      sockets: '',
      password: 'scram-sha-256',
      fsync: 'off',
    });
    const state = await stat(join(dataDir, 'postgres', 'state.json'));
    expect(state.mode & 0o777).toBe(0o600);

    const pid = await postmasterPid(server.dataFolder);
    await Promise.all([server.close(), server.close()]);
    await server.close();
    expect(await isAlive(pid)).toBe(false);
    expect(await isPortFree(server.port)).toBe(true);
  });

  it('keeps data, port and password at the second start, and has fsync on by default', async () => {
    const dataDir = await fixture.folder();
    const first = await fixture.open(dataDir, { settings: {} });
    await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    expect(await query(first.url, 'SHOW fsync')).toEqual([{ fsync: 'on' }]);
    await first.close();

    const second = await fixture.open(dataDir);
    expect(second).toMatchObject({ url: first.url, port: first.port, attached: false });
    expect(await query(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    await second.close();
  });

  it('is found only while it runs, without creating files', async () => {
    const dataDir = await fixture.folder();
    expect(await findRunningEmbeddedPostgres(join(dataDir, 'missing'))).toBeNull();
    expect(await findRunningEmbeddedPostgres(dataDir)).toBeNull();
    expect(await readdir(dataDir)).toEqual([]);
    const server = await fixture.open(dataDir);
    expect(await findRunningEmbeddedPostgres(dataDir)).toBe(server.url);
    await server.close();
    expect(await findRunningEmbeddedPostgres(dataDir)).toBeNull();
  });

  it('requires the password, and runs in its own session, which Ctrl-C does not reach', async () => {
    const server = await fixture.open(await fixture.folder());
    const wrong = new URL(server.url);
    wrong.password = 'wrong';
    await expect(query(wrong.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });

    const pid = await postmasterPid(server.dataFolder);
    const { stdout } = await promisify(execFile)('ps', ['-o', 'pgid=,sid=', '-p', String(pid)]);
    const [group, session] = stdout.trim().split(/\s+/).map(Number);
    expect(group).toBe(pid);
    expect([pid, 0]).toContain(session); // macOS does not report the session
    await server.close();
  });

  it('listens on the given port, and names EMBEDDED_PG_PORT if that port is in use', async () => {
    const dataDir = await fixture.folder();
    const port = await findFreePort();
    const release = await occupy(port);
    await expect(fixture.open(dataDir, { port })).rejects.toThrow(new RegExp(`Port ${port}.*EMBEDDED_PG_PORT.*in use`));
    await release();
    const server = await fixture.open(dataDir, { port });
    expect(server.port).toBe(port);
    await server.close();
  });

  it('uses another port with the same data if its last port is in use', async () => {
    const dataDir = await fixture.folder();
    const first = await fixture.open(dataDir);
    await query(first.url, 'CREATE TABLE kept ()');
    await first.close();
    const release = await occupy(first.port);
    const second = await fixture.open(dataDir);
    expect(second.port).not.toBe(first.port);
    expect(await query(second.url, 'SELECT * FROM kept')).toEqual([]);
    await second.close();
    await release();
  });

  it('refuses data of another major version and leaves it unchanged', async () => {
    const dataDir = await fixture.folder();
    const server = await fixture.open(dataDir);
    await server.close();
    const version = join(server.dataFolder, 'PG_VERSION');
    const own = await readFile(version, 'utf8');
    await writeFile(version, '15\n');
    const before = await readdir(dirname(version));
    await expect(fixture.open(dataDir)).rejects.toThrow(/PostgreSQL 15.*DATABASE_URL/);
    expect(await readdir(dirname(version))).toEqual(before);
    expect(await readFile(version, 'utf8')).toBe('15\n');
    await writeFile(version, own);
    await (await fixture.open(dataDir)).close();
  });

  it('reports the end of the log if the server does not start', async () => {
    const dataDir = await fixture.folder();
    await expect(fixture.open(dataDir, { settings: { shared_buffers: 'plenty' } })).rejects.toThrow(
      /did not start[^]*server\.log[^]*invalid value for parameter "shared_buffers": "plenty"/,
    );
    await (await fixture.open(dataDir)).close();
  });

  it('reconnects the connection that holds the server lock after it is lost', async () => {
    const server = await fixture.open(await fixture.folder());
    const serverLocks = (): Promise<Record<string, unknown>[]> =>
      query(server.url, `SELECT DISTINCT pid FROM pg_locks WHERE locktype = 'advisory' AND granted`);
    const before = await serverLocks();
    expect(before).toHaveLength(1);
    await query(server.url, `SELECT pg_terminate_backend(${Number(before[0]?.pid)}, 5000)`);
    await until('the server lock to be held again', async () => (await serverLocks()).length === 1);
    expect(await serverLocks()).not.toEqual(before);
    await server.close();
    expect(await isPortFree(server.port)).toBe(true);
  });
});
