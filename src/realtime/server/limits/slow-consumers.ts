import type { Logger } from '../../../lib/logger.js';
import type { RealtimeMetrics } from '../../realtime.metrics.js';
import type { DropSocket, SocketServer } from '../socket-types.js';

/** Periodic, because a check at each packet would slow every packet down. */
const CHECK_INTERVAL_MS = 1_000;
/** For one client. Receivers share the text of a packet. */
const MAX_WAITING_PACKETS = 1_000;
/** For one client. Acknowledgements are not shared with other receivers. */
const MAX_WAITING_BYTES = 1_000_000;

/** The parts of an engine.io connection that its types omit. */
interface Connection {
  readonly writeBuffer: readonly { readonly data?: unknown }[];
  /** `socket` exists for websockets only. Its `bufferedAmount` is what the operating system has not accepted yet. */
  readonly transport: { readonly socket?: { readonly bufferedAmount: number; terminate(): void } };
}

/**
 * Disconnects clients that do not read what they are sent, so that their packets do not fill the memory. On reconnection they
 * subscribe again and receive a snapshot. Returns a function that ends the checks.
 */
export function disconnectSlowConsumers(sockets: SocketServer, logger: Logger, metrics: RealtimeMetrics): () => void {
  /** Sockets over the limit at the last check. A second check spares clients that are reading a burst. */
  let overLimit = new Set<DropSocket>();
  const timer = setInterval(() => {
    const previous = overLimit;
    overLimit = new Set();
    for (const socket of sockets.of('/').sockets.values()) {
      const { packets, bytes } = backlogOf(socket);
      if (packets <= MAX_WAITING_PACKETS && bytes <= MAX_WAITING_BYTES) continue;
      overLimit.add(socket);
      if (!previous.has(socket)) continue;
      metrics.slowConsumersDisconnected.inc();
      logger.info({ requestId: socket.data.requestId, packets, bytes }, 'Disconnecting a slow consumer');
      disconnect(socket);
    }
  }, CHECK_INTERVAL_MS);
  return () => {
    clearInterval(timer);
  };
}

function backlogOf({ conn }: DropSocket): { packets: number; bytes: number } {
  const { writeBuffer, transport } = conn as unknown as Connection;
  const buffered = transport.socket?.bufferedAmount ?? 0;
  const bytes = writeBuffer.reduce((sum, { data }) => sum + (typeof data === 'string' ? data.length : 0), buffered);
  return { packets: writeBuffer.length, bytes };
}

function disconnect({ conn }: DropSocket): void {
  const { transport } = conn as unknown as Connection;
  conn.close(true);
  // The close frame would wait half a minute behind the unread data.
  transport.socket?.terminate();
}
