import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkNotRunning } from './already-running.js';
import { createApp } from './app.js';
import { createContext, type Context } from './context.js';
import { resolveJwtSecret } from './lib/auth/jwt-secret.js';
import { loadPasswordRules, NO_PASSWORD_RULES } from './lib/auth/password-rules.js';
import { createDisposalStack, type DisposalStack } from './lib/process/disposal-stack.js';
import type { Config } from './lib/config/index.js';
import { untilReachable } from './lib/db/connect.js';
import type { PgClientClass } from './lib/db/database.js';
import type { PoolTimeLimits } from './lib/db/pool-settings.js';
import { createFailureLog } from './lib/failure-log.js';
import { watchConnections } from './lib/http/server/connections.js';
import { limitPipelining } from './lib/http/pipelining.js';
import { createHttpServer, HTTP_LIMITS, type HttpLimits } from './lib/http/server/create-server.js';
import { guardDescriptors } from './lib/http/server/descriptors.js';
import { listen, PortTakenError } from './lib/http/server/lifecycle.js';
import { answerUnreadableRequests } from './lib/http/server/unreadable-requests.js';
import { createLogger, type Logger } from './lib/logger.js';
import { createMetricsServer } from './lib/metrics.js';
import { createServiceMetrics, type ServiceMetrics } from './metrics.js';
import { prepareDatabase } from './prepare-database.js';
import { DEMO_ACCOUNTS } from './seed/demo-data.js';
import { isWebSocketRequest } from './realtime/server/socket-server.js';
import { startRealtime, joinClusterWithoutSockets } from './realtime/start-realtime.js';
import { warmUp } from './warm-up.js';

/** What a process or a test supplies in place of the defaults. */
export interface ServiceOverrides {
  readonly logger?: Logger;
  readonly metrics?: ServiceMetrics;
  /** The client class of the pool. Tests pass one that removes a protection from the SQL, to show that it is needed. */
  readonly PgClient?: PgClientClass;
  /** Tests pass longer ones, so that they do not depend on the speed of the machine. */
  readonly poolTimeLimits?: PoolTimeLimits;
  /** As `poolTimeLimits`; see {@link createBatcher}. */
  readonly queueTimeoutMs?: number;
  /** bcrypt's cost factor. Tests pass a low one. */
  readonly passwordCost?: number;
  /** As `poolTimeLimits`; see {@link createSharedCounts}. */
  readonly redisWaitMs?: number;
  /** In place of some of HTTP_LIMITS. */
  readonly httpLimits?: Partial<HttpLimits>;
  /** False: sockets receive only what this process publishes. */
  readonly pollLedger?: boolean;
  /** Whether to warm up before the API listens. Default: in production. */
  readonly warmUp?: boolean;
  /** As `poolTimeLimits`; see {@link warmUp}. */
  readonly maxWarmUpMs?: number;
  /** Ends a start that waits for the database, with an AbortError. */
  readonly signal?: AbortSignal;
}

export interface Service {
  readonly context: Context;
  /** The port the API listens on; null for a process that is a worker only. */
  readonly port: number | null;
  /**
   * Makes `/readyz` fail at once, stops the worker, serves on for the shutdown delay, waits up to 10 s for requests in
   * flight, and closes everything.
   */
  stop(): Promise<void>;
}

/**
 * Starts the roles that the configuration names: the API with its sockets, the worker, or both.
 *
 * @throws {AlreadyRunningError} this service listens on the port already.
 * @throws {ListenError} and the errors of {@link openContext}, after everything that was started is stopped again.
 */
export async function startService(config: Config, overrides: ServiceOverrides = {}): Promise<Service> {
  await checkNotRunning(config);
  const context = await openContext(config, overrides, async (opened) => {
    const isNeeded = config.role !== 'worker' && (overrides.warmUp ?? config.env === 'production');
    // Before the service is wired: its metrics do not observe the connections yet.
    if (isNeeded) await warmUp({ config, ...opened, maxDurationMs: overrides.maxWarmUpMs });
  });
  const disposal = createDisposalStack(context.logger);
  disposal.add('context', context.close);
  try {
    await startMetrics(context, disposal, overrides);
    const port = config.role === 'worker' ? null : await startApi(context, disposal, overrides);
    if (config.role === 'worker') {
      disposal.add('cluster', joinClusterWithoutSockets(context));
    }
    if (config.role !== 'api') {
      context.worker.start();
      disposal.add('worker', () => context.worker.stop());
      context.accountWorker.start();
      disposal.add('account worker', () => context.accountWorker.stop());
    }
    return {
      context,
      port,
      async stop() {
        context.readiness.closing = true;
        context.logger.info('Stopping: waiting for requests in flight');
        await disposal.closeAll();
      },
    };
  } catch (error) {
    await disposal.closeAll();
    // Two processes that start at the same moment find the port taken only here.
    if (error instanceof PortTakenError) await checkNotRunning(config);
    throw error;
  }
}

