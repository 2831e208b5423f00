import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createCounts } from '../abuse/generators/counts.js';
import { FIRST_ATTACKING_CLIENT, requestBytes } from '../abuse/generators/requests.js';
import { createResponseReader } from '../abuse/generators/response-reader.js';
import { signToken } from '../harness/load-users.js';
import { createHistogram, type Latencies } from '../harness/statistics.js';
import { clock, runChild } from './child.js';

export interface DropReadersPlan {
  readonly port: number;
  readonly dropId: string;
  /** Clients that fetch the drop after each purchase. */
  readonly readers: number;
  readonly purchasesPerSecond: number;
  /** The load user who purchases first; each purchase is by the next one. */
  readonly firstBuyer: number;
  /** In ms since 1970. */
  readonly startAt: number;
  readonly endAt: number;
}

export interface DropReadersResult {
  readonly purchases: number;
  /** Responses per second. */
  readonly reads: number;
  /** From the response to the purchase until a reader has the drop. */
  readonly delay: Latencies;
  /** Readers that still waited for the response to an earlier read when the next purchase was made. */
  readonly late: number;
  /** Responses by status. */
  readonly answers: Readonly<Record<string, number>>;
  /** Share of one core that this process used. */
  readonly cpuShare: number;
}

const LAST_RESPONSES_MS = 5_000;
/** Connections that are opened at once. */
const OPENED_AT_ONCE = 100;

interface Reader {
  readonly socket: Socket;
  isWaiting: boolean;
}

async function readAfterPurchases(plan: DropReadersPlan): Promise<DropReadersResult> {
  const { port, dropId, purchasesPerSecond, startAt, endAt } = plan;
  const answers = createCounts();
  const delays = createHistogram();
  let sentAt = 0;
  let [waiting, late, purchases] = [0, 0, 0];

  function openReader(): Promise<Reader> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, noDelay: true });
      const reader = { socket, isWaiting: false };
      const onResponse = (status: number) => {
        answers.add(status);
        delays.add(clock() - sentAt);
        reader.isWaiting = false;
        waiting -= 1;
      };
      socket.on('data', createResponseReader(onResponse));
      socket.once('connect', () => {
        resolve(reader);
      });
      socket.once('error', reject);
    });
  }

  const readers: Reader[] = [];
  while (readers.length < plan.readers) {
    const count = Math.min(OPENED_AT_ONCE, plan.readers - readers.length);
    readers.push(...(await Promise.all(Array.from({ length: count }, openReader))));
  }
  const request = requestBytes('GET', `/api/drops/${dropId}`, { client: FIRST_ATTACKING_CLIENT });

  await sleep(startAt - clock());
  const cpuBefore = process.cpuUsage();
  for (let dueAt = startAt; dueAt < endAt; dueAt += 1000 / purchasesPerSecond) {
    await sleep(dueAt - clock());
    await purchase(plan, plan.firstBuyer + purchases);
    purchases += 1;
    sentAt = clock();
    for (const reader of readers) {
      if (reader.isWaiting) late += 1;
      else {
        reader.isWaiting = true;
        waiting += 1;
        reader.socket.write(request);
      }
    }
  }
  const { user, system } = process.cpuUsage(cpuBefore);
  const tookMs = clock() - startAt;
  for (const deadline = clock() + LAST_RESPONSES_MS; waiting > 0 && clock() < deadline;) await sleep(5);
  if (waiting > 0) answers.add('no answer', waiting);
  for (const { socket } of readers) socket.destroy();
  return {
    purchases,
    reads: (delays.count * 1000) / tookMs,
    delay: { p50: delays.percentile(0.5), p99: delays.percentile(0.99) },
    late,
    answers: answers.counts,
    cpuShare: (user + system) / 1000 / tookMs,
  };
}

/** @throws if it is not granted. */
async function purchase({ port, dropId }: DropReadersPlan, buyer: number): Promise<void> {
  const send = async (path: string, body: object) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${signToken(buyer)}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (response.status !== 201) throw new Error(`POST ${path} returned ${response.status}`);
    return (await response.json()) as { data: { reservation: { id: string } } };
  };
  const { data } = await send('/api/reservations', { dropId });
  await send('/api/purchases', { reservationId: data.reservation.id });
}

await runChild(async (plan: DropReadersPlan) => ({ result: await readAfterPurchases(plan) }));
