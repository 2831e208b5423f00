import { setTimeout as sleep } from 'node:timers/promises';
import { createHistogram } from '../harness/histogram.js';
import { readTokens } from '../harness/crowd.js';
import { runChild } from './child.js';
import { clock } from './clock.js';
import { openLiveClient, openLiveClients, versionIn } from './live-client.js';
import type { LiveServerResult } from './live-server.js';

/** A few clients that look on while now and then somebody reserves. */
export interface LiveIdlePlan extends LiveServerResult {
  readonly dropId: string;
  readonly tokensFile: string;
  readonly clients: number;
  readonly changes: number;
  /** ms between two changes: more than a window, so that each is a lone one. */
  readonly every: number;
}

/** ms from the COMMIT to a client that has it. */
export interface LiveIdleResult {
  readonly p50: number;
  readonly p99: number;
  /** How many pictures came, of how many. */
  readonly heard: number;
}

async function lookOn({ port, controlPort, dropId, tokensFile, clients: count, changes, every }: LiveIdlePlan) {
  const tokens = await readTokens(tokensFile);
  const heard: { version: number; at: number }[] = [];
  const clients = await openLiveClients(count, () =>
    openLiveClient(port, dropId, (text) => {
      const [version, at] = [versionIn(text), clock()];
      // The first is of the drop as it was made.
      if (version > 1) heard.push({ version, at });
    }),
  );
  for (let change = 0; change < changes; change += 1) {
    const response = await fetch(`http://127.0.0.1:${port}/api/reservations`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${tokens[change]}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ dropId }),
    });
    if (response.status !== 201) throw new Error(`a reservation was answered ${response.status}`);
    await sleep(every * (0.5 + Math.random()) + every / 2);
  }
  const commits = (await (await fetch(`http://127.0.0.1:${controlPort}/commits`)).json()) as number[];
  if (commits.length !== changes) throw new Error(`${changes} reservations made ${commits.length} commits`);
  const delays = createHistogram();
  // A drop begins with version 1; what it costs to do everything for the first time is not counted.
  for (const { version, at } of heard) if (version > 12) delays.add(at - (commits[version - 2] ?? 0));
  for (const client of clients) client.terminate();
  const result: LiveIdleResult = { p50: delays.percentile(0.5), p99: delays.percentile(0.99), heard: heard.length };
  return result;
}

await runChild(async (plan: LiveIdlePlan) => ({ result: await lookOn(plan), close: () => Promise.resolve() }));
