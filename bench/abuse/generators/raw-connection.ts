import { connect, type Socket } from 'node:net';
import type { createCounts } from './counts.js';

/** Prevents a loop without pauses if the service refuses every connection. */
const RECONNECT_DELAY_MS = 100;

/**
 * Attackers connect from an address other than that of the honest users, so that what the service does to the connections of
 * an address affects the attacker alone. Only Linux has it without further configuration.
 */
const LOCAL_ADDRESS = process.platform === 'linux' ? { localAddress: '127.0.0.2' } : {};

interface RawConnectionOptions {
  /** On 127.0.0.1. */
  readonly port: number;
  readonly counts: ReturnType<typeof createCounts>;
  /** Whether to connect again when the service has closed the connection. */
  readonly reconnects: boolean;
  onConnect(socket: Socket): void;
  /** Makes the function that takes the data of a new connection. */
  reader(socket: Socket): (chunk: Buffer) => void;
  onClose?(socket: Socket): void;
}

export type RawConnection = ReturnType<typeof openRawConnection>;

/** Opens a connection of the attacker. */
export function openRawConnection(options: RawConnectionOptions) {
  const { port, counts, reconnects } = options;
  let ended = false;
  let timer: NodeJS.Timeout | undefined;
  const reset = new WeakSet<Socket>();
  let socket = open();

  function open(): Socket {
    const opened = connect({ host: '127.0.0.1', port, noDelay: true, ...LOCAL_ADDRESS });
    let isConnected = false;
    opened.on('connect', () => {
      isConnected = true;
      options.onConnect(opened);
    });
    opened.on('data', options.reader(opened));
    // `close` follows.
    opened.on('error', () => undefined);
    opened.once('close', () => {
      if (ended) return;
      if (!reset.has(opened)) counts.add(isConnected ? 'connection closed' : 'connection refused');
      options.onClose?.(opened);
      if (!reconnects) return;
      timer = setTimeout(() => {
        socket = open();
      }, RECONNECT_DELAY_MS);
    });
    return opened;
  }

  return {
    get isOpen() {
      return socket.readyState === 'open';
    },
    /** Resets the connection and connects again. */
    restart() {
      reset.add(socket);
      socket.resetAndDestroy();
    },
    /** Resets the connection: a regular close would keep the port for a minute. */
    end() {
      ended = true;
      clearTimeout(timer);
      socket.resetAndDestroy();
    },
  };
}
