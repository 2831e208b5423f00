import { execFile } from 'node:child_process';
import { open, readFile, realpath } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { errorCode } from './errors.js';

/**
 * The server of a data folder, according to PostgreSQL's lock file, postmaster.pid:
 * - none: there is no file.
 * - dead: its process has ended. The next server removes the file.
 * - mistaken: its process is another program (a reused process id).
 * - alive: its process is a server, in any state.
 */
type Postmaster =
  | { readonly state: 'none' | 'dead' }
  | { readonly state: 'mistaken'; readonly pid: number }
  | { readonly state: 'alive'; readonly pid: number; readonly port: number | undefined };

/** A process id that no system assigns. */
const UNUSED_PID = 2_147_483_647;

/** Reads the lock file and checks the process that it names. */
export async function inspectPostmaster(data: string): Promise<Postmaster> {
  const text = await readFile(join(data, 'postmaster.pid'), 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return { state: 'none' };
  const [pidLine, , , portLine] = text.split('\n');
  const pid = Number(pidLine);
  if (!Number.isInteger(pid) || pid <= 0 || !(await isAlive(pid))) return { state: 'dead' };
  if (await isOtherProgram(pid, data)) return { state: 'mistaken', pid };
  const port = Number(portLine);
  return { state: 'alive', pid, port: Number.isInteger(port) && port > 0 ? port : undefined };
}

/**
 * Replaces the process id in the lock file by one that does not exist. PostgreSQL would refuse to start otherwise. The file
 * stays, so that PostgreSQL checks the rest of it: shared memory that processes of an old server may use. The file is written
 * through one handle: if a new server has replaced it meanwhile, only the old, unlinked file changes.
 */
export async function disownLockFile(data: string, pid: number): Promise<void> {
  const file = await open(join(data, 'postmaster.pid'), 'r+').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (!file) return;
  try {
    const text = await file.readFile('utf8');
    const [first = '', ...rest] = text.split('\n');
    if (Number(first) === pid) await file.write([String(UNUSED_PID), ...rest].join('\n'), 0);
  } finally {
    await file.close();
  }
}

/** Whether a process is running. A zombie is not. */
export async function isAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: the process of another user.
    if (errorCode(error) !== 'EPERM') return false;
  }
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const state = status.slice(status.lastIndexOf(')') + 2)[0];
  return state !== 'Z' && state !== 'X';
}

// False if unknown: PostgreSQL then decides.
async function isOtherProgram(pid: number, data: string): Promise<boolean> {
  if (process.platform === 'darwin') {
    const { stdout } = await promisify(execFile)('ps', ['-p', String(pid), '-o', 'command=']).catch(() => ({
      stdout: '',
    }));
    return stdout.trim() !== '' && !stdout.includes('postgres');
  }
  // On Windows, PostgreSQL itself detects other programs.
  if (process.platform !== 'linux') return false;
  const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined);
  if (line === undefined) return false;
  if (line === '') {
    // The process is ending; or it belongs to the kernel, and stays.
    await delay(50);
    return isAlive(pid);
  }
  const args = line.split('\0');
  if (!/^(postgres|postmaster)/.test(basename(args[0] ?? ''))) return true;
  // The server of another cluster, if there is a -D to compare.
  const folder = args[args.indexOf('-D') + 1];
  return args.includes('-D') && folder !== undefined && !(await isSameFolder(folder, data));
}

/** Whether two paths are of the same folder. Paths that do not exist are compared as text. */
export async function isSameFolder(a: string, b: string): Promise<boolean> {
  const [first, second] = await Promise.all([a, b].map((each) => realpath(each).catch(() => each)));
  return process.platform === 'win32' ? first?.toLowerCase() === second?.toLowerCase() : first === second;
}
