import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Bench, Benchmark, Measurement } from '../benchmark.js';
import type { BenchDatabase } from '../harness/database.js';
import { findFreePort } from '../../src/embedded-postgres/port.js';
import { HOT_STOCK } from '../harness/hot-drop.js';
import { JWT_SECRET } from '../harness/load-users.js';
import { reserving } from '../harness/over-http.js';
import { violationsOfOutcomes } from '../harness/invariants.js';
import type { FollowersPlan } from '../processes/followers.js';
import type { LoadPlan, LoadResult } from '../processes/http-load.js';
import type { StartPlan, StartResult } from '../processes/start-service.js';

const SOCKETS = 1_000;
const SAMPLE_INTERVAL_MS = 200;
/** For the garbage of the start. */
const IDLE_MS = 2_000;

/** The time from the start of the process to the first 200 of /readyz, in production, with a migrated database. */
export const startExternal: Benchmark = {
  name: 'start-external',
  title: 'Start: node dist/main.js with DATABASE_URL, until it is ready',
  unit: 'ms',
  better: 'lower',
  subject: 'ours',
  variants: [
    {
      name: 'ours',
      title: 'ours',
      run: async (bench, database) => {
        const settings = productionSettings(database);
        return withService(bench, settings, async ({ readyMs }) => measured(readyMs));
      },
    },
  ],
};

/** The same in development, with an embedded database that exists and is stopped. */
export const startEmbedded: Benchmark = {
  name: 'start-embedded',
  title: 'Start: node dist/main.js with the embedded database, until it is ready',
  unit: 'ms',
  better: 'lower',
  subject: 'ours',
  variants: [{ name: 'ours', title: 'ours', run: startWithEmbedded }],
};

/** The memory of a process with sockets that follow a drop while its units are reserved. */
export const memory: Benchmark = {
  name: 'memory',
  title: `Memory: ${SOCKETS} sockets follow a hot drop, over HTTP`,
  unit: 'MB',
  better: 'lower',
  subject: 'ours',
  variants: [{ name: 'ours', title: 'ours', run: measureMemory }],
};

async function startWithEmbedded(bench: Bench): Promise<Measurement> {
  const folder = await mkdtemp(join(tmpdir(), 'drop-inventory-bench-start-'));
  try {
    const settings = { DATA_DIR: folder };
    // The first start creates the database.
    await withService(bench, settings, () => Promise.resolve());
    return await withService(bench, settings, async ({ readyMs }) => measured(readyMs));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function measured(readyMs: number): Measurement {
  return { value: readyMs, metrics: { 'until ready, ms': readyMs }, violations: [] };
}

async function measureMemory(bench: Bench, database: BenchDatabase): Promise<Measurement> {
  const { children, connections, warmUpMs, windowMs, signal } = bench;
  const dropId = await database.createDrop(HOT_STOCK);
  return withService(bench, productionSettings(database), async ({ pid, port }) => {
    await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
    const idle = await residentMegabytes(pid);
    const followers = children.start<null>('followers', { port, dropId, sockets: SOCKETS } satisfies FollowersPlan);
    let peak = 0;
    const sampling = setInterval(() => {
      void residentMegabytes(pid).then((now) => {
        peak = Math.max(peak, now);
      });
    }, SAMPLE_INTERVAL_MS);
    try {
      await followers.result;
      const withSockets = await residentMegabytes(pid);
      const request = reserving(bench, dropId);
      const plan: LoadPlan = { ...request, status: 201, ports: [port], connections, warmUpMs, windowMs };
      const { outcomes, unanswered } = await children.run<LoadResult>('http-load', plan);
      signal.throwIfAborted();
      return {
        value: peak,
        metrics: { 'without a client, MB': idle, 'with the sockets, MB': withSockets, 'at most, MB': peak },
        violations: [
          ...violationsOfOutcomes(outcomes, ['201']),
          ...(unanswered > 0 ? [`${unanswered} requests got no response`] : []),
        ],
      };
    } finally {
      clearInterval(sampling);
      await followers.stop();
    }
  });
}

function productionSettings({ url }: BenchDatabase): StartPlan['settings'] {
  return { NODE_ENV: 'production', DATABASE_URL: url, JWT_SECRET, PUBLIC_URL: 'http://127.0.0.1' };
}

/** Starts `node dist/main.js`, calls `use` once it is ready, and stops it. */
async function withService<T>(
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

/** The resident memory of a process. */
async function residentMegabytes(pid: number): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)]);
  return (Number(stdout) * 1024) / 1e6;
}
