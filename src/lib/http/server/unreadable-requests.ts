import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  HeadersTooLargeError,
  PayloadTooLargeError,
  RequestTimeoutError,
  ValidationError,
  type AppError,
} from '../../errors/index.js';
import { rawProblem } from '../problem-response.js';
import type { Connections } from './connections.js';

/**
 * Closes connections whose request Node's parser refuses or did not receive in time, and those that ask for a tunnel. A problem is
 * sent before, unless the client would take it for another response.
 */
export function answerUnreadableRequests(server: Server, connections: Connections, publicUrl: string): void {
  function refuse(socket: Duplex, problem: AppError): void {
    if (connections.mayWrite(socket)) writeAndClose(socket, rawProblem(problem, publicUrl));
    else socket.destroy();
  }

  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (error.code === 'ECONNRESET') socket.destroy();
    else refuse(socket, problemOf(error));
  });
  server.on('connect', (_req, socket) => {
    // Node has removed its own listener.
    socket.on('error', () => socket.destroy());
    refuse(
      socket,
      new ValidationError([{ path: 'request', message: 'asks for a tunnel, which this server does not open' }]),
    );
  });
}

/** Writes a whole response, and closes the connection without waiting for the client to close it. */
export function writeAndClose(socket: Duplex, response: string): void {
  socket.write(response, () => socket.destroy());
  // The client has not read earlier responses.
  if (socket.writableLength > 0) socket.destroy();
}

function problemOf({ code }: NodeJS.ErrnoException): AppError {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new RequestTimeoutError();
    case 'HPE_HEADER_OVERFLOW':
      return new HeadersTooLargeError();
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return new PayloadTooLargeError();
    default:
      return new ValidationError([{ path: 'request', message: 'is not valid HTTP' }]);
  }
}
