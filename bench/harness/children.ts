import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A process of the measurement's own, which ends when this one does. */
export interface Child<Result> {
  readonly pid: number;
  /** What it reported; fails if it ended without. */
  readonly result: Promise<Result>;
  /** Ends it, kindly at first, and waits until it is gone. */
  stop(): Promise<void>;
}

export interface Children {
  /** Starts `processes/<name>.js` with one argument. */
  start<Result>(name: string, argument: unknown): Child<Result>;
  /** Starts one, waits for what it reports and ends it. */
  run<Result>(name: string, argument: unknown): Promise<Result>;
  /** Ends all that run, at once. */
  killAll(): void;
}

/** How long a child may take to close what it opened, in ms. */
const STOP_TIMEOUT = 15_000;

/** What a child sends: its result, or why there is none. */
export type Report = { readonly result: unknown } | { readonly failure: string };

export function createChildren(): Children {
  const running = new Set<ReturnType<typeof fork>>();

  function start<Result>(name: string, argument: unknown): Child<Result> {
    const child = fork(fileURLToPath(new URL(`../processes/${name}.js`, import.meta.url)), [JSON.stringify(argument)], {
      // As `npm start` runs the service. The environment is the same whoever measures: no setting of a user's own.
      execArgv: ['--enable-source-maps', '--max-semi-space-size=32'],
      env: { PATH: process.env.PATH, NODE_ENV: 'production' },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
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
    // Whoever waits for it hears of it; a process that is stopped before may fail in silence.
    result.catch(() => undefined);
    return {
      pid: child.pid ?? 0,
      result,
      async stop() {
        if (child.connected) child.disconnect();
        const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT);
        await ended;
        clearTimeout(timer);
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
