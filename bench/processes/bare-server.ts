import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { Server } from 'socket.io';
import { CONSTANT_RESERVATION } from '../variants/constant-reservations.js';
import { runChild } from './child.js';

/** The libraries without the service: Express with one handler, or Socket.io that sends a constant snapshot of a drop. */
export type BareServerPlan = 'express' | { readonly dropId: string };

await runChild(async (plan: BareServerPlan) => {
  const http = createServer(plan === 'express' ? bareExpress() : undefined);
  const sockets = plan === 'express' ? null : bareSockets(plan.dropId).attach(http);
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return {
    result: { port: (http.address() as AddressInfo).port },
    async close() {
      await sockets?.close();
      http.close();
      http.closeAllConnections();
    },
  };
});

/** Without middleware or body parser. */
function bareExpress() {
  const { replayed: _, ...data } = CONSTANT_RESERVATION;
  return express().post('/api/reservations', (_req, res) => {
    res.status(201).json({ status: 'success', message: 'Unit reserved', data });
  });
}

function bareSockets(dropId: string) {
  const snapshot = { drops: [{ dropId, version: 1 }], serverTime: new Date().toISOString() };
  return new Server({ serveClient: false }).on('connection', (socket) => {
    socket.on('drops:subscribe', (_payload, acknowledge: (response: object) => void) => {
      acknowledge(snapshot);
    });
  });
}
