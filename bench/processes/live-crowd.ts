import { setTimeout as sleep } from 'node:timers/promises';
import { createHistogram } from '../harness/histogram.js';
import type { Announced, Announcement } from './announce-changes.js';
import { runChild } from './child.js';
import { clock } from './clock.js';
import { openLiveClients, openLiveClient, versionIn } from './live-client.js';
import type { LiveServerResult, Memory } from './live-server.js';

/** A crowd that follows one drop while it changes. */
export interface LiveCrowdPlan extends LiveServerResult {
  readonly dropId: string;
  readonly sockets: number;
  readonly perSecond: number;
  /** ms */
  readonly warmUp: number;
  /** ms */
  readonly window: number;
}

export interface LiveCrowdResult {
  /** Of the server, a connection, in bytes. */
  readonly memory: Memory;
  /** Changes a second, until everybody knew of the last. */
  readonly delivered: number;
  /** ms of the server's processors for each of them. */
  readonly cpuPerChange: number;
  /** Share of one core that the server used. */
  readonly cpuShare: number;
  /** ms from when a change was due until a client had it, or a newer one. */
  readonly delay: { readonly p50: number; readonly p99: number };
  /** Pictures that a client was sent, a second. */
  readonly pictures: number;
  /** Clients that did not have the last version soon after the end. */
  readonly behind: number;
  /** Where a client was sent a version that was not newer. */
  readonly backwards: number;
  /** Share of a core that this process used. */
  readonly load: number;
}

/** ms between the request to begin and the beginning. */
const NOTICE = 500;
/** ms. How long the last picture may take. */
const PATIENCE = 10_000;

async function follow({ port, controlPort, dropId, sockets, perSecond, warmUp, window }: LiveCrowdPlan) {
  const control = async <T>(path: string, body?: object): Promise<T> =>
    (await (
      await fetch(`http://127.0.0.1:${controlPort}${path}`, {
        ...(body && { method: 'POST', body: JSON.stringify(body) }),
      })
    ).json()) as T;

  // What the first connections cost once is no part of what each costs.
  const first = await openLiveClients(100, () => openLiveClient(port, dropId, () => undefined));
  const before = await control<Memory>('/memory');
  const versions = new Uint32Array(sockets).fill(1);
  const delays = createHistogram();
  const startAt = { of: Infinity };
  let backwards = 0;
  let pictures = 0;
  /** Everybody is sent the same text: it is read once. */
  let latest = { text: '', version: 0 };

  function take(index: number, text: string): void {
    const now = clock();
    pictures += 1;
    if (text !== latest.text) latest = { text, version: versionIn(text) };
    const { version } = latest;
    const known = versions[index] ?? 0;
    if (version <= known) backwards += 1;
    versions[index] = version;
    if (now < startAt.of + warmUp) return;
    for (let each = known + 1; each <= version; each += 1)
      delays.add(now - startAt.of - ((each - 1) * 1000) / perSecond);
  }

  const clients = await openLiveClients(sockets, (index) =>
    openLiveClient(port, dropId, (text) => {
      take(index, text);
    }),
  );
  await sleep(NOTICE);
  const after = await control<Memory>('/memory');

  startAt.of = clock() + NOTICE;
  const announcement: Announcement = {
    dropId,
    perSecond,
    startAt: startAt.of,
    countFrom: warmUp,
    countTo: warmUp + window,
  };
  const announcing = control<Announced>('/announce', announcement);
  await sleep(startAt.of + warmUp - clock());
  const [cpuBefore, began] = [process.cpuUsage(), clock()];
  const { lastVersion, cpu } = await announcing;
  const [{ user, system }, ended] = [process.cpuUsage(cpuBefore), clock()];
  const behind = () => versions.filter((version) => version !== lastVersion).length;
  for (const end = clock() + PATIENCE; behind() > 0 && clock() < end;) await sleep(5);

  const delivered = ((lastVersion - 1) * 1000) / (clock() - startAt.of);
  const result: LiveCrowdResult = {
    memory: { rss: (after.rss - before.rss) / sockets, heap: (after.heap - before.heap) / sockets },
    delivered,
    cpuPerChange: cpu / window / (delivered / 1000),
    cpuShare: cpu / window,
    delay: { p50: delays.percentile(0.5), p99: delays.percentile(0.99) },
    pictures: (pictures * 1000) / sockets / (clock() - startAt.of),
    behind: behind(),
    backwards,
    load: (user + system) / 1000 / (ended - began),
  };
  for (const client of [...first, ...clients]) client.terminate();
  return result;
}

await runChild(async (plan: LiveCrowdPlan) => ({ result: await follow(plan), close: () => Promise.resolve() }));
