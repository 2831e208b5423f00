import type { IncomingMessage } from 'node:http';
import { ipKeyGenerator } from 'express-rate-limit';
import proxyaddr from 'proxy-addr';
import { createMeter } from './meter.js';
import type { DropSocket, SocketServer } from './socket-types.js';

interface ConnectionLimitsOptions {
  /** Connections that one address may have open; of IPv6, one network. */
  readonly maxPerAddress: number;
  /** Messages a second that one connection may send, of whatever kind; beyond it, it is cut. */
  readonly maxMessagesPerSecond: number;
  /** Whom to believe a client's address, as Express's `trust proxy`. */
  readonly trustProxy: boolean | number | string;
}

export interface ConnectionLimits {
  /** Whether the address of this request may open one more connection. */
  allows(req: IncomingMessage): boolean;
  /** Begins to count what this server's clients do. */
  watch(sockets: SocketServer): void;
}

/** What one address and one connection may take, of this process. */
export function createConnectionLimits(options: ConnectionLimitsOptions): ConnectionLimits {
  const { maxPerAddress, maxMessagesPerSecond } = options;
  const trust = compileTrust(options.trustProxy);
  const open = new Map<string, number>();

  const addressOf = (req: IncomingMessage) => ipKeyGenerator(proxyaddr(req, trust));

  return {
    allows: (req) => (open.get(addressOf(req)) ?? 0) < maxPerAddress,
    watch(sockets) {
      sockets.engine.on('connection', (connection: DropSocket['conn']) => {
        const address = addressOf(connection.request);
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

/** What Express makes of its setting. */
function compileTrust(setting: boolean | number | string): (address: string, hop: number) => boolean {
  if (typeof setting === 'boolean') return () => setting;
  if (typeof setting === 'number') return (_address, hop) => hop < setting;
  return proxyaddr.compile(setting.split(','));
}
