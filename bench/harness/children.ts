import { fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A child process. It ends when this process does. */
export interface Child<Result> {
  readonly pid: number | undefined;
  /** Rejects if the child failed or ended without a result. */
  readonly result: Promise<Result>;
  /** Lets the child close what it opened, kills it after a timeout, and resolves when it has ended. */
  stop(): Promise<void>;
  /** Ends the child without waiting for it. */
  kill(): void;
}

export interface Children {
  /** Starts `processes/<name>.js` with one argument; `<name>` may be a relative path. Its stdout goes to `logFile`, if given. */
  start<Result>(name: string, argument: unknown, logFile?: string): Child<Result>;
  /** Starts a child, waits for its result and stops it. */
  run<Result>(name: string, argument: unknown): Promise<Result>;
  killAll(): void;
}

/** A child that has not ended by then is killed. */
export const STOP_TIMEOUT_MS = 15_000;

export type Report = { readonly result: unknown } | { readonly failure: string };

export function createChildren(): Children {
  const running = new Set<ReturnType<typeof fork>>();

  function start<Result>(name: string, argument: unknown, logFile?: string): Child<Result> {
    const log = logFile === undefined ? null : openSync(logFile, 'a');
    const child = fork(fileURLToPath(new URL(`../processes/${name}.js`, import.meta.url)), [JSON.stringify(argument)], {
      // The flags of `npm start`. No other variable of the environment is passed on, so that none changes the measurement.
      execArgv: ['--enable-source-maps', '--max-semi-space-size=32'],
      env: { PATH: process.env.PATH, NODE_ENV: 'production' },
      stdio: ['ignore', log ?? 'ignore', 'inherit', 'ipc'],
    });
    if (log !== null) closeSync(log);
    running.add(child);
    const ended = once(child, 'exit').finally(() => running.delete(child));
    const result = new Promise<Result>((resolve, reject) => {
      child.once('message', (report: Report) => {
        if ('failure' in report) reject(new Error(`${name}: ${report.failure}`));
        else resolve(report.result as Result);
      });
      child.once('error', reject);
      child.once('exit', (code, signal) => {
        reject(new Error(`${name} ended (${signal ?? `code ${code}`}) without a result`));
      });
    });
    // A child that is stopped before its result is awaited must not cause an unhandled rejection.
    result.catch(() => undefined);
    return {
      pid: child.pid,
      result,
      async stop() {
        if (child.connected) child.disconnect();
        const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
        await ended;
        clearTimeout(timer);
      },
      kill() {
        child.kill('SIGKILL');
      },
    };
  }

  return {
    start,
    async run<Result>(name: string, argument: unknown) {
      const child = start<Result>(name, argument);
      try {
        return await child.result;
      } finally {
        await child.stop();
      }
    },
    killAll() {
      for (const child of running) child.kill('SIGKILL');
    },
  };
}
