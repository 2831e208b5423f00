import { setTimeout as sleep } from 'node:timers/promises';
import { clock, runChild } from './child.js';
import { openLiveClient, openLiveClients, type Snapshot } from './live-client.js';

/** Sockets that lose their connections at the same moment and reconnect at once. */
export interface LiveReconnectPlan {
  readonly port: number;
  readonly dropId: string;
  readonly sockets: number;
}

/** From the loss of the connections until the clients have a snapshot again. */
export interface LiveReconnectResult {
  readonly allMs: number;
  readonly medianMs: number;
  /** Distinct versions of the snapshots. */
  readonly versions: readonly number[];
}

/** Time for the server to complete its work for the first connections. */
const SETTLE_MS = 1_000;

async function reconnect({ port, dropId, sockets }: LiveReconnectPlan): Promise<LiveReconnectResult> {
  const open = () => openLiveClient(port, dropId, () => undefined);
  const first = await openLiveClients(sockets, open);
  await sleep(SETTLE_MS);
  const lostAt = clock();
  for (const client of first) client.terminate();
  const times: number[] = [];
  const clients = Array.from({ length: sockets }, open);
  const snapshots: Snapshot[] = await Promise.all(
    clients.map(async ({ subscribed }) => {
      const snapshot = await subscribed;
      times.push(clock() - lostAt);
      return snapshot;
    }),
  );
  for (const client of clients) client.terminate();
  const medianMs = times[Math.floor(sockets / 2)] ?? NaN;
  const versions = [...new Set(snapshots.map(({ version }) => version))];
  return { allMs: Math.max(...times), medianMs, versions };
}

await runChild(async (plan: LiveReconnectPlan) => ({ result: await reconnect(plan) }));
