import { setTimeout as sleep } from 'node:timers/promises';
import { readTokens, reserve } from '../harness/load-users.js';
import { createHistogram, type Latencies } from '../harness/statistics.js';
import { clock, runChild } from './child.js';
import { openLiveClient, openLiveClients, versionIn } from './live-client.js';
import type { ServerResult } from './server.js';

/** A few clients that follow a drop of which a unit is reserved now and then. */
export interface LiveIdlePlan extends ServerResult {
  readonly dropId: string;
  readonly tokensFile: string;
  readonly clients: number;
  readonly changes: number;
  /** Minimum time between changes; longer than a broadcast window, so that no two share a snapshot. */
  readonly intervalMs: number;
}

/** From COMMIT until a client has the snapshot. */
export interface LiveIdleResult extends Latencies {
  /** Snapshots of all clients. */
  readonly received: number;
}

/** The first changes are not counted: the first executions of the code take longer. A drop starts with version 1. */
const FIRST_COUNTED_VERSION = 13;

async function follow(plan: LiveIdlePlan): Promise<LiveIdleResult> {
  const { port, controlPort, dropId, changes, intervalMs } = plan;
  const tokens = await readTokens(plan.tokensFile);
  const received: { version: number; at: number }[] = [];
  const clients = await openLiveClients(plan.clients, () =>
    openLiveClient(port, dropId, (text) => {
      const [version, at] = [versionIn(text), clock()];
      // Version 1 is the snapshot of the new drop.
      if (version > 1) received.push({ version, at });
    }),
  );
  for (let change = 0; change < changes; change += 1) {
    await reserve(port, tokens[change] ?? '', dropId);
    await sleep(intervalMs * (1 + Math.random()));
  }
  const commits = (await (await fetch(`http://127.0.0.1:${controlPort}/commits`)).json()) as number[];
  if (commits.length !== changes) throw new Error(`${changes} reservations made ${commits.length} commits`);
  const delays = createHistogram();
  for (const { version, at } of received) {
    if (version >= FIRST_COUNTED_VERSION) delays.add(at - (commits[version - 2] ?? 0));
  }
  for (const client of clients) client.terminate();
  return { p50: delays.percentile(0.5), p99: delays.percentile(0.99), received: received.length };
}

await runChild(async (plan: LiveIdlePlan) => ({ result: await follow(plan) }));
