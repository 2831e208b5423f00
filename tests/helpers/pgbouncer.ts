import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from '../../src/commands/cluster-local/processes.js';
import { findFreePort } from './free-port.js';
import { acceptsConnections } from '../../src/commands/cluster-local/ready.js';
import { until } from './locks.js';

/** PgBouncer in transaction mode. */
export interface TestPooler {
  /** The connection string of the database through PgBouncer. */
  urlOf(databaseUrl: string): string;
  close(): Promise<void>;
}

const program = findProgram('pgbouncer', '--version');
/** Whether PgBouncer is installed. */
export const hasPgbouncer = program !== undefined;

/** PgBouncer refuses to run as root. */
const NOBODY_UID = 65_534;

/**
 * @param poolSize connections to the database: fewer than the service opens to PgBouncer.
 * @param ignoredParameters parameters of a new session that PgBouncer ignores; it refuses others.
 */
export async function openPooler(
  databaseUrl: string,
  poolSize: number,
  ignoredParameters: readonly string[] = [],
): Promise<TestPooler> {
  const { hostname, port, username, password } = new URL(databaseUrl);
  const folder = await mkdtemp(join(tmpdir(), 'drop-inventory-pgbouncer-'));
  const listenPort = await findFreePort();
  const server = `host=${hostname} port=${port || 5432} user=${username}`;
  const secret = password && ` password='${decodeURIComponent(password).replaceAll("'", "''")}'`;
  const settings = `
[databases]
* = ${server}${secret}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${listenPort}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = ${poolSize}
max_client_conn = 200
server_tls_sslmode = prefer
ignore_startup_parameters = ${['extra_float_digits', ...ignoredParameters].join(', ')}
`;
  const file = join(folder, 'pgbouncer.ini');
  await writeFile(file, settings, { mode: 0o600 });
  const asRoot = process.getuid?.() === 0;
  if (asRoot) {
    await chmod(folder, 0o755);
    await chown(file, NOBODY_UID, NOBODY_UID);
  }
  const child = spawn(program ?? 'pgbouncer', [file], {
    stdio: ['ignore', 'ignore', 'pipe'],
    ...(asRoot && { uid: NOBODY_UID, gid: NOBODY_UID }),
  });
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await until('PgBouncer to listen', () => acceptsConnections(listenPort)).catch((error: unknown) => {
    child.kill();
    throw new Error(output, { cause: error });
  });
  return {
    urlOf(url) {
      const pooled = new URL(url);
      [pooled.hostname, pooled.port] = ['127.0.0.1', String(listenPort)];
      pooled.searchParams.delete('sslmode');
      pooled.searchParams.set('pgbouncer', 'true');
      return pooled.toString();
    },
    async close() {
      child.kill('SIGTERM');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      await rm(folder, { recursive: true, force: true });
    },
  };
}
