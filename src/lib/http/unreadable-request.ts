import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { ValidationError } from '../errors/index.js';
import { problemBody } from './problem-response.js';

/** Answers what node's own parser refuses, which never becomes a request, as every other failure is answered. */
export function answerUnreadableRequests(server: Server, publicUrl: string): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const requestId = randomUUID();
    const problem = new ValidationError([{ path: 'request', message: 'is not HTTP that can be read' }]);
    const body = JSON.stringify(problemBody(problem, { publicUrl, instance: '', requestId }));
    socket.end(
      `HTTP/1.1 ${problem.status} Bad Request\r\nConnection: close\r\nX-Request-Id: ${requestId}\r\n` +
        `Content-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  });
}
