import { setTimeout as sleep } from 'node:timers/promises';
import { runChild } from './child.js';
import { clock } from './clock.js';
import { openLiveClient, openLiveClients, type SeenPicture } from './live-client.js';
import type { LiveServerResult } from './live-server.js';

/** A crowd that loses its connections, all in the same moment, and comes back at once. */
export interface LiveReconnectPlan extends Pick<LiveServerResult, 'port'> {
  readonly dropId: string;
  readonly sockets: number;
}

export interface LiveReconnectResult {
  /** ms from the moment the connections were lost until everybody had a snapshot again. */
  readonly all: number;
  readonly median: number;
  /** Versions of the snapshots. */
  readonly versions: readonly number[];
}

/** ms. So that the server has noticed what there is to notice of the first connections. */
const REST = 1_000;

async function reconnect({ port, dropId, sockets }: LiveReconnectPlan): Promise<LiveReconnectResult> {
  const open = () => openLiveClient(port, dropId, () => undefined);
  const first = await openLiveClients(sockets, open);
  await sleep(REST);
  const lostAt = clock();
  for (const client of first) client.terminate();
  const times: number[] = [];
  const clients = Array.from({ length: sockets }, open);
  const pictures: SeenPicture[] = await Promise.all(
    clients.map(async ({ subscribed }) => {
      const picture = await subscribed;
      times.push(clock() - lostAt);
      return picture;
    }),
  );
  for (const client of clients) client.terminate();
  const median = times[Math.floor(sockets / 2)] ?? NaN;
  return { all: Math.max(...times), median, versions: [...new Set(pictures.map(({ version }) => version))] };
}

await runChild(async (plan: LiveReconnectPlan) => ({ result: await reconnect(plan), close: () => Promise.resolve() }));
