import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp } from '../../src/app.js';
import type { Metrics } from '../../src/lib/metrics.js';
import { createServiceMetrics } from '../../src/metrics.js';
import { createStockBatches } from '../../src/inventory/stock-batches.js';
import { createServices } from '../../src/modules/index.js';
import type { TestApp, TestUser } from './app.js';

export interface BatchSettings {
  readonly maxRunning?: number;
  readonly maxWaiting?: number;
  readonly maxWaitMs?: number;
}

/** The status, and the code of a problem. */
export type Answer = [status: number, code?: string];

/** The service of a test app on another port, with other limits for its batches. */
export interface ServiceWithBatches {
  readonly server: Server;
  readonly metrics: Metrics;
  /** Returns how many requests the batches of reservations received so far, and how many of them still wait. */
  reservations(): Promise<{ came: number; waiting: number }>;
  get(path: string): Promise<number>;
  reserve(user: TestUser, dropId: string): Promise<Answer>;
  /** Reserves on a separate connection. The returned function closes that connection. */
  reserveAndLeave(user: TestUser, dropId: string): () => void;
  purchase(user: TestUser, reservationId: string): Promise<Answer>;
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

  const asked: Promise<Answer>[] = [];
  async function post(path: string, user: TestUser, body: object): Promise<Answer> {
    const answer = await fetch(`${url}/api/${path}`, {
      method: 'POST',
      headers: headersOf(user),
      body: JSON.stringify(body),
    });
    const { code } = (await answer.json()) as { code?: string };
    if (answer.status === 503 && answer.headers.get('Retry-After') !== '1')
      throw new Error('503 without Retry-After: 1');
    return code === undefined ? [answer.status] : [answer.status, code];
  }

  function remember(answer: Promise<Answer>): Promise<Answer> {
    asked.push(answer);
    return answer;
  }

  try {
    return await work({
      server,
      metrics,
      async reservations() {
        const waiting = await metricOf(metrics, 'batch_waiting_requests', 'batch_waiting_requests', 'reserve');
        return { waiting, came: waiting + (await metricOf(metrics, 'batch_size', 'batch_size_sum', 'reserve')) };
      },
      get: async (path) => (await fetch(url + path)).status,
      reserve: (user, dropId) => remember(post('reservations', user, { dropId })),
      reserveAndLeave(user, dropId) {
        const leaving = request(`${url}/api/reservations`, { method: 'POST', headers: headersOf(user), agent: false });
        leaving.on('error', () => undefined);
        leaving.end(JSON.stringify({ dropId }));
        return () => leaving.destroy();
      },
      purchase: (user, reservationId) => remember(post('purchases', user, { reservationId })),
    });
  } finally {
    server.closeAllConnections();
    server.close();
    // After a failed test, some requests may still be unanswered.
    await Promise.allSettled(asked);
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
