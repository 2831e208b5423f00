import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench, Benchmark, Measurement } from '../benchmark.js';
import type { BenchDatabase } from '../harness/database.js';
import { HOT_STOCK } from '../harness/hot-drop.js';
import { reserving } from '../harness/over-http.js';
import { productionSettings, residentMegabytes, sampleMemory, withService } from '../harness/production-service.js';
import { violationsOfOutcomes } from '../harness/invariants.js';
import type { FollowersPlan } from '../processes/followers.js';
import type { LoadPlan, LoadResult } from '../processes/http-load.js';

const SOCKETS = 1_000;

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
    const { idle, peakWhile } = await sampleMemory(pid);
    const followers = children.start<null>('followers', { port, dropId, sockets: SOCKETS } satisfies FollowersPlan);
    const request = reserving(bench, dropId);
    const plan: LoadPlan = { ...request, status: 201, ports: [port], connections, warmUpMs, windowMs };
    try {
      const { peak, result } = await peakWhile(async () => {
        await followers.result;
        const withSockets = await residentMegabytes(pid);
        return { withSockets, ...(await children.run<LoadResult>('http-load', plan)) };
      });
      signal.throwIfAborted();
      const { withSockets, outcomes, unanswered } = result;
      return {
        value: peak,
        metrics: { 'without a client, MB': idle, 'with the sockets, MB': withSockets, 'at most, MB': peak },
        violations: [
          ...violationsOfOutcomes(outcomes, ['201']),
          ...(unanswered > 0 ? [`${unanswered} requests got no response`] : []),
        ],
      };
    } finally {
      await followers.stop();
    }
  });
}
