import { setTimeout as sleep } from 'node:timers/promises';
import { createHistogram, type Latencies } from '../harness/statistics.js';
import { clock, runChild } from './child.js';
import { openLiveClient, openLiveClients, versionIn } from './live-client.js';
import type { ChangesPlan, PublishedChanges } from './publish-changes.js';
import type { Memory, ServerResult } from './server.js';

export interface LiveLoadPlan extends ServerResult {
  readonly dropId: string;
  readonly sockets: number;
  readonly perSecond: number;
  readonly warmUpMs: number;
  readonly windowMs: number;
}

export interface LiveLoadResult {
  /** Of the server, per connection. */
  readonly memory: Memory;
  /** Changes per second, until all clients had the last one. */
  readonly delivered: number;
  readonly cpuMsPerChange: number;
  /** Share of one core that the server used. */
  readonly serverCpuShare: number;
  /** From when a change was due until a client had it or a newer one. */
  readonly delay: Latencies;
  /** Snapshots per second and client. */
  readonly snapshots: number;
  /** Clients without the last version soon after the end. */
  readonly behind: number;
  /** Snapshots with a version that was not newer than the one before. */
  readonly outOfOrder: number;
  /** Share of one core that this process used. */
  readonly cpuShare: number;
}

/** Time between the request to publish and the first change. */
const START_DELAY_MS = 500;
const LAST_SNAPSHOT_TIMEOUT_MS = 10_000;

async function follow({ port, controlPort, dropId, sockets, perSecond, warmUpMs, windowMs }: LiveLoadPlan) {
  const control = async <T>(path: string, body?: object): Promise<T> => {
    const request = { ...(body && { method: 'POST', body: JSON.stringify(body) }) };
    return (await (await fetch(`http://127.0.0.1:${controlPort}${path}`, request)).json()) as T;
  };

  // The first connections allocate memory once for all; they are not counted.
  const first = await openLiveClients(100, () => openLiveClient(port, dropId, () => undefined));
  const before = await control<Memory>('/memory');
  const versions = new Uint32Array(sockets).fill(1);
  const delays = createHistogram();
  let startAt = Infinity;
  let outOfOrder = 0;
  let snapshots = 0;
  /** All clients receive the same text: its version is read once. */
  let latest = { text: '', version: 0 };

  function record(index: number, text: string): void {
    const now = clock();
    snapshots += 1;
    if (text !== latest.text) latest = { text, version: versionIn(text) };
    const { version } = latest;
    const known = versions[index] ?? 0;
    if (version <= known) outOfOrder += 1;
    versions[index] = version;
    if (now < startAt + warmUpMs) return;
    for (let each = known + 1; each <= version; each += 1) delays.add(now - startAt - ((each - 1) * 1000) / perSecond);
  }

  const clients = await openLiveClients(sockets, (index) =>
    openLiveClient(port, dropId, (text) => {
      record(index, text);
    }),
  );
  await sleep(START_DELAY_MS);
  const after = await control<Memory>('/memory');

  startAt = clock() + START_DELAY_MS;
  const changes: ChangesPlan = {
    dropId,
    perSecond,
    startAt,
    countFromMs: warmUpMs,
    countToMs: warmUpMs + windowMs,
  };
  const publishing = control<PublishedChanges>('/publish', changes);
  await sleep(startAt + warmUpMs - clock());
  const [cpuBefore, began] = [process.cpuUsage(), clock()];
  const { lastVersion, cpuMs } = await publishing;
  const [{ user, system }, ended] = [process.cpuUsage(cpuBefore), clock()];
  const countBehind = () => versions.filter((version) => version !== lastVersion).length;
  for (const end = clock() + LAST_SNAPSHOT_TIMEOUT_MS; countBehind() > 0 && clock() < end;) await sleep(5);

  const delivered = ((lastVersion - 1) * 1000) / (clock() - startAt);
  const result: LiveLoadResult = {
    memory: { rss: (after.rss - before.rss) / sockets, heap: (after.heap - before.heap) / sockets },
    delivered,
    cpuMsPerChange: cpuMs / windowMs / (delivered / 1000),
    serverCpuShare: cpuMs / windowMs,
    delay: { p50: delays.percentile(0.5), p99: delays.percentile(0.99) },
    snapshots: (snapshots * 1000) / sockets / (clock() - startAt),
    behind: countBehind(),
    outOfOrder,
    cpuShare: (user + system) / 1000 / (ended - began),
  };
  for (const client of [...first, ...clients]) client.terminate();
  return result;
}

await runChild(async (plan: LiveLoadPlan) => ({ result: await follow(plan) }));
