import type { Server as HttpServer } from 'node:http';
import type { RefusedTokens } from '../lib/auth/refused-tokens.js';
import type { Tokens } from '../lib/auth/tokens.js';
import type { Config } from '../lib/config/index.js';
import type { Database } from '../lib/db/database.js';
import type { FailureLog } from '../lib/failure-log.js';
import type { Logger } from '../lib/logger.js';
import type { ClientAddress } from '../lib/http/request/client-address.js';
import type { InventoryMetrics } from '../inventory/inventory.metrics.js';
import { createPollingLoop } from '../lib/polling-loop.js';
import type { DropResponse } from '../modules/drops/drops.schema.js';
import type { Broadcaster } from './broadcast/broadcaster.js';
import { createReadSnapshots } from './broadcast/inventory-snapshots.js';
import type { RedisCluster } from './cluster/redis-cluster.js';
import { createLedgerPoller } from './ledger-poller/ledger-poller.js';
import type { RealtimeMetrics } from './realtime.metrics.js';
import { createAccountWatch } from './server/accounts/account-watch.js';
import { createConnectSnapshots } from './server/connect-snapshots.js';
import { disconnectSlowConsumers } from './server/limits/slow-consumers.js';
import { createSocketServer } from './server/socket-server.js';
import { createSubscriptions } from './server/subscriptions.js';
import { createReadCounters } from './stats/process-counters.js';
import { startStats } from './stats/stats.js';

interface RealtimeDependencies {
  readonly config: Config;
  readonly db: Database;
  readonly tokens: Tokens;
  readonly refusedTokens: RefusedTokens;
  readonly loadTokenState: Parameters<typeof createAccountWatch>[0]['loadTokenState'];
  readonly broadcaster: Broadcaster;
  readonly metrics: InventoryMetrics & RealtimeMetrics;
  readonly logger: Logger;
  readonly failures: FailureLog;
  readonly clientAddress: ClientAddress;
  /** Undefined without Redis. */
  readonly connectCluster: (() => RedisCluster) | undefined;
  /** As in {@link createReadSnapshots}. */
  readonly queueTimeoutMs?: number | undefined;
  /** Drops as the API returns them. Ids that do not exist are left out. */
  readonly getDrops: (ids: readonly string[]) => Promise<readonly DropResponse[]>;
  /** Whether to publish changes that this process did not make. */
  readonly pollLedger: boolean;
}

/** Opens the sockets on an HTTP server that does not listen yet. */
export function startRealtime(http: HttpServer, dependencies: RealtimeDependencies) {
  const { config, db, tokens, refusedTokens, broadcaster, metrics, logger, failures, clientAddress } = dependencies;
  const { getDrops, pollLedger, queueTimeoutMs, connectCluster } = dependencies;
  const readSnapshots = createReadSnapshots({ db, queueTimeoutMs });
  const hasSockets = () => sockets.of('/').sockets.size > 0;
  const ledgerPoller = createLedgerPoller({ db, broadcaster, readSnapshots, getDrops, hasSockets, logger, failures });
  const sendSnapshots = createConnectSnapshots({ broadcaster, readSnapshots, queueTimeoutMs });
  const cluster = connectCluster?.();
  const { maxSubscriptions: maxPerSocket, maxPerAddress } = config.sockets;
  const accounts = createAccountWatch(dependencies);
  const sockets = createSocketServer(http, {
    accounts,
    maxPerAddress,
    maxRequestsPerSecond: config.sockets.maxCallsPerSecond,
    maxRequestsPerSecondAndAddress: config.sockets.maxCallsPerSecondAndAddress,
    tokens,
    refusedTokens,
    metrics,
    logger,
    failures,
    origins: config.http.origins,
    clientAddress,
    handlers: createSubscriptions({ broadcaster, readSnapshots, maxPerSocket }),
    onConnected(socket) {
      ledgerPoller.wake();
      socket.emit('epoch', { epoch: broadcaster.epoch });
      const { snapshot } = socket.handshake.auth as { snapshot?: unknown };
      if (snapshot !== false) void sendSnapshots(socket);
    },
    ...(cluster && { adapter: cluster.adapter }),
  });
  broadcaster.attachSockets(sockets);
  accounts.start(sockets);
  cluster?.join(sockets, broadcaster);
  metrics.watchSockets(() => sockets.engine.clientsCount);
  const stopSlowConsumerChecks = disconnectSlowConsumers(sockets, logger, metrics);
  const readCounters = createReadCounters(metrics, () => sockets.of('/').sockets.size);
  const stopStats = startStats({
    db,
    sockets,
    readCounters,
    cluster: cluster?.exchangeCounters(sockets, readCounters),
    logger,
    failures,
  });

  return {
    /** Starts publishing. Call it before the HTTP server listens, so that no socket misses a change. @throws database errors. */
    async start() {
      if (pollLedger) await ledgerPoller.start();
      else broadcaster.setEpoch((await readSnapshots([])).epoch);
    },
    /** Sends the last state of every drop, then closes the sockets and stops the HTTP server from accepting connections. */
    closeSockets() {
      broadcaster.flush();
      return sockets.close();
    },
    /** Stops the rest. Call it after `closeSockets`. */
    async stop() {
      await ledgerPoller.stop();
      await accounts.stop();
      await stopStats();
      stopSlowConsumerChecks();
      // For other processes: changes by requests that ended after the sockets were closed.
      broadcaster.flush();
      await cluster?.close();
    },
  };
}

type ClusterDependencies = Pick<RealtimeDependencies, 'db' | 'broadcaster' | 'metrics' | 'connectCluster'> & {
  /** The epoch is not read while it has nothing to do. */
  readonly worker: { readonly isIdle: boolean };
};

/** Where there is no ledger poller, which reads the epoch as well. */
const EPOCH_POLL_INTERVAL_MS = 500;

/** Sends the events of a process without sockets, a worker, to the other processes. Returns a function that ends it. */
export function joinClusterWithoutSockets(dependencies: ClusterDependencies): () => Promise<void> {
  const { db, broadcaster, worker, metrics, connectCluster } = dependencies;
  if (!connectCluster) return () => Promise.resolve();
  const readSnapshots = createReadSnapshots({ db });
  const cluster = connectCluster();
  cluster.joinWithoutSockets(
    broadcaster,
    createReadCounters(metrics, () => 0),
  );
  // Errors are not logged here: while the database is away nothing is published, and the worker logs it.
  const epochPoll = createPollingLoop({
    retryDelayMs: EPOCH_POLL_INTERVAL_MS,
    async poll() {
      if (!worker.isIdle) broadcaster.setEpoch((await readSnapshots([])).epoch);
      return EPOCH_POLL_INTERVAL_MS;
    },
  });
  epochPoll.start();
  return async () => {
    await epochPoll.stop();
    broadcaster.flush();
    await cluster.close();
  };
}
