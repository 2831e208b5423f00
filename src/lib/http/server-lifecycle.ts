import { once } from 'node:events';
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { OperatorError } from '../errors/operator-error.js';

export class ListenError extends OperatorError {}

export class PortTakenError extends ListenError {}

const DRAIN_TIMEOUT_MS = 10_000;
const CLOSE_IDLE_INTERVAL_MS = 50;

interface Address {
  readonly host: string;
  readonly port: number;
  /** The setting that chooses the port, for the message. */
  readonly setting: string;
}

/** Starts listening. @throws {ListenError} saying what is wrong with the port or the host, and what to do. */
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
 * Prepares the graceful stop of a server; call it before the server listens. Returns the function that stops it: running
 * requests get 10 s to finish, idle connections are closed at once.
 *
 * @param close refuses new connections, and resolves when the last one is closed.
 */
export function createDrain(server: Server, close: () => Promise<void>): () => Promise<void> {
  // Browsers open connections before their requests, and closeIdleConnections() leaves those open.
  const unused = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  let draining = false;
  const markUsed = ({ socket }: IncomingMessage) => unused.delete(socket);
  // Before the listener that responds. A connection with one request after another would never become idle.
  server.prependListener('request', (req, res) => {
    markUsed(req);
    if (draining) res.setHeader('Connection', 'close');
  });
  server.on('upgrade', markUsed);

  return async () => {
    draining = true;
    const closeIdle = setInterval(() => {
      server.closeIdleConnections();
    }, CLOSE_IDLE_INTERVAL_MS);
    const deadline = setTimeout(() => {
      server.closeAllConnections();
    }, DRAIN_TIMEOUT_MS);
    const closed = close();
    for (const socket of unused) socket.destroy();
    await closed;
    clearInterval(closeIdle);
    clearTimeout(deadline);
  };
}
