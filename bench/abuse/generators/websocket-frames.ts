import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { clock } from '../../processes/child.js';
import type { Target, Traffic } from '../attack.js';
import { createCounts } from './counts.js';
import { openRawConnection } from './raw-connection.js';
import { addressOf, FIRST_ATTACKING_CLIENT } from './requests.js';

const FINAL_TEXT = 0x81;
const FINAL_PING = 0x89;
const FINAL_CLOSE = 0x88;
const MASKED = 0x80;
/** A mask of zeros leaves the payload as it is. */
const MASK = [0, 0, 0, 0];

/** A text frame of a client, of at most 125 bytes. */
export function textFrame(text: string): Buffer {
  return Buffer.from([FINAL_TEXT, MASKED | text.length, ...MASK, ...Buffer.from(text)]);
}

/** A websocket ping without a payload. */
export function pingFrame(): Buffer {
  return Buffer.from([FINAL_PING, MASKED, ...MASK]);
}

/** As many copies of a frame, for one write. */
export function repeat(frame: Buffer, count: number): Buffer {
  return Buffer.concat(Array.from({ length: count }, () => frame));
}

interface FrameFlood {
  readonly clients: number;
  /** Default 1. */
  readonly connectionsPerClient?: number;
  /** Bytes of one write. */
  readonly write: Buffer;
  readonly frames: number;
  /** Time between two writes of a client. A client whose last write is not sent yet leaves one out. */
  readonly intervalMs: number;
  /** Sends the first write in place of the CONNECT packet of a client, and connects again before each further one. */
  readonly connectsAgain?: boolean;
}

const TICK_MS = 5;
const HEAD_END = '\r\n\r\n';
const CONNECT = textFrame('40');

/**
 * Opens websockets of Socket.io, and sends frames on each. Each client has an address, and connects again when it was cut. Its
 * handshakes count as requests, as its writes do.
 */
export async function floodWebsockets({ port, startAt, endAt }: Target, flood: FrameFlood): Promise<Traffic> {
  const { clients, connectionsPerClient = 1, write, frames, intervalMs, connectsAgain = false } = flood;
  const answers = createCounts();
  const open = new Map<number, Socket>();
  let handshakes = 0;
  const connections = Array.from({ length: clients * connectionsPerClient }, (_, index) =>
    openRawConnection({
      port,
      counts: answers,
      reconnects: true,
      onConnect(socket) {
        socket.write(handshake(index % clients));
        if (clock() >= startAt) handshakes += 1;
      },
      onClose: () => open.delete(index),
      reader: (socket) =>
        createFrameReader({
          onHandshake(status) {
            answers.add(status);
            if (status !== 101) return;
            if (!connectsAgain) socket.write(CONNECT);
            open.set(index, socket);
          },
          // A client that does not answer the closing handshake would keep a connection that is closed for the service.
          onClosing: () => socket.destroy(),
        }),
    }),
  );

  await sleep(startAt - clock());
  let sent = 0;
  const nextAt = connections.map((_, index) => startAt + (intervalMs * index) / connections.length);
  const written = new WeakSet<Socket>();
  for (let now = clock(); now < endAt; await sleep(TICK_MS), now = clock()) {
    for (const [index, socket] of open) {
      if (now < (nextAt[index] ?? 0)) continue;
      if (connectsAgain && written.has(socket)) {
        open.delete(index);
        connections[index]?.restart();
        continue;
      }
      nextAt[index] = Math.max((nextAt[index] ?? 0) + intervalMs, now);
      if (socket.writableLength > 0) continue;
      socket.write(write);
      written.add(socket);
      sent += 1;
    }
  }
  answers.add('frames', sent * frames);
  answers.add('still open at the end', open.size);
  for (const connection of connections) connection.end();
  return { perSecond: ((handshakes + sent) * 1000) / (endAt - startAt), answers: answers.counts };
}

function handshake(client: number): string {
  return [
    'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1',
    'Host: 127.0.0.1',
    `X-Forwarded-For: ${addressOf(FIRST_ATTACKING_CLIENT + client)}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    '\r\n',
  ].join('\r\n');
}

interface FrameListeners {
  onHandshake(status: number): void;
  /** Called when the service has begun the closing handshake. */
  onClosing(): void;
}

/** Reads the response to a handshake and, of the frames that follow, only those that close the connection. */
function createFrameReader({ onHandshake, onClosing }: FrameListeners): (chunk: Buffer) => void {
  let head: string | null = '';
  return (chunk) => {
    if (head === null) {
      if (endsWithClose(chunk)) onClosing();
      return;
    }
    head += chunk.toString('latin1');
    if (!head.includes(HEAD_END)) return;
    const status = Number(head.slice(9, 12));
    head = null;
    onHandshake(status);
  };
}

/** Whether the last frame closes the connection, with a code or without. No other frame of the service ends with these bytes. */
function endsWithClose(chunk: Buffer): boolean {
  return (chunk.at(-4) === FINAL_CLOSE && chunk.at(-3) === 2) || (chunk.at(-2) === FINAL_CLOSE && chunk.at(-1) === 0);
}
