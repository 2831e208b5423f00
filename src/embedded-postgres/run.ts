import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

/** The user of a program when this process is root: PostgreSQL refuses to run as root. */
export interface UnprivilegedUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

interface RunResult {
  /** Exit code; null if the program could not be started or was killed. */
  readonly code: number | null;
  /** Its stdout and stderr, or the reason why it could not be started. */
  readonly output: string;
}

// Without settings for another PostgreSQL (PGPORT, PGDATA, LD_LIBRARY_PATH …). Programs on Windows need more of the environment
// than can be listed here, and inherit it.
const ENVIRONMENT =
  process.platform === 'win32' ? undefined : { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

/** Runs a program to its end, in a session of its own, out of reach of Ctrl-C. Never rejects. */
export async function run(file: string, args: readonly string[], user?: UnprivilegedUser): Promise<RunResult> {
  let child: ChildProcessByStdio<null, Readable, Readable>;
  try {
    child = spawn(file, args, {
      // The unprivileged user may not enter the caller's folder.
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
  // Rejects on 'error', which is handled below.
  closed.catch(() => undefined);
  try {
    const [code] = (await once(child, 'exit')) as [number | null];
    // Not 'close' alone: on Windows, the server that pg_ctl has started may keep the pipes open until it ends.
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
