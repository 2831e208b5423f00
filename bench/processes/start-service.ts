import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { runChild } from './child.js';
import { untilReady } from './until-ready.js';

export interface StartPlan {
  /** On 127.0.0.1. */
  readonly port: number;
  /** The settings of the service. */
  readonly settings: Readonly<Record<string, string>>;
}

export interface StartResult {
  readonly pid: number;
  /** From the start of the process to the first 200 of /readyz. */
  readonly readyMs: number;
}

const MAIN = fileURLToPath(new URL('../../src/main.js', import.meta.url));
/** Those of the Dockerfile. */
const NODE_OPTIONS = '--enable-source-maps --max-semi-space-size=32';

await runChild(async ({ port, settings }: StartPlan) => {
  const startedAt = performance.now();
  const service = spawn(process.execPath, [MAIN], {
    env: { PATH: process.env.PATH, NODE_OPTIONS, HOST: '127.0.0.1', PORT: String(port), ...settings },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = once(service, 'exit');
  await Promise.race([
    untilReady(port),
    ended.then(([code]) => {
      throw new Error(`the service ended with ${String(code)}`);
    }),
  ]);
  const result: StartResult = { pid: service.pid ?? 0, readyMs: performance.now() - startedAt };
  return {
    result,
    async close() {
      service.kill('SIGTERM');
      await ended;
    },
  };
});
