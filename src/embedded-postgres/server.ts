import { constants } from 'node:fs';
import { open, rename, stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from './cluster.js';
import { EmbeddedPostgresError } from './errors.js';
import { ADDRESS } from './port.js';
import { inspectPostmaster, isAlive } from './postmaster.js';
import { run } from './run.js';

/** How a start ended. `busy`: another start or a server on its way down is in the way; it is worth another look. */
export type StartResult = 'started' | 'port-taken' | 'busy';

/** What the log, or pg_ctl itself, says where nothing is wrong but the moment: another start has just begun its lock file. */
const IN_BETWEEN =
  /lock file "postmaster\.pid"|PID file .* is empty|pre-existing shared memory|ready to accept connections/;

const START_SECONDS = 60;
const STOP_MS = 60_000;
const LARGE_LOG_BYTES = 20_000_000;
const TAIL_BYTES = 4_000;

/** Starts the server and waits until it accepts connections. Throws an EmbeddedPostgresError with the log's end. */
export async function startServer(
  { home, binaries, user }: Cluster,
  port: number,
  settings: Readonly<Record<string, string>>,
): Promise<StartResult> {
  const logStart = await prepareLog(home.log, user);
  const all: Record<string, string> = {
    cluster_name: 'drop-inventory',
    ...settings,
    port: String(port),
    listen_addresses: ADDRESS,
    unix_socket_directories: '',
    // The reasons of a failed start are read from the log.
    lc_messages: 'C',
  };
  const flags = Object.entries(all).map(([name, value]) => `-c ${quoted(`${name}=${value}`)}`);
  // pg_ctl gives the server a session of its own: Ctrl-C at the terminal does not reach it.
  const wait = ['-w', '-t', String(START_SECONDS)];
  const { code, output } = await run(
    binaries.pgCtl,
    ['start', '-D', home.data, '-l', home.log, ...wait, '-o', flags.join(' ')],
    user,
  );
  if (code === 0) return 'started';

  const log = await readFrom(home.log, logStart);
  // A long recovery outlasts pg_ctl's patience. And between two of its looks, the server may have come up, been joined
  // by another process and been stopped by that one at its end.
  const { state } = await inspectPostmaster(home.data);
  if (state === 'alive' || IN_BETWEEN.test(log) || IN_BETWEEN.test(output)) return 'busy';
  if (log.includes('could not create any TCP/IP sockets')) return 'port-taken';
  throw new EmbeddedPostgresError(
    `The embedded PostgreSQL in ${home.data} did not start (pg_ctl: ${output.split('\n').at(-1) ?? code}).\n` +
      `The end of its log, ${home.log}:\n${log.trim()}`,
  );
}

/** Stops the server, cutting what is still connected, and waits until its process is gone. */
export async function stopServer(cluster: Cluster): Promise<void> {
  const postmaster = await inspectPostmaster(cluster.home.data);
  if (postmaster.state !== 'alive') return;
  // Not pg_ctl's own waiting: it would take a server that the next process has started meanwhile for the old one.
  await signal(cluster, 'fast');
  if (await isGone(postmaster.pid, STOP_MS)) return;
  // Its data is safe all the same: the next start replays the log.
  await signal(cluster, 'immediate');
  if (await isGone(postmaster.pid, STOP_MS)) return;
  throw new EmbeddedPostgresError(`The embedded PostgreSQL, process ${postmaster.pid}, does not stop.`);
}

async function signal({ home, binaries, user }: Cluster, mode: 'fast' | 'immediate'): Promise<void> {
  const { code, output } = await run(binaries.pgCtl, ['stop', '-D', home.data, '-m', mode, '-W'], user);
  const { state } = await inspectPostmaster(home.data);
  if (code !== 0 && state === 'alive') {
    throw new EmbeddedPostgresError(`The embedded PostgreSQL in ${home.data} cannot be stopped: ${output}`);
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

// pg_ctl hands them to a shell.
function quoted(text: string): string {
  if (/^[\w.,:/=+-]*$/.test(text)) return text;
  return process.platform === 'win32' ? `"${text.replaceAll('"', '""')}"` : `'${text.replaceAll("'", `'\\''`)}'`;
}

// The server appends to it as its own user, who may not create a file here. Returns where new lines will begin.
async function prepareLog(file: string, user: Cluster['user']): Promise<number> {
  const size = await stat(file).then(
    (stats) => stats.size,
    () => 0,
  );
  if (size > LARGE_LOG_BYTES) await rename(file, `${file}.old`);
  // Never through a link: root must not be led to give away some other file.
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
