import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { clock } from '../../processes/child.js';
import type { Target, Traffic } from '../attack.js';
import { createCounts } from './counts.js';
import { openRawConnection } from './raw-connection.js';
import { createResponseReader } from './response-reader.js';

interface PipelinedRequests {
  /** Requests that are written at once. */
  readonly depth: number;
  /** Minimum time between the writes. */
  readonly intervalMs: number;
  /** The bytes of all requests of one write. */
  requests(write: number): Buffer;
}

const TICK_MS = 5;

/** Writes many requests at once on one connection, and again when all are answered. */
export async function sendPipelined(target: Target, options: PipelinedRequests): Promise<Traffic> {
  const { port, startAt, endAt } = target;
  const { depth, intervalMs, requests } = options;
  const answers = createCounts();
  let current: Socket | null = null;
  let outstanding = 0;
  let sent = 0;
  const connection = openRawConnection({
    port,
    counts: answers,
    reconnects: true,
    onConnect(socket) {
      current = socket;
      outstanding = 0;
    },
    onClose() {
      current = null;
    },
    reader: () =>
      createResponseReader((status) => {
        answers.add(status);
        outstanding -= 1;
      }),
  });
  const socket = () => current;

  await sleep(startAt - clock());
  let notBefore = startAt;
  for (let write = 0; clock() < endAt; await sleep(TICK_MS)) {
    if (outstanding > 0 || clock() < notBefore) continue;
    const open = socket();
    if (!open) continue;
    open.write(requests(write));
    write += 1;
    outstanding = depth;
    sent += depth;
    notBefore = clock() + intervalMs;
  }
  connection.end();
  return { perSecond: (sent * 1000) / (endAt - startAt), answers: answers.counts };
}