type Opened = Pick<Parameters<typeof warmUp>[0], 'database' | 'jwtSecret' | 'logger'>;

/**
 * Opens and migrates the database, and wires the process.
 *
 * @param beforeWiring runs in between.
 * @throws the errors of {@link prepareDatabase} or an OperatorError, after everything that was opened is closed again.
 */
export async function openContext(
  config: Config,
  overrides: ServiceOverrides = {},
  beforeWiring: (opened: Opened) => Promise<void> = () => Promise.resolve(),
): Promise<Context> {
  const {
    logger = createLogger(config),
    metrics = createServiceMetrics(),
    queueTimeoutMs,
    passwordCost,
    redisWaitMs,
    ...others
  } = overrides;
  const disposal = createDisposalStack(logger);
  const failures = createFailureLog(logger);
  disposal.add('failure log', failures.close);
  try {
    const database = await prepareDatabase(config, { ...others, logger, failures, disposal });
    warnOfLocalPublicUrl(config, logger);
    const jwtSecret = await resolveJwtSecret(config);
    await beforeWiring({ database, jwtSecret, logger });
    const redis = config.redisUrl ? await import('./redis.js') : undefined;
    const passwordRules = config.env === 'production' ? await loadPasswordRules() : NO_PASSWORD_RULES;
    return createContext({
      config,
      logger,
      failures,
      metrics,
      database,
      jwtSecret,
      passwordRules,
      redis,
      queueTimeoutMs,
      passwordCost,
      redisWaitMs,
      disposal,
    });
  } catch (error) {
    await disposal.closeAll();
    throw error;
  }
}

function warnOfLocalPublicUrl({ http, env }: Config, logger: Logger): void {
  if (env === 'production' && new URL(http.publicUrl).hostname === 'localhost') {
    logger.warn({ publicUrl: http.publicUrl }, 'PUBLIC_URL is not set: links in responses work on this machine only');
  }
}

async function startApi(
  context: Context,
  disposal: DisposalStack,
  { pollLedger = true, signal, httpLimits }: ServiceOverrides,
): Promise<number> {
  const { config, services, logger } = context;
  const { publicUrl, host, port, shutdownDelayMs, maxIdleConnections } = config.http;
  const limits = { ...HTTP_LIMITS, ...httpLimits };
  const demoAccounts = context.config.seed ? DEMO_ACCOUNTS : undefined;
  const app = createApp(context, { demoAccounts });
  const http = createHttpServer(app.listener, { limits, acceptsUpgrade: isWebSocketRequest });
  context.refusalCounts.start();
  disposal.add('counts of refusals', context.refusalCounts.stop);
  const live = startRealtime(http, { ...context, getDrops: services.drops.getMany, pollLedger });
  disposal.add('live feed', live.stop);
  limitPipelining(http, app.refuse);
  context.rateLimits.connect();
  const connections = watchConnections(http, maxIdleConnections);
  answerUnreadableRequests(http, connections, publicUrl);
  guardDescriptors(http, { connections, publicUrl, logger });
  await untilReachable(live.start, { logger, signal });
  await listen(http, { host, port, setting: 'PORT', hostSetting: 'HOST' });
  disposal.add('API', () => connections.drain(live.closeSockets, limits));
  // A load balancer that checks every few seconds would go on sending to a closed port.
  if (shutdownDelayMs > 0) disposal.add('notice to load balancers', () => sleep(shutdownDelayMs));
  return (http.address() as AddressInfo).port;
}

async function startMetrics(
  { config, metrics, logger }: Context,
  disposal: DisposalStack,
  { httpLimits }: ServiceOverrides,
): Promise<void> {
  const { metricsHost: host, metricsPort: port } = config.http;
  if (port === undefined) return;
  const server = createMetricsServer(metrics, { ...HTTP_LIMITS, ...httpLimits }, logger);
  await listen(server, { host, port, setting: 'METRICS_PORT', hostSetting: 'METRICS_HOST' });
  disposal.add('metrics', () => {
    server.close();
    server.closeAllConnections();
  });
}
