import { setTimeout as sleep } from 'node:timers/promises';
import { readTokens } from '../harness/load-users.js';
import { runChild } from './child.js';
import { openHttpConnection } from './http-connection.js';
import { requestAroundToken, type LoadRequest } from './http-request.js';
import { createThroughputRecorder, type LoadSummary } from './throughput-recorder.js';

/** No token is used twice. */
export interface LoadPlan extends LoadRequest {
  /** Ports on 127.0.0.1; the connections are distributed evenly. */
  readonly ports: readonly number[];
  readonly connections: number;
  readonly status: number;
  readonly warmUpMs: number;
  readonly windowMs: number;
}

export interface LoadResult extends LoadSummary {
  readonly unanswered: number;
  readonly outOfTokens: boolean;
}

/** How long the load generator waits for the last responses. */
const LAST_RESPONSE_TIMEOUT_MS = 30_000;

async function generateLoad(plan: LoadPlan): Promise<LoadResult> {
  const tokens = plan.tokensFile === undefined ? null : await readTokens(plan.tokensFile);
  const [head, tail] = requestAroundToken(plan);
  const recorder = createThroughputRecorder({ ...plan, clients: plan.connections, counted: plan.status });
  let sent = 0;
  let responses = 0;
  let ending = false;
  let outOfTokens = false;

  function nextRequest(): string | null {
    if (ending) return null;
    const token = tokens ? tokens[sent] : '';
    if (token === undefined) {
      outOfTokens = true;
      return null;
    }
    sent += 1;
    return token ? `${head}Authorization: Bearer ${token}\r\n${tail}` : head + tail;
  }

  const connections = Array.from({ length: plan.connections }, (_, index) =>
    openHttpConnection({
      port: plan.ports[index % plan.ports.length] ?? 0,
      nextRequest,
      onResponse(status, latencyMs) {
        responses += 1;
        recorder.record(index, status, latencyMs);
      },
    }),
  );
  await recorder.run();
  ending = true;
  const allClosed = Promise.all(connections.map(({ closed }) => closed));
  await Promise.race([allClosed, sleep(LAST_RESPONSE_TIMEOUT_MS, undefined, { ref: false })]);
  for (const connection of connections) connection.close();
  return { ...recorder.summarize(), unanswered: sent - responses, outOfTokens };
}

await runChild(async (plan: LoadPlan) => ({ result: await generateLoad(plan) }));
