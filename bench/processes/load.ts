import { setTimeout as sleep } from 'node:timers/promises';
import { readTokens } from '../harness/crowd.js';
import { runChild } from './child.js';
import { openHttpConnection } from './http-connection.js';
import { createMeter, type Reading } from './meter.js';

/** What to ask, of whom, for how long. */
export interface LoadPlan {
  /** Ports on 127.0.0.1; the connections are spread over them evenly. */
  readonly ports: readonly number[];
  readonly connections: number;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** JSON, in ASCII. */
  readonly body?: string;
  /** One token a line; each request takes the next one, and none is used twice. */
  readonly tokensFile?: string;
  /** The status that counts. */
  readonly status: number;
  /** ms, see {@link createMeter}. */
  readonly warmUp: number;
  /** ms. */
  readonly window: number;
}

/** What came back: outcomes are statuses. */
export interface LoadResult extends Reading {
  /** Requests that no answer came to. */
  readonly unanswered: number;
  /** Whether tokens ran out before the time did. */
  readonly outOfTokens: boolean;
}

/** ms. How long the last answers are waited for. */
const PATIENCE = 30_000;

async function generateLoad(plan: LoadPlan): Promise<LoadResult> {
  const tokens = plan.tokensFile === undefined ? null : await readTokens(plan.tokensFile);
  const [head, tail] = requestAround(plan);
  const meter = createMeter({ callers: plan.connections, good: plan.status, ...plan });
  let sent = 0;
  let answered = 0;
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
      onAnswer(status, took) {
        answered += 1;
        meter.record(index, status, took);
      },
    }),
  );
  await meter.run();
  ending = true;
  const allClosed = Promise.all(connections.map(({ closed }) => closed));
  await Promise.race([allClosed, sleep(PATIENCE, undefined, { ref: false })]);
  for (const connection of connections) connection.close();
  return { ...meter.read(), unanswered: sent - answered, outOfTokens };
}

/** The request as it is sent, before and after the place of its token. */
function requestAround({ method, path, body }: LoadPlan): [head: string, tail: string] {
  const content = body === undefined ? '' : `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`;
  return [`${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n`, `${content}\r\n${body ?? ''}`];
}

await runChild(async (plan: LoadPlan) => ({ result: await generateLoad(plan), close: () => Promise.resolve() }));
