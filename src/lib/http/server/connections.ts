import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** The open connections of a server. */
export interface Connections {
  /**
   * Whether a response that belongs to no request may be written to a connection: no other response is being sent on it, and
   * the client expects none before this one.
   */
  mayWrite(socket: Duplex): boolean;
  /** Closes up to `count` connections that have waited for a request for at least `minIdleMs`, the longest idle ones first. */
  closeIdle(count: number, minIdleMs: number): { readonly closed: number };
  /**
   * Closes all connections; requests in flight get some time to finish.
   *
   * @param close refuses new connections, disconnects the sockets, and resolves when the last connection is closed.
   */
  drain(close: () => Promise<void>, timeouts: DrainTimeouts): Promise<void>;
}

interface DrainTimeouts {
  /** For requests that were received completely. */
  readonly drainTimeoutMs: number;
  /** For clients that have to send the rest of a request, or to confirm the end of a websocket. */
  readonly closeTimeoutMs: number;
}

interface Connection {
  /** Requests whose response is not finished. */
  running: number;
  /** The response to the last request, until that request has arrived completely and the response is finished. */
  last: ServerResponse | undefined;
}

/**
 * Watches the connections of a server. Call it after everything that adds listeners for requests, and before the server listens.
 *
 * @param maxIdle how many connections may wait for a request; beyond it the longest idle one is closed.
 */
export function watchConnections(server: Server, maxIdle: number): Connections {
  const open = new Map<Duplex, Connection>();
  /** Since when they are idle, the longest idle one first. Connections without a complete request are idle, too. */
  const idle = new Map<Socket, number>();
  let draining = false;

  function closeIdle(count: number, minIdleMs: number) {
    const latest = performance.now() - minIdleMs;
    let closed = 0;
    for (const [socket, since] of idle) {
      if (closed === count || since > latest) break;
      socket.destroy();
      // The event `close` follows later.
      idle.delete(socket);
      closed += 1;
    }
    return { closed };
  }

  function becomeIdle(socket: Socket): void {
    if (draining) {
      socket.destroy();
      return;
    }
    idle.set(socket, performance.now());
    if (idle.size > maxIdle) closeIdle(1, 0);
  }

  server.on('connection', (socket: Socket) => {
    open.set(socket, { running: 0, last: undefined });
    becomeIdle(socket);
    socket.once('close', () => {
      open.delete(socket);
      idle.delete(socket);
    });
  });

  // Before the listener that responds.
  server.prependListener('request', (req: IncomingMessage, res: ServerResponse) => {
    const { socket } = req;
    const connection = open.get(socket);
    if (!connection) return;
    connection.running += 1;
    connection.last = res;
    idle.delete(socket);
    if (draining || offersOtherProtocol(req)) res.setHeader('Connection', 'close');
    res.once('close', () => {
      connection.running -= 1;
      if (connection.last === res && req.complete) connection.last = undefined;
      if (connection.running === 0 && open.has(socket)) becomeIdle(socket);
    });
  });
  server.on('upgrade', ({ socket }: IncomingMessage) => idle.delete(socket));

  // With this listener Node leaves it to the listener to close the connection. A request may wait long for the database.
  server.on('timeout', (socket: Socket) => {
    if (socket.writableLength > 0 || open.get(socket)?.running === 0) socket.destroy();
  });

  return {
    mayWrite(socket) {
      const connection = open.get(socket);
      if (!connection || !socket.writable) return false;
      const { running, last } = connection;
      if (!last || last.req.complete) return running === 0;
      // The error is in the body of the last request.
      return running === 1 && !last.headersSent;
    },
    closeIdle,
    async drain(close, { drainTimeoutMs, closeTimeoutMs }) {
      draining = true;
      const closed = close();
      // Browsers open connections before they have requests.
      for (const socket of idle.keys()) socket.destroy();
      const timers = [
        setTimeout(() => {
          for (const [socket, connection] of open) if (waitsForClient(connection)) socket.destroy();
        }, closeTimeoutMs),
        setTimeout(() => {
          for (const socket of open.keys()) socket.destroy();
        }, drainTimeoutMs),
      ];
      await closed;
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

/** A websocket, or a request that has not arrived completely. */
function waitsForClient({ running, last }: Connection): boolean {
  return running === 0 || (running === 1 && last?.req.complete === false);
}

/**
 * Whether the response has to be the last one: what follows the request in the same packet is of the other protocol for Node's
 * parser, which discards it.
 */
function offersOtherProtocol({ headers }: IncomingMessage): boolean {
  return headers.upgrade !== undefined;
}
