import type { Logger } from '../../lib/logger.js';
import type { RealtimeMetrics } from '../realtime.metrics.js';
import type { DropSocket, SocketServer } from './socket-types.js';

/** ms. Between two looks at every socket: a look at each packet would cost each packet. */
const LOOK = 1_000;
/**
 * Packets that may wait for one client: of a drop that changes all the time, 50 seconds of pictures. Their text is shared by
 * all who are sent them.
 */
const MAX_PACKETS = 1_000;
/** Bytes that may wait for one client; the answers to its own calls are shared with nobody. */
const MAX_BYTES = 1_000_000;

/** What engine.io keeps of a connection, which its types keep to themselves. */
interface Connection {
  readonly writeBuffer: readonly { readonly data?: unknown }[];
  /** `socket`, of the websocket transport alone: ws's, which holds what the operating system has not taken yet. */
  readonly transport: { readonly socket?: { readonly bufferedAmount: number; terminate(): void } };
}

/**
 * Cuts clients that do not read what they are sent, so that they do not fill the server's memory; when they come back, they
 * subscribe again and are told how things stand. Returns what ends it.
 */
export function cutSlowReaders(sockets: SocketServer, logger: Logger, metrics: RealtimeMetrics): () => void {
  /** Those that were too far behind at the last look: a burst alone cuts nobody who reads. */
  let behind = new Set<DropSocket>();
  const timer = setInterval(() => {
    const before = behind;
    behind = new Set();
    for (const socket of sockets.of('/').sockets.values()) {
      const { packets, bytes } = backlogOf(socket);
      if (packets <= MAX_PACKETS && bytes <= MAX_BYTES) continue;
      behind.add(socket);
      if (!before.has(socket)) continue;
      metrics.slowReadersCut.inc();
      logger.info({ requestId: socket.data.requestId, packets, bytes }, 'a client that does not read is cut');
      cut(socket);
    }
  }, LOOK);
  return () => {
    clearInterval(timer);
  };
}

function backlogOf({ conn }: DropSocket): { packets: number; bytes: number } {
  const { writeBuffer, transport } = conn as unknown as Connection;
  const handedOver = transport.socket?.bufferedAmount ?? 0;
  const bytes = writeBuffer.reduce((sum, { data }) => sum + (typeof data === 'string' ? data.length : 0), handedOver);
  return { packets: writeBuffer.length, bytes };
}

function cut({ conn }: DropSocket): void {
  const { transport } = conn as unknown as Connection;
  conn.close(true);
  // Its farewell would wait behind what the client does not read, for half a minute.
  transport.socket?.terminate();
}
