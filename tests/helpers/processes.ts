import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import './leaks/capture.js';
import { searchOutput } from './leaks/search-logs.js';

const DIST = join(import.meta.dirname, '../../dist');

export interface RunningProgram {
  readonly pid: number;
  /** The output so far, on stdout and stderr. */
  output(): string;
  /** The output on stdout alone. */
  stdout(): string;
  /** Resolves once the text was printed. @throws if the program ends before. */
  printed(text: string): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  /** Resolves with the exit code, or with the signal that ended the program. */
  ended(): Promise<number | NodeJS.Signals>;
}

/**
 * Starts a program of dist/ with the given settings, and of this process's environment only PATH.
 *
 * @param options.openFilesLimit how many files the program may open. Left out: as many as this process.
 * @param options.input what the program reads from stdin. Left out: nothing.
 */
export function startProgram(
  name: string,
  env: Readonly<Record<string, string>> = {},
  cwd?: string,
  args: readonly string[] = [],
  { openFilesLimit, input }: { readonly openFilesLimit?: number | undefined; readonly input?: string } = {},
): RunningProgram {
  const command = [process.execPath, '--enable-source-maps', join(DIST, `${name}.js`), ...args];
  const limited = ['sh', '-c', `ulimit -n ${openFilesLimit} && exec "$0" "$@"`, ...command];
  const [file = '', ...parameters] = openFilesLimit === undefined ? command : limited;
  const child = spawn(file, parameters, {
    cwd,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // The program may end without reading it.
  child.stdin.on('error', () => undefined).end(input);
  let all = '';
  let out = '';
  // `admin` prints accounts to the operator, and `db-url` an address that looks like an e-mail.
  const mayNameAccounts = ['commands/admin', 'commands/db-url'].includes(name);
  const [searchStdout, searchStderr] = [searchOutput(name, mayNameAccounts), searchOutput(name, mayNameAccounts)];
  child.stdout.on('data', (chunk: Buffer) => {
    searchStdout(String(chunk));
    out += String(chunk);
    all += String(chunk);
  });
  child.stderr.on('data', (chunk: Buffer) => {
    searchStderr(String(chunk));
    all += String(chunk);
  });
  const end = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  if (child.pid === undefined) throw new Error(`${name} could not be started`);
  return {
    pid: child.pid,
    output: () => all,
    stdout: () => out,
    async printed(text) {
      while (!all.includes(text)) {
        if (child.exitCode !== null || child.signalCode !== null) {
          throw new Error(`${name} ended without printing "${text}":\n${all}`);
        }
        await sleep(20);
      }
    },
    signal: (signal) => child.kill(signal),
    async ended() {
      const [code, signal] = await end;
      return code ?? signal ?? 0;
    },
  };
}
