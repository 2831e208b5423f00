import type { Server as HttpServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Tokens } from '../lib/auth/tokens.js';
import type { Config } from '../lib/config/index.js';
import type { Database } from '../lib/db/database.js';
import type { FailureLog } from '../lib/failure-log.js';
import type { Logger } from '../lib/logger.js';
import { createClientAddress } from '../lib/http/client-address.js';
import type { InventoryMetrics } from '../inventory/inventory.metrics.js';
import type { RealtimeMetrics } from './realtime.metrics.js';
import type { DropResponse } from '../modules/drops/drops.schema.js';
import type { Broadcaster } from './broadcast/broadcaster.js';
import { createConnectSnapshots } from './server/connect-snapshots.js';
import { connectPeers } from './cluster/redis-cluster.js';
import { createLedgerPoller } from './ledger-poller/ledger-poller.js';
import { cutSlowReaders } from './server/slow-consumers.js';
import { createReadSnapshot } from './broadcast/inventory-snapshots.js';
import { createSocketServer } from './server/socket-server.js';
import { tellStats } from './stats/stats.js';
import { createSubscriptions } from './server/subscriptions.js';
import { createReadTally } from './stats/process-counters.js';

interface LiveFeedDependencies {
  readonly config: Config;
  readonly db: Database;
  readonly tokens: Tokens;
  readonly broadcaster: Broadcaster;
  readonly metrics: InventoryMetrics & RealtimeMetrics;
  readonly logger: Logger;
  readonly failures: FailureLog;
  /** Drops as the API returns them: those that exist. */
  readonly getDrops: (ids: readonly string[]) => Promise<readonly DropResponse[]>;
  /** Whether sockets are told what this process did not announce. */
  readonly pollLedger: boolean;
}

/** Everything between the services and the sockets of this process. */
export interface LiveFeed {
  /** Begins to tell; before anybody can connect, so that nothing is missed. @throws what the database says. */
  start(): Promise<void>;
  /** Sends the last state of everything, and closes the sockets and the HTTP server for new connections. */
  closeSockets(): Promise<void>;
  /** Ends the rest, after the sockets. */
  stop(): Promise<void>;
}

/** Opens the sockets on an HTTP server that does not listen yet. */
export function startRealtime(http: HttpServer, dependencies: LiveFeedDependencies): LiveFeed {
  const { config, db, tokens, broadcaster, metrics, logger, failures, getDrops, pollLedger } = dependencies;
  const readSnapshot = createReadSnapshot(db);
  const relay = createLedgerPoller({ db, broadcaster, readSnapshot, getDrops, logger, failures });
  const sendSnapshot = createConnectSnapshots({ broadcaster, readSnapshot });
  const peers = config.redisUrl ? connectPeers(config.redisUrl, logger) : undefined;
  const { maxSubscriptions: maxPerSocket, ...limits } = config.sockets;
  const sockets = createSocketServer(http, {
    ...limits,
    tokens,
    metrics,
    logger,
    failures,
    origins: config.http.origins,
    clientAddress: createClientAddress(config.http.trustProxy),
    handlers: createSubscriptions({ broadcaster, readSnapshot, maxPerSocket }),
    onConnected(socket) {
      socket.emit('epoch', { epoch: broadcaster.epoch });
      const { snapshot } = socket.handshake.auth as { snapshot?: unknown };
      if (snapshot !== false) void sendSnapshot(socket);
    },
    ...(peers && { adapter: peers.adapter }),
  });
  broadcaster.attach(sockets);
  peers?.join(sockets, broadcaster);
  metrics.watchSockets(() => sockets.engine.clientsCount);
  const stopCutting = cutSlowReaders(sockets, logger, metrics);
  const readTally = createReadTally(metrics, () => sockets.of('/').sockets.size);
  const stopStats = tellStats({
    db,
    sockets,
    readTally,
    peers: peers?.exchangeTallies(sockets, readTally),
    logger,
    failures,
  });

  return {
    async start() {
      if (pollLedger) await relay.start();
      else broadcaster.enter((await readSnapshot([])).epoch);
    },
    closeSockets() {
      broadcaster.flush();
      return sockets.close();
    },
    async stop() {
      await relay.stop();
      await stopStats();
      stopCutting();
      // What requests changed that were finished after their sockets had gone.
      broadcaster.flush();
      await peers?.close();
    },
  };
}

type PeerDependencies = Pick<LiveFeedDependencies, 'config' | 'db' | 'broadcaster' | 'metrics' | 'logger'>;

/** Between two reads of the epoch, in a process without a ledger poller. */
const EPOCH_READ_PERIOD_MS = 500;

/** Lets a process without sockets, a worker, tell those of others at once. Returns what ends it. */
export function joinClusterWithoutSockets({
  config,
  db,
  broadcaster,
  metrics,
  logger,
}: PeerDependencies): () => Promise<void> {
  const { redisUrl } = config;
  if (!redisUrl) return () => Promise.resolve();
  const readSnapshot = createReadSnapshot(db);
  const stopping = new AbortController();

  async function watchEpoch(): Promise<void> {
    while (!stopping.signal.aborted) {
      // While the database is away, nothing is published either; the worker logs it.
      await readSnapshot([]).then(
        ({ epoch }) => broadcaster.enter(epoch),
        () => undefined,
      );
      await sleep(EPOCH_READ_PERIOD_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  const peers = connectPeers(redisUrl, logger);
  peers.joinWithoutSockets(
    broadcaster,
    createReadTally(metrics, () => 0),
  );
  const watching = watchEpoch();
  return async () => {
    stopping.abort();
    await watching;
    broadcaster.flush();
    await peers.close();
  };
}
