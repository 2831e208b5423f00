import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Environment } from '../../lib/config/index.js';

export interface ClusterProcess {
  readonly name: string;
  readonly pid: number | undefined;
  /** Resolves when it has ended, with `exit code 1` or the name of a signal. */
  readonly ended: Promise<string>;
  hasEnded(): boolean;
  /** Sends SIGTERM, and resolves when the process has ended. */
  stop(): Promise<void>;
  /** Sends SIGKILL. */
  kill(): void;
}

/** Starts a program, and prints the lines of its output, each with the name in front. */
export function startProcess(name: string, command: readonly [string, ...string[]], env: Environment): ClusterProcess {
  const [file, ...args] = command;
  // Detached, so that Ctrl-C reaches this command only, which then stops the processes in order.
  const child = spawn(file, args, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let exit: string | undefined;
  const ended = once(child, 'exit').then(
    ([code, signal]: (number | string | null)[]) => (exit = signal === null ? `exit code ${code}` : String(signal)),
    (error: unknown) => (exit = String(error)),
  );
  for (const output of [child.stdout, child.stderr]) print(name, output);
  return {
    name,
    pid: child.pid,
    ended,
    hasEnded: () => exit !== undefined,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
    kill: () => void child.kill('SIGKILL'),
  };
}

const NAME_WIDTH = 6;

function print(name: string, output: Readable): void {
  createInterface(output).on('line', (line) => {
    if (line.trim() !== '') process.stdout.write(`${name.padEnd(NAME_WIDTH)} | ${line}\n`);
  });
}

/** Debian installs servers into folders that are not in the PATH of an unprivileged user. */
const FOLDERS = ['', '/usr/sbin/', '/usr/local/sbin/', '/opt/homebrew/bin/'];

/** The path of an installed program, found by running it with this flag; undefined if it is not installed. */
export function findProgram(name: string, versionFlag: string): string | undefined {
  return FOLDERS.map((folder) => folder + name).find((file) => spawnSync(file, [versionFlag]).status === 0);
}
