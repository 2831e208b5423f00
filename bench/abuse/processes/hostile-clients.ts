import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { spreadOf, type Spread } from '../../harness/statistics.js';
import { clock, runChild } from '../../processes/child.js';
import { createCounts } from '../generators/counts.js';
import { addressOf, FIRST_ATTACKING_CLIENT } from '../generators/requests.js';
import { createResponseReader } from '../generators/response-reader.js';

export type HostileKind = 'silent' | 'slow-headers' | 'slow-body' | 'unknown-upgrade';

export interface HostilePlan {
  readonly port: number;
  readonly kinds: readonly HostileKind[];
  /** Connections of each kind. */
  readonly count: number;
  /** In ms since 1970. The connections are opened at the first, and those that the service left open are closed at the second. */
  readonly startAt: number;
  readonly endAt: number;
}

export interface HostileResult {
  /** Time from the start until all connections were open, in ms. */
  readonly openedMs: number;
  readonly answers: Readonly<Record<string, number>>;
  /** Time from the start until the service had closed a connection, in ms; null if it closed none. */
  readonly closedMs: Spread | null;
}

const SEND_INTERVAL_MS = 1_000;
const CLIENT_CLOSES_AFTER_MS = 2_000;

const HOST = 'Host: 127.0.0.1\r\n';
const HEALTH = `GET /api/health HTTP/1.1\r\n${HOST}`;

/** What each kind sends first, and then once a second. */
const SENT: Readonly<Record<HostileKind, readonly [first: string, repeated: string]>> = {
  silent: ['', ''],
  'slow-headers': [HEALTH, 'X-Slow: yes\r\n'],
  'slow-body': [
    `POST /api/users/login HTTP/1.1\r\n${HOST}Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"email":"`,
    'a',
  ],
  // The upgrade follows the first response.
  'unknown-upgrade': [`${HEALTH}\r\n`, ''],
};

await runChild(async (plan: HostilePlan) => ({ result: await holdConnections(plan) }));

async function holdConnections({ port, kinds, count, startAt, endAt }: HostilePlan): Promise<HostileResult> {
  await sleep(startAt - clock());
  const answers = createCounts();
  const closed: number[] = [];
  const sockets = await Promise.all(
    kinds.flatMap((kind) => Array.from({ length: count }, (_, index) => open(kind, index))),
  );
  const openedMs = clock() - startAt;
  await sleep(endAt - clock());
  answers.add('closed by the service', closed.length);
  for (const socket of sockets) socket.destroy();
  return { openedMs, answers: answers.counts, closedMs: closed.length > 0 ? spreadOf(closed) : null };

  function open(kind: HostileKind, index: number): Promise<Socket> {
    const [first, repeated] = SENT[kind];
    let hasUpgraded = false;
    return new Promise((resolve) => {
      const socket = connect({ host: '127.0.0.1', port, noDelay: true }, () => {
        socket.write(first.replace(HOST, `${HOST}X-Forwarded-For: ${addressOf(FIRST_ATTACKING_CLIENT + index)}\r\n`));
        resolve(socket);
      });
      const timer = setInterval(() => {
        if (repeated !== '' && socket.writable) socket.write(repeated);
      }, SEND_INTERVAL_MS);
      const read = createResponseReader((status) => {
        answers.add(status);
        if (kind !== 'unknown-upgrade' || hasUpgraded) return;
        // Like a client that leaves: the service has to close its side as well.
        hasUpgraded = true;
        socket.write(`${HEALTH}Connection: Upgrade\r\nUpgrade: foo\r\n\r\n`);
        setTimeout(() => socket.end(), CLIENT_CLOSES_AFTER_MS);
      });
      socket.on('data', read);
      socket.on('error', () => {
        resolve(socket);
      });
      socket.once('close', () => {
        clearInterval(timer);
        if (clock() < endAt) closed.push(clock() - startAt);
      });
    });
  }
}
