import { constants } from 'node:fs';
import { open, rename, stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from './cluster.js';
import { EmbeddedPostgresError } from './errors.js';
import { ADDRESS } from './port.js';
import { inspectPostmaster, isAlive } from './postmaster.js';
import { run } from './run.js';

/** The result of a start. `busy`: another process is starting or stopping the server; the caller tries again. */
type StartResult = 'started' | 'port-taken' | 'busy';

/** Messages of the log or of pg_ctl when another start has just created its lock file. */
const STARTING_ELSEWHERE =
  /lock file "postmaster\.pid"|PID file .* is empty|pre-existing shared memory|ready to accept connections/;

const START_TIMEOUT_SECONDS = 60;
const STOP_TIMEOUT_MS = 60_000;
const LARGE_LOG_BYTES = 20_000_000;
const TAIL_BYTES = 4_000;

/** Starts the server and waits until it accepts connections. @throws {EmbeddedPostgresError} with the end of the log. */
export async function startServer(
  { paths, binaries, user }: Cluster,
  port: number,
  settings: Readonly<Record<string, string>>,
): Promise<StartResult> {
  const logStart = await prepareLog(paths.log, user);
  const all: Record<string, string> = {
    cluster_name: 'drop-inventory',
    ...settings,
    port: String(port),
    listen_addresses: ADDRESS,
    unix_socket_directories: '',
    // The reason of a failed start is read from the log.
    lc_messages: 'C',
  };
  const flags = Object.entries(all).map(([name, value]) => `-c ${quoted(`${name}=${value}`)}`);
  // pg_ctl starts the server in a session of its own, out of reach of Ctrl-C.
  const wait = ['-w', '-t', String(START_TIMEOUT_SECONDS)];
  const { code, output } = await run(
    binaries.pgCtl,
    ['start', '-D', paths.data, '-l', paths.log, ...wait, '-o', flags.join(' ')],
    user,
  );
  if (code === 0) return 'started';

  const log = await readFrom(paths.log, logStart);
  // A recovery may take longer than pg_ctl waits. And between two of its checks, the server may have started, have been joined by
  // another process, and have been stopped by it.
  const { state } = await inspectPostmaster(paths.data);
  if (state === 'alive' || STARTING_ELSEWHERE.test(log) || STARTING_ELSEWHERE.test(output)) return 'busy';
  if (log.includes('could not create any TCP/IP sockets')) return 'port-taken';
  throw new EmbeddedPostgresError(
    `The embedded PostgreSQL in ${paths.data} did not start (pg_ctl: ${output.split('\n').at(-1) ?? code}).\n` +
      `The end of its log, ${paths.log}:\n${log.trim()}`,
  );
}

/** Stops the server, which ends open connections, and waits until its process has ended. */
export async function stopServer(cluster: Cluster): Promise<void> {
  const postmaster = await inspectPostmaster(cluster.paths.data);
  if (postmaster.state !== 'alive') return;
  // pg_ctl does not wait itself (-W): it would wait for a server that another process has started meanwhile.
  await signal(cluster, 'fast');
  if (await isGone(postmaster.pid, STOP_TIMEOUT_MS)) return;
  // This loses no data: the next start replays the log.
  await signal(cluster, 'immediate');
  if (await isGone(postmaster.pid, STOP_TIMEOUT_MS)) return;
  throw new EmbeddedPostgresError(`The embedded PostgreSQL, process ${postmaster.pid}, does not stop: end it by hand.`);
}

async function signal({ paths, binaries, user }: Cluster, mode: 'fast' | 'immediate'): Promise<void> {
  const { code, output } = await run(binaries.pgCtl, ['stop', '-D', paths.data, '-m', mode, '-W'], user);
  const { state } = await inspectPostmaster(paths.data);
  if (code !== 0 && state === 'alive') {
    throw new EmbeddedPostgresError(`The embedded PostgreSQL in ${paths.data} cannot be stopped: ${output}`);
  }
}

async function isGone(pid: number, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (await isAlive(pid)) {
    if (performance.now() > deadline) return false;
    await delay(20);
  }
  return true;
}

// pg_ctl passes the settings to a shell.
function quoted(text: string): string {
  if (/^[\w.,:/=+-]*$/.test(text)) return text;
  return process.platform === 'win32' ? `"${text.replaceAll('"', '""')}"` : `'${text.replaceAll("'", `'\\''`)}'`;
}

// Creates the log, to which the server appends as its own user, who may not create files here. Returns the offset of new lines.
async function prepareLog(file: string, user: Cluster['user']): Promise<number> {
  const size = await stat(file).then(
    (stats) => stats.size,
    () => 0,
  );
  if (size > LARGE_LOG_BYTES) await rename(file, `${file}.old`);
  // Not through a link: root would give another file to the user.
  const flags = constants.O_CREAT | constants.O_APPEND | constants.O_WRONLY | (constants.O_NOFOLLOW || 0);
  const log = await open(file, flags, 0o600);
  try {
    if (user) await log.chown(user.uid, user.gid);
    return (await log.stat()).size;
  } finally {
    await log.close();
  }
}

async function readFrom(file: string, start: number): Promise<string> {
  const log = await open(file, 'r');
  try {
    const { size } = await log.stat();
    const from = Math.max(start, size - TAIL_BYTES);
    const { buffer, bytesRead } = await log.read(Buffer.alloc(Math.max(0, size - from)), 0, null, from);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await log.close();
  }
}
