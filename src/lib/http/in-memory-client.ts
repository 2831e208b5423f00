import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Duplex } from 'node:stream';

/** A connection to an HTTP server of this process, which need not listen: no other program can open one. */
export interface InMemoryConnection {
  /** Sends one request, as it would be sent over a network. Resolves with the status of its response; 0 if there is none. */
  request(text: string): Promise<number>;
  close(): void;
}

/** Connects to a server without a port. Call it after everything that adds listeners for requests. */
export function createInMemoryClient(server: Server): { connect(): InMemoryConnection } {
  const waiting = new WeakMap<Duplex, (status: number) => void>();
  server.on('request', ({ socket }: IncomingMessage, res: ServerResponse) => {
    res.once('close', () => waiting.get(socket)?.(res.writableFinished ? res.statusCode : 0));
  });

  return {
    connect() {
      const socket = new Duplex({
        read: () => undefined,
        write: (_chunk, _encoding, done) => {
          done();
        },
      });
      server.emit('connection', socket);
      return {
        request: (text) =>
          new Promise((resolve) => {
            waiting.set(socket, resolve);
            if (!socket.push(text, 'latin1') && socket.destroyed) resolve(0);
          }),
        close: () => socket.destroy(),
      };
    },
  };
}
