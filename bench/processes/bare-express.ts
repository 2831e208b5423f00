import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { runChild } from './child.js';
import { CONSTANT_HOLD } from '../variants/constant-reservations.js';

// Express with one handler, that reads nothing and answers always the same. No middleware, no body parser.
await runChild(async () => {
  const app = express();
  const { replayed: _, ...data } = CONSTANT_HOLD;
  app.post('/api/reservations', (_req, res) => {
    res.status(201).json({ status: 'success', message: 'Unit reserved', data });
  });
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    result: { port: (server.address() as AddressInfo).port },
    close: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
});
