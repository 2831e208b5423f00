import type { IncomingMessage } from 'node:http';
import type { ClientAddress } from '../../lib/http/request/client-address.js';
import { createRateLimiter } from './rate-limiter.js';
import type { DropSocket, SocketServer } from './socket-types.js';

interface ConnectionLimitsOptions {
  /** Open connections of one address; of one /64 network for IPv6. */
  readonly maxPerAddress: number;
  /** Messages of any kind that one connection may send in a second. A connection that sends more is closed. */
  readonly maxMessagesPerSecond: number;
  readonly clientAddress: ClientAddress;
}

/** Limits the connections of each address and the messages of each connection, in this process. */
export function createConnectionLimits(options: ConnectionLimitsOptions) {
  const { maxPerAddress, maxMessagesPerSecond, clientAddress } = options;
  const open = new Map<string, number>();

  return {
    /** Whether the address of this request may open another connection. */
    allows: (req: IncomingMessage) => (open.get(clientAddress(req)) ?? 0) < maxPerAddress,
    /** Starts counting the connections and messages of this server. */
    watch(sockets: SocketServer) {
      sockets.engine.on('connection', (connection: DropSocket['conn']) => {
        const address = clientAddress(connection.request);
        open.set(address, (open.get(address) ?? 0) + 1);
        connection.once('close', () => {
          const left = (open.get(address) ?? 1) - 1;
          if (left > 0) open.set(address, left);
          else open.delete(address);
        });

        const exceedsLimit = createRateLimiter(maxMessagesPerSecond);
        connection.on('packet', ({ type }: { type: string }) => {
          if (type === 'message' && exceedsLimit()) connection.close(true);
        });
      });
    },
  };
}
