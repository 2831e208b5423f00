import { setTimeout as sleep } from 'node:timers/promises';
import { readTokens } from '../harness/load-users.js';
import { runChild } from './child.js';
import { openHttpConnection } from './http-connection.js';
import { requestAroundToken, type LoadRequest } from './http-request.js';
import { increment } from './throughput-recorder.js';
import { untilReady } from './until-ready.js';

/** No token is used twice. */
export interface FirstSecondPlan extends LoadRequest {
  /** On 127.0.0.1; the server need not listen yet. */
  readonly port: number;
  readonly connections: number;
  readonly tokensFile: string;
  /** When the window of the steady state begins, after the first response of /readyz, and how long it is. */
  readonly steadyAfterMs: number;
  readonly windowMs: number;
}

export interface FirstSecondResult {
  /** 201 responses in the first second after /readyz. */
  readonly firstSecond: number;
  /** 201 responses per second in the later window. */
  readonly steadyPerSecond: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly unanswered: number;
}

const LAST_RESPONSE_TIMEOUT_MS = 30_000;

async function measure(plan: FirstSecondPlan): Promise<FirstSecondResult> {
  const { port, steadyAfterMs, windowMs } = plan;
  const tokens = await readTokens(plan.tokensFile);
  const [head, tail] = requestAroundToken(plan);
  const outcomes: Record<string, number> = {};
  let sent = 0;
  let responses = 0;
  let firstSecond = 0;
  let steady = 0;
  let ending = false;

  await untilReady(port);
  const since = performance.now();
  const connections = Array.from({ length: plan.connections }, () =>
    openHttpConnection({
      port,
      nextRequest() {
        if (ending) return null;
        const token = tokens[sent];
        if (token === undefined) throw new Error('there are too few load users');
        sent += 1;
        return `${head}Authorization: Bearer ${token}\r\n${tail}`;
      },
      onResponse(status) {
        responses += 1;
        increment(outcomes, status);
        if (status !== 201) return;
        const elapsed = performance.now() - since;
        if (elapsed < 1_000) firstSecond += 1;
        if (elapsed >= steadyAfterMs && elapsed < steadyAfterMs + windowMs) steady += 1;
      },
    }),
  );
  await sleep(steadyAfterMs + windowMs);
  ending = true;
  const allClosed = Promise.all(connections.map(({ closed }) => closed));
  await Promise.race([allClosed, sleep(LAST_RESPONSE_TIMEOUT_MS, undefined, { ref: false })]);
  for (const connection of connections) connection.close();
  return { firstSecond, steadyPerSecond: (steady * 1000) / windowMs, outcomes, unanswered: sent - responses };
}

await runChild(async (plan: FirstSecondPlan) => ({ result: await measure(plan) }));
