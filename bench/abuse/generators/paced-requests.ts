import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { clock } from '../../processes/child.js';
import type { Target, Traffic } from '../attack.js';
import { createCounts } from './counts.js';
import { openRawConnection } from './raw-connection.js';
import { createResponseReader } from './response-reader.js';

interface PacedRequests {
  /** Keep-alive connections; each has one request in flight at most. */
  readonly connections: number;
  readonly perSecond: number;
  /** The bytes of a request. */
  request(sequence: number, connection: number): Buffer;
}

const TICK_MS = 5;
const LAST_RESPONSES_MS = 1_000;

/**
 * Sends requests at a steady rate. A request that is due while every connection waits for a response is left out, so that the
 * rate reached may be lower.
 */
export async function sendPacedRequests(
  { port, startAt, endAt }: Pick<Target, 'port' | 'startAt' | 'endAt'>,
  { connections, perSecond, request }: PacedRequests,
): Promise<Traffic> {
  const answers = createCounts();
  const idle: { socket: Socket; index: number }[] = [];
  let sent = 0;
  let answered = 0;
  const opened = Array.from({ length: connections }, (_, index) =>
    openRawConnection({
      port,
      counts: answers,
      reconnects: true,
      onConnect: (socket) => idle.push({ socket, index }),
      reader: (socket) =>
        createResponseReader((status) => {
          answers.add(status);
          answered += 1;
          idle.push({ socket, index });
        }),
    }),
  );

  await sleep(startAt - clock());
  let due = 0;
  for (let now = clock(); now < endAt; now = clock()) {
    const dueNow = Math.floor(((now - startAt) * perSecond) / 1000);
    for (; due < dueNow; due += 1) {
      const next = takeOpen(idle);
      if (!next) break;
      next.socket.write(request(sent, next.index));
      sent += 1;
    }
    due = dueNow;
    await sleep(TICK_MS);
  }
  for (const deadline = clock() + LAST_RESPONSES_MS; answered < sent && clock() < deadline;) await sleep(TICK_MS);
  if (answered < sent) answers.add('no answer', sent - answered);
  for (const connection of opened) connection.end();
  return { perSecond: (sent * 1000) / (endAt - startAt), answers: answers.counts };
}

/** Takes the connection that has been idle for longest, and discards those that were closed. */
function takeOpen(idle: { socket: Socket; index: number }[]) {
  for (let next = idle.shift(); next; next = idle.shift()) if (next.socket.readyState === 'open') return next;
  return null;
}
