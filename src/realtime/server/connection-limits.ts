import type { IncomingMessage } from 'node:http';
import type { ClientAddress } from '../../lib/http/client-address.js';
import { createMeter } from './rate-limiter.js';
import type { DropSocket, SocketServer } from './socket-types.js';

interface ConnectionLimitsOptions {
  /** Connections that one address may have open; of IPv6, one network of 64 bits. */
  readonly maxPerAddress: number;
  /** Messages a second that one connection may send, of whatever kind; beyond it, it is cut. */
  readonly maxMessagesPerSecond: number;
  readonly clientAddress: ClientAddress;
}

export interface ConnectionLimits {
  /** Whether the address of this request may open one more connection. */
  allows(req: IncomingMessage): boolean;
  /** Begins to count what this server's clients do. */
  watch(sockets: SocketServer): void;
}

/** What one address and one connection may take, of this process. */
export function createConnectionLimits(options: ConnectionLimitsOptions): ConnectionLimits {
  const { maxPerAddress, maxMessagesPerSecond, clientAddress } = options;
  const open = new Map<string, number>();

  return {
    allows: (req) => (open.get(clientAddress(req)) ?? 0) < maxPerAddress,
    watch(sockets) {
      sockets.engine.on('connection', (connection: DropSocket['conn']) => {
        const address = clientAddress(connection.request);
        open.set(address, (open.get(address) ?? 0) + 1);
        connection.once('close', () => {
          const left = (open.get(address) ?? 1) - 1;
          if (left > 0) open.set(address, left);
          else open.delete(address);
        });

        const isTooMany = createMeter(maxMessagesPerSecond);
        connection.on('packet', ({ type }: { type: string }) => {
          if (type === 'message' && isTooMany()) connection.close(true);
        });
      });
    },
  };
}
