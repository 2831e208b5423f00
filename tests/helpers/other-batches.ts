import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp } from '../../src/app.js';
import type { Metrics } from '../../src/lib/metrics.js';
import { createServiceMetrics } from '../../src/metrics.js';
import { createStockBatches } from '../../src/inventory/stock-transaction.js';
import { createServices } from '../../src/modules/index.js';
import type { TestApp, TestUser } from './app.js';

export interface BatchSettings {
  readonly maxRunning?: number;
  readonly maxWaiting?: number;
  readonly queueTimeoutMs?: number;
}

/** The status, and the code of a problem. */
export type StatusAndCode = [status: number, code?: string];

/** The service of a test app on another port, with other limits for its batches. */
export interface ServiceWithBatches {
  readonly server: Server;
  readonly metrics: Metrics;
  /** Returns how many requests the batches of reservations received so far, and how many of them still wait. */
  reservations(): Promise<{ receivedCount: number; waiting: number }>;
  get(path: string): Promise<number>;
  reserve(user: TestUser, dropId: string): Promise<StatusAndCode>;
  /** Reserves on a separate connection. The returned function closes that connection. */
  reserveAndDisconnect(user: TestUser, dropId: string): () => void;
  purchase(user: TestUser, reservationId: string): Promise<StatusAndCode>;
}

/** The number that the context computes for a pool of 20. */
const MAX_RUNNING = 4;

export async function withBatches<T>(
  { context }: TestApp,
  settings: BatchSettings,
  work: (service: ServiceWithBatches) => Promise<T>,
): Promise<T> {
  const metrics = createServiceMetrics();
  const stockBatches = createStockBatches({ ...context, metrics, maxRunning: MAX_RUNNING, ...settings });
  const services = createServices({ ...context, stockBatches });
  const server = createServer(createApp({ ...context, metrics, services }).listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const pendingRequests: Promise<StatusAndCode>[] = [];
  async function post(path: string, user: TestUser, body: object): Promise<StatusAndCode> {
    const response = await fetch(`${url}/api/${path}`, {
      method: 'POST',
      headers: headersOf(user),
      body: JSON.stringify(body),
    });
    const { code } = (await response.json()) as { code?: string };
    if (response.status === 503 && response.headers.get('Retry-After') !== '1')
      throw new Error('503 without Retry-After: 1');
    return code === undefined ? [response.status] : [response.status, code];
  }

  function track(response: Promise<StatusAndCode>): Promise<StatusAndCode> {
    pendingRequests.push(response);
    return response;
  }

  try {
    return await work({
      server,
      metrics,
      async reservations() {
        const waiting = await metricOf(metrics, 'batch_waiting_requests', 'batch_waiting_requests', 'reserve');
        return {
          waiting,
          receivedCount: waiting + (await metricOf(metrics, 'batch_size', 'batch_size_sum', 'reserve')),
        };
      },
      get: async (path) => (await fetch(url + path)).status,
      reserve: (user, dropId) => track(post('reservations', user, { dropId })),
      reserveAndDisconnect(user, dropId) {
        const abandonedRequest = request(`${url}/api/reservations`, {
          method: 'POST',
          headers: headersOf(user),
          agent: false,
        });
        abandonedRequest.on('error', () => undefined);
        abandonedRequest.end(JSON.stringify({ dropId }));
        return () => abandonedRequest.destroy();
      },
      purchase: (user, reservationId) => track(post('purchases', user, { reservationId })),
    });
  } finally {
    server.closeAllConnections();
    server.close();
    // After a failed test, some requests may still be unanswered.
    await Promise.allSettled(pendingRequests);
  }
}

function headersOf({ token }: TestUser) {
  return { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` };
}

/** Returns a value of a metric by one of its labels; 0 if there is none. */
export async function metricOf({ registry }: Metrics, name: string, part: string, label: string): Promise<number> {
  const { values } = (await registry.getSingleMetric(name)?.get()) ?? { values: [] };
  const found = values.find((value) => {
    const { metricName = name } = value as { metricName?: string };
    return metricName === part && Object.values(value.labels).includes(label);
  });
  return found?.value ?? 0;
}
