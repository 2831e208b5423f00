import { once } from 'node:events';
import { createServer, type RequestListener, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { Server } from 'socket.io';
import { CONSTANT_RESERVATION } from '../variants/constant-reservations.js';
import { openRedisApp } from '../variants/redis-app.js';
import { runChild } from './child.js';

/**
 * Servers without the service: Node's HTTP server or Express with one handler and a constant response, Express with the stock
 * in Redis, or Socket.io that sends a constant snapshot of a drop.
 */
export type BareServerPlan =
  | { readonly kind: 'node' | 'express' }
  | { readonly kind: 'redis'; readonly redisUrl: string }
  | { readonly kind: 'sockets'; readonly dropId: string };

const { replayed: _, ...data } = CONSTANT_RESERVATION;
const ANSWER = { status: 'success', message: 'Unit reserved', data };

await runChild(async (plan: BareServerPlan) => {
  const http = createServer();
  const closeHandler = await addHandler(http, plan);
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return {
    result: { port: (http.address() as AddressInfo).port, controlPort: null },
    async close() {
      http.close();
      http.closeAllConnections();
      await closeHandler();
    },
  };
});

/** Returns the function that closes what the handler uses. */
async function addHandler(http: HttpServer, plan: BareServerPlan): Promise<() => Promise<void>> {
  switch (plan.kind) {
    case 'node':
      http.on('request', bareNode);
      return () => Promise.resolve();
    case 'express':
      http.on('request', bareExpress());
      return () => Promise.resolve();
    case 'redis': {
      const { listener, close } = await openRedisApp(plan.redisUrl);
      http.on('request', listener);
      return close;
    }
    case 'sockets': {
      const sockets = bareSockets(plan.dropId).attach(http);
      return () => sockets.close();
    }
  }
}

function bareNode(...[req, res]: Parameters<RequestListener>): void {
  const body = JSON.stringify(ANSWER);
  // The next request of the connection begins after the body of this one.
  req.resume();
  res.writeHead(201, { 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': Buffer.byteLength(body) });
  res.end(body);
}

/** Without middleware or body parser. */
function bareExpress() {
  return express().post('/api/reservations', (_req, res) => {
    res.status(201).json(ANSWER);
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
