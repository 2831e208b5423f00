import { once } from 'node:events';
import { createServer } from 'node:http';
import { Session } from 'node:inspector/promises';
import type { AddressInfo } from 'node:net';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Metrics } from '../../src/lib/metrics.js';
import { summarizeProfile, type ProfileSummary } from '../profile/parts.js';
import { runChild } from './child.js';
import type { ServerPlan, ServerResult } from './server.js';
import { importService } from './service-under-test.js';

/** The service within two windows of the same load: as it is, and with the profiler on. */
export interface LoadedWindows {
  readonly requestsPerSecond: number;
  /** Of a second without the profiler: how long the event loop waited for I/O. */
  readonly idleMs: number;
  /** Of both windows; null if no batch ran. */
  readonly requestsPerBatch: number | null;
  readonly profile: ProfileSummary;
  readonly profiledRequests: number;
}

export interface WindowsPlan {
  readonly windowMs: number;
}

const SAMPLING_INTERVAL_US = 250;

/** The service; `GET /` of the control port measures the windows, whose length is in the query. */
await runChild(async ({ databaseUrl, replace, settings }: ServerPlan) => {
  const { startService, config, logger } = await importService(databaseUrl, replace, settings);
  const service = await startService(config, { logger });
  const control = createServer((req, res) => {
    const windowMs = Number(new URL(req.url ?? '', 'http://control').searchParams.get('windowMs'));
    measure(service.context.metrics, windowMs).then(
      (windows) => res.end(JSON.stringify(windows)),
      (error: unknown) => res.writeHead(500).end(String(error)),
    );
  }).listen(0, '127.0.0.1');
  await once(control, 'listening');
  const result: ServerResult = { port: service.port ?? 0, controlPort: (control.address() as AddressInfo).port };
  return {
    result,
    async close() {
      control.close();
      await service.stop();
    },
  };
});

async function measure(metrics: Metrics, windowMs: number): Promise<LoadedWindows> {
  const batchesBefore = await batchesOf(metrics);
  const plain = await countRequests(metrics, async () => {
    const before = performance.eventLoopUtilization();
    await sleep(windowMs);
    return performance.eventLoopUtilization(before);
  });
  const profiled = await countRequests(metrics, () => profile(windowMs));
  const batches = await batchesOf(metrics);
  const batchCount = batches.count - batchesBefore.count;
  const { idle, active } = plain.result;
  return {
    requestsPerSecond: (plain.requests / (idle + active)) * 1000,
    idleMs: (idle / (idle + active)) * 1000,
    requestsPerBatch: batchCount === 0 ? null : (batches.requests - batchesBefore.requests) / batchCount,
    profile: summarizeProfile(profiled.result),
    profiledRequests: profiled.requests,
  };
}

async function profile(windowMs: number) {
  const session = new Session();
  session.connect();
  try {
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: SAMPLING_INTERVAL_US });
    await session.post('Profiler.start');
    await sleep(windowMs);
    return (await session.post('Profiler.stop')).profile;
  } finally {
    session.disconnect();
  }
}

/** The responses that the service has sent meanwhile, by its own metrics. */
async function countRequests<T>(metrics: Metrics, use: () => Promise<T>): Promise<{ result: T; requests: number }> {
  const before = await responsesOf(metrics);
  const result = await use();
  return { result, requests: (await responsesOf(metrics)) - before };
}

async function responsesOf({ requestDuration }: Metrics): Promise<number> {
  const { values } = await requestDuration.get();
  const counts = values.filter(({ metricName }) => metricName === 'http_request_duration_seconds_count');
  return counts.reduce((sum, { value }) => sum + value, 0);
}

/** The batches of reservations so far, and their requests, by the service's own metrics. */
async function batchesOf({ registry }: Metrics): Promise<{ count: number; requests: number }> {
  const { values = [] } = (await registry.getSingleMetric('batch_size')?.get()) ?? {};
  const sumOf = (name: string) => {
    const found = values.find(
      (value) => (value as { metricName?: string }).metricName === name && value.labels.batcher === 'reserve',
    );
    return found?.value ?? 0;
  };
  return { count: sumOf('batch_size_count'), requests: sumOf('batch_size_sum') };
}
