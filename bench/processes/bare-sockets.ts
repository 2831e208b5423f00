import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { runChild } from './child.js';

/** Socket.io alone: whoever subscribes is given the same picture. */
export interface BareSocketsPlan {
  readonly dropId: string;
}

await runChild(async ({ dropId }: BareSocketsPlan) => {
  const http = createServer();
  const sockets = new Server(http, { serveClient: false });
  const answer = { drops: [{ dropId, version: 1 }], serverTime: new Date().toISOString() };
  sockets.on('connection', (socket) => {
    socket.on('drops:subscribe', (_payload, acknowledge: (given: object) => void) => {
      acknowledge(answer);
    });
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return { result: { port: (http.address() as AddressInfo).port }, close: () => sockets.close() };
});
