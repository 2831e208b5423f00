import { execFile } from 'node:child_process';
import { open, readFile, realpath } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { errorCode } from './errors.js';

/**
 * What PostgreSQL's lock file, postmaster.pid, says about the server of a data folder.
 * - none: there is no file. - dead: there is one, and its process is gone; the next server clears it up by itself.
 * - mistaken: its process lives but is something else (a reused process id). - alive: a server, in whatever state.
 */
export type Postmaster =
  | { readonly state: 'none' | 'dead' }
  | { readonly state: 'mistaken'; readonly pid: number }
  | { readonly state: 'alive'; readonly pid: number; readonly port: number | undefined };

/** A process id that no system gives away. */
const NOBODY = 2_147_483_647;

/** Looks at the lock file and at the process it names. */
export async function inspectPostmaster(data: string): Promise<Postmaster> {
  const text = await readFile(join(data, 'postmaster.pid'), 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return { state: 'none' };
  const [pidLine, , , portLine] = text.split('\n');
  const pid = Number(pidLine);
  if (!Number.isInteger(pid) || pid <= 0 || !(await isAlive(pid))) return { state: 'dead' };
  if (await isSomethingElse(pid, data)) return { state: 'mistaken', pid };
  const port = Number(portLine);
  return { state: 'alive', pid, port: Number.isInteger(port) && port > 0 ? port : undefined };
}

/**
 * Makes PostgreSQL see that the process named in the lock file is not a server: it would refuse to start.
 * The file stays, with a process id that does not exist, so that PostgreSQL still checks what else it says (shared
 * memory that an old server's processes may hold). Written through one handle: if a new server has replaced
 * the file meanwhile, only the old one, already unlinked, is changed.
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
    if (Number(first) === pid) await file.write([String(NOBODY), ...rest].join('\n'), 0);
  } finally {
    await file.close();
  }
}

/** Whether a process runs; one that ended and that nobody has waited for does not. */
export async function isAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it runs, as somebody else.
    if (errorCode(error) !== 'EPERM') return false;
  }
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const state = status.slice(status.lastIndexOf(')') + 2)[0];
  return state !== 'Z' && state !== 'X';
}

// Only what is certain counts: where the process cannot be looked at, PostgreSQL has to judge.
async function isSomethingElse(pid: number, data: string): Promise<boolean> {
  if (process.platform === 'darwin') {
    const { stdout } = await promisify(execFile)('ps', ['-p', String(pid), '-o', 'command=']).catch(() => ({
      stdout: '',
    }));
    return stdout.trim() !== '' && !stdout.includes('postgres');
  }
  // On Windows PostgreSQL itself knows its own processes from others.
  if (process.platform !== 'linux') return false;
  const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined);
  if (line === undefined) return false;
  if (line === '') {
    // The process is about to be gone; or it belongs to the kernel, and then it stays.
    await delay(50);
    return isAlive(pid);
  }
  const args = line.split('\0');
  if (!/^(postgres|postmaster)/.test(basename(args[0] ?? ''))) return true;
  // Another cluster's server; without -D it cannot be told.
  const folder = args[args.indexOf('-D') + 1];
  return args.includes('-D') && folder !== undefined && !(await isSameFolder(folder, data));
}

/** Whether two names lead to the same folder. Names that lead nowhere are compared as they are. */
export async function isSameFolder(a: string, b: string): Promise<boolean> {
  const [first, second] = await Promise.all([a, b].map((each) => realpath(each).catch(() => each)));
  return process.platform === 'win32' ? first?.toLowerCase() === second?.toLowerCase() : first === second;
}
