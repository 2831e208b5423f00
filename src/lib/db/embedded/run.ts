import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

/** Whom a program runs as when this process is root: PostgreSQL refuses to be root. */
export interface PlainUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

export interface RunResult {
  /** Exit code; null when the program could not be started or was killed. */
  readonly code: number | null;
  /** What it wrote to both outputs, or why it could not be started. */
  readonly output: string;
  /** Why it could not be started ("EPERM", "ENOENT" …). */
  readonly startError?: string;
}

// Settings meant for the user's own PostgreSQL (PGPORT, PGDATA, LD_LIBRARY_PATH …) must not reach this one.
// Windows programs need more of their environment than can be listed here, so there it is inherited.
const ENVIRONMENT =
  process.platform === 'win32' ? undefined : { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

/** Runs a program to its end and never rejects: the result tells. In a session of its own, so that Ctrl-C misses it. */
export async function run(file: string, args: readonly string[], user?: PlainUser): Promise<RunResult> {
  return new Promise((resolve) => {
    const output: string[] = [];
    const child = spawn(file, args, {
      // A folder that everybody may enter: the caller's own may be closed to the plain user.
      cwd: process.platform === 'win32' ? undefined : '/',
      env: ENVIRONMENT,
      detached: process.platform !== 'win32',
      windowsHide: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(user ? { uid: user.uid, gid: user.gid } : {}),
    });
    child.stdout.setEncoding('utf8').on('data', (text: string) => output.push(text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => output.push(text));
    const closed = new Promise((done) => child.once('close', done));
    child.once('error', (error: NodeJS.ErrnoException) => {
      resolve({ code: null, output: error.message, startError: error.code ?? error.message });
    });
    child.once('exit', (code) => {
      // Not 'close' alone: on Windows the server started by pg_ctl may keep the pipes open for as long as it lives.
      void Promise.race([closed, delay(500)]).then(() => {
        child.stdout.destroy();
        child.stderr.destroy();
        resolve({ code, output: output.join('').trim() });
      });
    });
  });
}
