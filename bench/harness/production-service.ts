import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { findFreePort } from '../../src/embedded-postgres/port.js';
import type { Bench } from '../benchmark.js';
import type { StartPlan, StartResult } from '../processes/start-service.js';
import type { BenchDatabase } from './database.js';
import { JWT_SECRET } from './load-users.js';

const SAMPLE_INTERVAL_MS = 200;
/** For the garbage of the start. */
const IDLE_MS = 2_000;

export function productionSettings({ url }: BenchDatabase): StartPlan['settings'] {
  return { NODE_ENV: 'production', DATABASE_URL: url, JWT_SECRET, PUBLIC_URL: 'http://127.0.0.1' };
}

/** Starts `node dist/main.js`, calls `use` once it is ready, and stops it. */
export async function withService<T>(
  { children }: Bench,
  settings: StartPlan['settings'],
  use: (service: StartResult & { readonly port: number }) => Promise<T>,
): Promise<T> {
  const port = await findFreePort();
  const service = children.start<StartResult>('start-service', { port, settings } satisfies StartPlan);
  try {
    return await use({ ...(await service.result), port });
  } finally {
    await service.stop();
  }
}

/** Measures the resident memory of a process that has just started: while it is idle, and the highest while `work` runs. */
export async function sampleMemory(pid: number) {
  await sleep(IDLE_MS);
  return {
    idle: await residentMegabytes(pid),
    async peakWhile<T>(work: () => Promise<T>): Promise<{ readonly peak: number; readonly result: T }> {
      let peak = 0;
      const sampling = setInterval(() => {
        void residentMegabytes(pid).then((now) => {
          peak = Math.max(peak, now);
        });
      }, SAMPLE_INTERVAL_MS);
      try {
        const result = await work();
        return { peak, result };
      } finally {
        clearInterval(sampling);
      }
    },
  };
}

/** The resident memory of a process. */
export async function residentMegabytes(pid: number): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)]);
  return (Number(stdout) * 1024) / 1e6;
}
