import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp } from './app.js';
import { createContext, type Context, type ContextOverrides } from './context.js';
import type { Config } from './lib/config/index.js';
import { OperatorError } from './lib/errors/operator-error.js';
import { createMetricsServer } from './lib/metrics-server.js';
import { createSocketServer } from './realtime/socket-server.js';

/** The service, up and running. */
export interface Service {
  readonly context: Context;
  /** The port the API listens on; null for a process that is a worker only. */
  readonly port: number | null;
  /** Lets requests under way finish (10 s at most), then ends everything. */
  stop(): Promise<void>;
}

/** Another program has the port. */
export class PortTakenError extends OperatorError {
  override readonly name = 'PortTakenError';

  constructor(port: number, setting: string) {
    super(
      `Port ${port} is taken by another program.\n` +
        `Stop that program, or choose another port: ${setting}=${port + 1} npm start`,
    );
  }
}

/** ms. How long requests under way may take to finish. */
const DRAIN_TIMEOUT = 10_000;
/** ms. How often connections that have become idle meanwhile are closed. */
const IDLE_CHECK = 50;

/**
 * Starts the roles that the configuration names: the API with its sockets, the worker, or both.
 *
 * @throws {PortTakenError} with everything that was started stopped again; the errors of {@link createContext}.
 */
export async function startService(config: Config, overrides: ContextOverrides = {}): Promise<Service> {
  const context = await createContext(config, overrides);
  try {
    const api = config.role === 'worker' ? null : await startApi(context);
    const { metricsPort } = config.http;
    const metricsServer =
      metricsPort === undefined
        ? null
        : await listen(createMetricsServer(context.metrics), metricsPort, config.http.host, 'METRICS_PORT');
    if (config.role !== 'api') context.worker.start();

    return {
      context,
      port: api?.port ?? null,
      async stop() {
        context.readiness.closing = true;
        context.logger.info('stopping: letting requests finish');
        await Promise.all([api?.stop(), context.worker.stop()]);
        metricsServer?.close();
        await context.close();
      },
    };
  } catch (error) {
    await context.close();
    throw error;
  }
}

async function startApi(context: Context): Promise<{ port: number; stop: () => Promise<void> }> {
  const { config, tokens, broadcaster } = context;
  const http = createServer(createApp(context));
  const sockets = createSocketServer(http, { tokens, origins: config.http.origins });
  await listen(http, config.http.port, config.http.host, 'PORT');
  broadcaster.attach(sockets);
  return {
    port: (http.address() as AddressInfo).port,
    async stop() {
      // Closes the sockets and the HTTP server. Connections that are kept alive would hold it open after their answer, and
      // who has no answer when the time is over is cut.
      const idle = setInterval(() => {
        http.closeIdleConnections();
      }, IDLE_CHECK);
      const overdue = setTimeout(() => {
        http.closeAllConnections();
      }, DRAIN_TIMEOUT);
      await sockets.close();
      clearInterval(idle);
      clearTimeout(overdue);
    },
  };
}

async function listen(server: Server, port: number, host: string, setting: string): Promise<Server> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') throw new PortTakenError(port, setting);
    throw error;
  }
  return server;
}
