import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import WebSocket from 'ws';
import type { TestApp } from './app.js';
import { until } from './locks.js';

export const OPCODE = { continuation: 0, text: 1, ping: 9, pong: 10 } as const;

/** A server without limits would read them all: a flood that is not stopped ends. */
const MAX_FLOOD_WRITES = 50;
const FIN_BIT = 0x80;
const MASKED_BIT = 0x80;
const NO_MASK = Buffer.alloc(4);

/** A websocket frame of a client, of up to 65535 bytes. The mask is 0, so the payload is readable. */
export function frame(opcode: number, payload = '', { fin = true } = {}): Buffer {
  const data = Buffer.from(payload);
  const head = [fin ? FIN_BIT | opcode : opcode];
  if (data.length < 126) head.push(MASKED_BIT | data.length);
  else head.push(MASKED_BIT | 126, data.length >> 8, data.length & 0xff);
  return Buffer.concat([Buffer.from(head), NO_MASK, data]);
}

/** A websocket to the service that sends bytes as they are. */
export interface RawWebSocket {
  /** The messages that it received, of engine.io. */
  readonly messages: readonly string[];
  isClosed(): boolean;
  /** Sends these bytes in one write. */
  write(bytes: Buffer): void;
  /** Sends these bytes again and again, and resolves once the server has closed the connection. */
  flood(bytes: Buffer): Promise<void>;
  close(): void;
}

/** Opens a websocket, and a Socket.io socket on it unless `sid` names an engine.io session to upgrade. @throws a refusal. */
export async function openRawWebSocket(
  app: Pick<TestApp, 'url'>,
  { sid, headers = {} }: { sid?: string; headers?: Readonly<Record<string, string>> } = {},
): Promise<RawWebSocket> {
  const query = sid === undefined ? '' : `&sid=${sid}`;
  const url = `${app.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket${query}`;
  const websocket = new WebSocket(url, { headers });
  const messages: string[] = [];
  websocket.on('message', (data: Buffer) => messages.push(data.toString()));
  await once(websocket, 'open');
  // The server may reset the connection.
  websocket.on('error', () => undefined);
  const { _socket: stream } = websocket as unknown as { _socket: Socket };
  const isClosed = () => websocket.readyState === WebSocket.CLOSED;
  return {
    messages,
    isClosed,
    write: (bytes) => void stream.write(bytes),
    async flood(bytes) {
      for (let writes = 0; writes < MAX_FLOOD_WRITES && !stream.destroyed; writes += 1) {
        stream.write(bytes);
        await setImmediate();
      }
      await until('the server to close the connection', isClosed);
    },
    close: () => {
      websocket.terminate();
    },
  };
}
