import { setTimeout as sleep } from 'node:timers/promises';
import { clock } from '../../processes/child.js';
import type { Target, Traffic } from '../attack.js';
import { createCounts } from './counts.js';
import { openRawConnection, type RawConnection } from './raw-connection.js';
import { FIRST_ATTACKING_CLIENT, requestBytes } from './requests.js';
import { createResponseReader } from './response-reader.js';

/** Connections that are opened at the same time. */
const GROUP = 100;
const TICK_MS = 5;

/** Opens keep-alive connections, sends one request on each, and leaves them idle until the end. */
export async function holdIdleConnections({ port, startAt, endAt }: Target, count: number): Promise<Traffic> {
  const answers = createCounts();
  const connections: RawConnection[] = [];
  let settled = 0;
  while (connections.length < count && clock() < endAt) {
    const client = FIRST_ATTACKING_CLIENT + connections.length;
    connections.push(
      openRawConnection({
        port,
        counts: answers,
        reconnects: false,
        onConnect: (socket) => socket.write(requestBytes('GET', '/api/health', { client })),
        onClose: () => (settled += 1),
        reader: () =>
          createResponseReader((status) => {
            settled += 1;
            answers.add(status);
          }),
      }),
    );
    while (connections.length - settled >= GROUP && clock() < endAt) await sleep(1);
  }
  while (settled < count && clock() < endAt) await sleep(TICK_MS);
  if (clock() > startAt) answers.add('opened after the start');
  await sleep(endAt - clock());
  answers.add('still open at the end', connections.filter(({ isOpen }) => isOpen).length);
  for (const connection of connections) connection.end();
  return { perSecond: 0, answers: answers.counts };
}
