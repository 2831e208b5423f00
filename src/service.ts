import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkNotRunning } from './already-running.js';
import { createApp } from './app.js';
import { createContext, type Context, type ContextOverrides } from './context.js';
import { createDisposalStack, type DisposalStack } from './lib/disposal-stack.js';
import type { Config } from './lib/config/index.js';
import { untilReachable } from './lib/db/connect.js';
import { createDrain, listen, PortTakenError } from './lib/http/server-lifecycle.js';
import { answerUnreadableRequests } from './lib/http/unreadable-request.js';
import { createMetricsServer } from './lib/metrics-server.js';
import { createDropsService } from './modules/drops/drops.service.js';
import { startRealtime, joinClusterWithoutSockets } from './realtime/start-realtime.js';

/**
 * ms. Load balancers keep their connections for a minute, most of them: whoever closes one first must not be the server,
 * which would lose a request that is on its way.
 */
const KEEP_ALIVE = 65_000;

/** The service, up and running. */
export interface Service {
  readonly context: Context;
  /** The port the API listens on; null for a process that is a worker only. */
  readonly port: number | null;
  /**
   * Turns `/readyz` red at once, stops sweeping, serves on for the shutdown delay, lets requests under way finish (10 s at
   * most), and ends everything.
   */
  stop(): Promise<void>;
}

/**
 * Starts the roles that the configuration names: the API with its sockets, the worker, or both.
 *
 * @throws {AlreadyRunningError} if this service has the port already.
 * @throws {ListenError} and the errors of {@link createContext}, with everything that was started stopped again.
 */
export async function startService(config: Config, overrides: ContextOverrides = {}): Promise<Service> {
  await checkNotRunning(config);
  const context = await createContext(config, overrides);
  const closers = createDisposalStack(context.logger);
  closers.add('context', context.close);
  try {
    await startMetrics(context, closers);
    const port = config.role === 'worker' ? null : await startApi(context, closers, overrides);
    if (config.role === 'worker') {
      closers.add('peers', joinClusterWithoutSockets(context));
    }
    if (config.role !== 'api') {
      context.worker.start();
      closers.add('worker', () => context.worker.stop());
    }
    return {
      context,
      port,
      async stop() {
        context.readiness.closing = true;
        context.logger.info('stopping: letting requests finish');
        await closers.closeAll();
      },
    };
  } catch (error) {
    await closers.closeAll();
    // Two that start at the same moment find each other only now.
    if (error instanceof PortTakenError) await checkNotRunning(config);
    throw error;
  }
}

async function startApi(
  context: Context,
  closers: DisposalStack,
  { pollLedger = true, signal }: ContextOverrides,
): Promise<number> {
  const { config, db, broadcaster, logger } = context;
  const { publicUrl, host, port, shutdownDelay } = config.http;
  const http = createServer({ keepAliveTimeout: KEEP_ALIVE }, createApp(context).listener);
  answerUnreadableRequests(http, publicUrl);
  const { getMany: getDrops } = createDropsService({ db, publish: broadcaster.publish, publicUrl });
  const live = startRealtime(http, { ...context, getDrops, pollLedger });
  closers.add('live feed', live.stop);
  const drain = createDrain(http, live.closeSockets);
  await untilReachable(live.start, { logger, signal });
  await listen(http, { host, port, setting: 'PORT' });
  closers.add('API', drain);
  // A load balancer that looks every few seconds would go on sending to a port that is closed.
  if (shutdownDelay > 0) closers.add('notice to load balancers', () => sleep(shutdownDelay));
  return (http.address() as AddressInfo).port;
}

async function startMetrics({ config, metrics }: Context, closers: DisposalStack): Promise<void> {
  const { host, metricsPort } = config.http;
  if (metricsPort === undefined) return;
  const server = createMetricsServer(metrics);
  await listen(server, { host, port: metricsPort, setting: 'METRICS_PORT' });
  closers.add('metrics', () => {
    server.close();
    server.closeAllConnections();
  });
}
