import { connect } from 'node:net';
import { readTokens } from '../harness/crowd.js';
import { summarizeLatencies, type Latencies } from '../harness/statistics.js';
import { runChild } from './child.js';
import { statusOfAnswer } from './http-answer.js';
import { count } from './outcome.js';

/** What to ask, of whom, for how long. */
export interface LoadPlan {
  /** Ports on 127.0.0.1; the connections are spread over them evenly. */
  readonly ports: readonly number[];
  readonly connections: number;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** JSON. */
  readonly body?: string;
  /** One token a line; each request takes the next one, and none is used twice. */
  readonly tokensFile?: string;
  /** ms, after which counting begins. */
  readonly warmUp: number;
  /** ms. */
  readonly window: number;
}

/** What came back. */
export interface LoadResult {
  /** Answers in the window, a second. */
  readonly perSecond: number;
  /** Every answer by its status, those before and after the window too. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Of the requests answered in the window, in ms. */
  readonly latencies: Latencies;
  /** The share of one core that this process used in the window: near 1, it measures itself. */
  readonly generatorLoad: number;
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
  const statuses: Record<string, number> = {};
  const latencies: number[] = [];
  let next = 0;
  let waiting = 0;
  let ending = false;
  let outOfTokens = false;
  let from = Infinity;
  let to = Infinity;
  let failure: Error | undefined;

  function nextRequest(): string | null {
    if (ending) return null;
    if (!tokens) return head + tail;
    const token = tokens[next++];
    outOfTokens ||= token === undefined;
    return token === undefined ? null : `${head}Authorization: Bearer ${token}\r\n${tail}`;
  }

  const sockets = Array.from({ length: plan.connections }, (_, index) => {
    const socket = connect({ host: '127.0.0.1', port: plan.ports[index % plan.ports.length] ?? 0, noDelay: true });
    let partial: Buffer | null = null;
    let sentAt = 0;
    const send = () => {
      const request = nextRequest();
      if (request === null) {
        socket.end();
        return;
      }
      waiting += 1;
      sentAt = performance.now();
      socket.write(request, 'latin1');
    };
    socket.on('connect', send);
    socket.on('data', (chunk: Buffer) => {
      const data = partial ? Buffer.concat([partial, chunk]) : chunk;
      const status = statusOfAnswer(data);
      partial = status === null ? data : null;
      if (status === null) return;
      waiting -= 1;
      count(statuses, status);
      const now = performance.now();
      if (now >= from && now < to) latencies.push(now - sentAt);
      send();
    });
    socket.on('error', (error) => (failure = error));
    return { socket, closed: new Promise((resolve) => socket.once('close', resolve)) };
  });

  await delay(plan.warmUp);
  from = performance.now();
  const cpuBefore = process.cpuUsage();
  await delay(plan.window);
  to = performance.now();
  const cpu = process.cpuUsage(cpuBefore);
  ending = true;
  await Promise.race([Promise.all(sockets.map(({ closed }) => closed)), delay(PATIENCE)]);
  for (const { socket } of sockets) socket.destroy();
  if (failure) throw failure;
  const seconds = (to - from) / 1000;
  return {
    perSecond: latencies.length / seconds,
    statuses,
    latencies: summarizeLatencies(latencies),
    generatorLoad: (cpu.user + cpu.system) / 1e6 / seconds,
    unanswered: waiting,
    outOfTokens,
  };
}

/** The request as it is sent, before and after the place of its token. */
function requestAround({ method, path, body }: LoadPlan): [head: string, tail: string] {
  const content = body === undefined ? '' : `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`;
  return [`${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n`, `${content}\r\n${body ?? ''}`];
}

async function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}

await runChild(async (plan: LoadPlan) => ({ result: await generateLoad(plan), close: () => Promise.resolve() }));
