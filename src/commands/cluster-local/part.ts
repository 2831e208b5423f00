import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Environment } from '../../lib/config/index.js';

/** A process of the cluster. */
export interface Part {
  readonly name: string;
  readonly pid: number | undefined;
  /** Resolves when it has ended, with what there is to say of that: `exit code 1`, or the name of a signal. */
  readonly ended: Promise<string>;
  hasEnded(): boolean;
  /** Asks it to end, and resolves when it has. */
  stop(): Promise<void>;
  /** Ends it at once. */
  kill(): void;
}

/** Starts a program, and prints what it says, each line behind its name. */
export function startPart(name: string, command: readonly [string, ...string[]], env: Environment): Part {
  const [file, ...args] = command;
  // Ctrl-C at the terminal reaches this command alone, which then ends them in order.
  const child = spawn(file, args, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let over: string | undefined;
  const ended = once(child, 'exit').then(
    ([code, signal]: (number | string | null)[]) => (over = signal === null ? `exit code ${code}` : String(signal)),
    (error: unknown) => (over = String(error)),
  );
  for (const output of [child.stdout, child.stderr]) print(name, output);
  return {
    name,
    pid: child.pid,
    ended,
    hasEnded: () => over !== undefined,
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
