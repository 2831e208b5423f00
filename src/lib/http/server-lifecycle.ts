import { once } from 'node:events';
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { OperatorError } from '../errors/operator-error.js';

/** A port cannot be listened on. */
export class ListenError extends OperatorError {
  override readonly name: string = 'ListenError';
}

/** Another program listens on the port. */
export class PortTakenError extends ListenError {
  override readonly name = 'PortTakenError';
}

/** ms. How long requests under way may take to finish. */
const DRAIN_TIMEOUT = 10_000;
/** ms. How often connections that have become idle meanwhile are closed. */
const IDLE_CHECK = 50;

interface Address {
  readonly host: string;
  readonly port: number;
  /** The setting that chooses the port, for the message. */
  readonly setting: string;
}

/** Listens. @throws {ListenError} saying what is wrong with the port or the host, and what to do. */
export async function listen(server: Server, { host, port, setting }: Address): Promise<void> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      throw new PortTakenError(
        `Port ${port} is taken by another program.\n` +
          `Stop that program, or choose another port: ${setting}=${port + 1} npm start`,
      );
    }
    throw new ListenError(`Cannot listen on ${host}, port ${port} (HOST and ${setting}): ${message}`);
  }
}

/**
 * Prepares a server for its end; call it before the server listens. Returns what ends it: requests under way may finish
 * (10 s at most), and connections without one are closed.
 *
 * @param close closes the server for new connections, and resolves when the last one is gone.
 */
export function createDrain(server: Server, close: () => Promise<void>): () => Promise<void> {
  // Browsers connect ahead of their requests, and node does not count such a connection as idle.
  const unused = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  let draining = false;
  const use = ({ socket }: IncomingMessage) => unused.delete(socket);
  // Before the one who answers. A connection that always has a request under way would never be closed otherwise.
  server.prependListener('request', (req, res) => {
    use(req);
    if (draining) res.setHeader('Connection', 'close');
  });
  server.on('upgrade', use);

  return async () => {
    draining = true;
    const idle = setInterval(() => {
      server.closeIdleConnections();
    }, IDLE_CHECK);
    const overdue = setTimeout(() => {
      server.closeAllConnections();
    }, DRAIN_TIMEOUT);
    const closed = close();
    for (const socket of unused) socket.destroy();
    await closed;
    clearInterval(idle);
    clearTimeout(overdue);
  };
}
