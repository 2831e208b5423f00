import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
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
}

// Settings meant for the user's own PostgreSQL (PGPORT, PGDATA, LD_LIBRARY_PATH …) must not reach this one.
// Windows programs need more of their environment than can be listed here, so there it is inherited.
const ENVIRONMENT =
  process.platform === 'win32' ? undefined : { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

/** Runs a program to its end and never rejects: the result tells. In a session of its own, so that Ctrl-C misses it. */
export async function run(file: string, args: readonly string[], user?: PlainUser): Promise<RunResult> {
  let child: ChildProcessByStdio<null, Readable, Readable>;
  try {
    child = spawn(file, args, {
      // A folder that everybody may enter: the caller's own may be closed to the plain user.
      cwd: process.platform === 'win32' ? undefined : '/',
      env: ENVIRONMENT,
      detached: process.platform !== 'win32',
      windowsHide: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(user ? { uid: user.uid, gid: user.gid } : {}),
    });
  } catch (error) {
    return notStarted(error);
  }
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => output.push(text));
  }
  const closed = once(child, 'close');
  // It rejects on 'error', which is waited for below.
  closed.catch(() => undefined);
  try {
    const [code] = (await once(child, 'exit')) as [number | null];
    // Not 'close' alone: on Windows the server started by pg_ctl may keep the pipes open for as long as it lives.
    await Promise.race([closed, delay(500, undefined, { ref: false })]);
    return { code, output: output.join('').trim() };
  } catch (error) {
    return notStarted(error);
  } finally {
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

function notStarted(error: unknown): RunResult {
  return { code: null, output: error instanceof Error ? error.message : String(error) };
}
