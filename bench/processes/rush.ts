import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { readTokens } from '../harness/load-users.js';
import { summarizeLatencies, type Latencies } from '../harness/statistics.js';
import { runChild } from './child.js';
import { statusOfResponse } from './http-connection.js';
import { requestAroundToken, type LoadRequest } from './http-request.js';
import { increment } from './throughput-recorder.js';

/** Buyers who click at set times, whether or not others have an answer, over connections that are open before. */
export interface RushPlan extends LoadRequest {
  readonly port: number;
  readonly connections: number;
  /** Each sends one request with a token of its own. Buyers of one connection send one after the other. */
  readonly buyers: number;
  /** Time over which the clicks are spread evenly. */
  readonly withinMs: number;
  /** How long after the last click the buyers wait for answers. */
  readonly timeoutMs: number;
}

export interface RushResult {
  /** Number of responses by status. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly unanswered: number;
  /** From the first click until the last response. */
  readonly lastAnswerMs: number;
  /** From the click. */
  readonly latencies: Latencies;
}

/** A server accepts as many connections at once without losing a packet. */
const CONNECTIONS_AT_ONCE = 100;

async function rush(plan: RushPlan): Promise<RushResult> {
  const { port, buyers, withinMs, timeoutMs } = plan;
  const tokens = (await readTokens(plan.tokensFile ?? '')).slice(0, buyers);
  const [head, tail] = requestAroundToken(plan);
  const requests = tokens.map((token) => `${head}Authorization: Bearer ${token}\r\n${tail}`);
  const outcomes: Record<string, number> = {};
  const latencies: number[] = [];
  let lastAnswerAt = 0;
  const onResponse = (status: number, clickedAt: number) => {
    lastAnswerAt = performance.now();
    increment(outcomes, status);
    latencies.push(lastAnswerAt - clickedAt);
  };
  const connections: Awaited<ReturnType<typeof openConnection>>[] = [];
  while (connections.length < plan.connections) {
    const count = Math.min(CONNECTIONS_AT_ONCE, plan.connections - connections.length);
    connections.push(...(await Promise.all(Array.from({ length: count }, () => openConnection(port, onResponse)))));
  }

  const beganAt = performance.now();
  for (let clicked = 0; clicked < buyers; await sleep(1)) {
    const due = Math.min(buyers, Math.ceil(((performance.now() - beganAt) * buyers) / withinMs));
    for (; clicked < due; clicked += 1) {
      const clickedAt = beganAt + (clicked * withinMs) / buyers;
      connections[clicked % connections.length]?.send(requests[clicked] ?? '', clickedAt);
    }
  }
  const giveUpAt = performance.now() + timeoutMs;
  while (latencies.length < buyers && performance.now() < giveUpAt) await sleep(10);
  for (const { socket } of connections) socket.destroy();
  return {
    outcomes,
    unanswered: buyers - latencies.length,
    lastAnswerMs: lastAnswerAt - beganAt,
    latencies: summarizeLatencies(latencies),
  };
}

/** Opens a connection that sends requests one after the other. */
async function openConnection(port: number, onResponse: (status: number, clickedAt: number) => void) {
  const socket: Socket = connect({ host: '127.0.0.1', port, noDelay: true });
  const waiting: { readonly request: string; readonly clickedAt: number }[] = [];
  let partial: Buffer | null = null;
  socket.on('data', (chunk: Buffer) => {
    const data = partial ? Buffer.concat([partial, chunk]) : chunk;
    const status = statusOfResponse(data);
    partial = status === null ? data : null;
    if (status === null) return;
    onResponse(status, waiting.shift()?.clickedAt ?? NaN);
    if (waiting[0]) socket.write(waiting[0].request, 'latin1');
  });
  await once(socket, 'connect');
  // A connection that breaks leaves its buyers without an answer, which is counted.
  socket.on('error', () => undefined);
  return {
    socket,
    send(request: string, clickedAt: number) {
      waiting.push({ request, clickedAt });
      if (waiting.length === 1) socket.write(request, 'latin1');
    },
  };
}

await runChild(async (plan: RushPlan) => ({ result: await rush(plan) }));
