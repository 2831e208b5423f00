import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Browsers and proxies send one request after another on a connection of HTTP/1.1. */
const MAX_REQUESTS_IN_FLIGHT = 16;

interface ConnectionState {
  inFlight: number;
  isRefused: boolean;
}

/**
 * Limits the requests of one connection that are served at once. The first one beyond the limit is refused, its response closes
 * the connection, and until then nothing more is read from it. Node itself emits every request that a client sends ahead,
 * about two thousand for each 64 kB that it reads.
 *
 * The limit includes the requests that Socket.io takes before the app. Call it after everything that serves requests of this
 * server has added its listener.
 *
 * @param refuse sends the refusal.
 */
export function limitPipelining(server: Server, refuse: RequestListener): void {
  const listeners = server.listeners('request');
  const connections = new WeakMap<Socket, ConnectionState>();

  function stateOf(socket: Socket): ConnectionState {
    let state = connections.get(socket);
    if (!state) {
      state = { inFlight: 0, isRefused: false };
      connections.set(socket, state);
    }
    return state;
  }

  server.removeAllListeners('request');
  server.on('request', (req: IncomingMessage, res: ServerResponse) => {
    const { socket } = req;
    const state = stateOf(socket);
    // Parsed from the same bytes as the refused one. A client sends those again that have no response.
    if (state.isRefused) return;
    if (state.inFlight >= MAX_REQUESTS_IN_FLIGHT) {
      state.isRefused = true;
      stopReading(socket);
      res.setHeader('Connection', 'close');
      refuse(req, res);
      return;
    }
    state.inFlight += 1;
    res.once('close', () => {
      state.inFlight -= 1;
    });
    for (const serve of listeners) serve.call(server, req, res);
  });
}

/** Nothing that is in flight has to be read to its end: a request is emitted after the one before it was read. */
function stopReading(socket: Socket): void {
  socket.pause();
  // Node resumes a socket after each response.
  socket.on('resume', () => socket.pause());
}
