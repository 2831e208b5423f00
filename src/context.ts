import { countOverdueHolds } from './inventory/queries/due-drops.queries.js';
import { findReservationOwners } from './inventory/queries/reservation-owner.queries.js';
import { createHoldReleases } from './inventory/hold-releases.js';
import { createStockBatches, createStockTransactions } from './inventory/stock-transaction.js';
import { createAuthentication, type TokenSubject } from './lib/auth/authenticate.js';
import { createPasswordChecks } from './lib/auth/password-checks.js';
import { createPasswordQueue } from './lib/auth/password-queue.js';
import type { PasswordRules } from './lib/auth/password-rules.js';
import { createPasswords } from './lib/auth/passwords.js';
import { createRefusedTokens } from './lib/auth/refused-tokens.js';
import { createTokens } from './lib/auth/tokens.js';
import { createBatchLoader } from './lib/batch-loader.js';
import type { Config } from './lib/config/index.js';
import type { DatabaseHandle } from './lib/db/database.js';
import type { DisposalStack } from './lib/process/disposal-stack.js';
import type { FailureLog } from './lib/failure-log.js';
import { createClientAddress } from './lib/http/request/client-address.js';
import { createRateLimits } from './lib/http/rate-limits/rate-limits.js';
import { createReadLimit } from './lib/http/read-limit.js';
import type { HttpResponse } from './lib/http/send.js';
import type { Logger } from './lib/logger.js';
import { publishAfterCommit, publishToAll } from './lib/publish.js';
import type { ServiceMetrics } from './metrics.js';
import { createTtlCache } from './lib/ttl-cache.js';
import { findTokenStates } from './modules/accounts/token-states.queries.js';
import { createRefusalCounts } from './modules/drop-stats/refusal-counts.js';
import { createServices } from './modules/index.js';
import { createBroadcaster } from './realtime/broadcast/broadcaster.js';
import type { PublishedPayloads } from './realtime/events.js';
import type * as redisModules from './redis.js';
import { createAccountWorker } from './worker/account-worker.js';
import { createExpiryWorker } from './worker/expiry-worker.js';

/** The services of the process, and what they share. The live feed is created by realtime/start-realtime.ts. */
export type Context = ReturnType<typeof createContext>;

interface ContextOptions {
  readonly config: Config;
  readonly logger: Logger;
  readonly failures: FailureLog;
  readonly metrics: ServiceMetrics;
  readonly database: DatabaseHandle;
  readonly jwtSecret: string;
  readonly passwordRules: PasswordRules;
  /** Undefined without REDIS_URL. */
  readonly redis?: typeof redisModules | undefined;
  /** How long a request may wait in a queue, see {@link createBatcher}. */
  readonly queueTimeoutMs?: number | undefined;
  /** See {@link createPasswords}. */
  readonly passwordCost?: number | undefined;
  /** How long a rate limit waits for Redis, see {@link createSharedCounts}. */
  readonly redisWaitMs?: number | undefined;
  /** Closes what is created here. */
  readonly disposal: DisposalStack;
}

/**
 * The share of the pool's connections that each of the three kinds of stock transactions may take, and that reads may take.
 * The rest stays available to the loaders of users and holds, and to the worker.
 */
const CONNECTION_SHARE_OF_A_KIND = 1 / 5;

/** Of the keys of rate limits. */
const REDIS_PREFIX = 'drop-inventory:rate-limit:';

/** See docs/adr/0008. */
const DROP_LIST_MAX_AGE_MS = 250;
const MAX_CACHED_DROP_LISTS = 100;
const MOVEMENTS_MAX_AGE_MS = 1_000;
/** Of up to 150 kB each. */
const MAX_CACHED_MOVEMENT_LISTS = 50;
/** See docs/adr/0050. */
const DROP_STATS_MAX_AGE_MS = 1_000;
const MAX_CACHED_DROP_STATS = 1_000;

/** Wires the process: creates every service and what the services share. Does no I/O. */
export function createContext(options: ContextOptions) {
  const { config, logger, failures, metrics, database, jwtSecret, passwordRules, disposal } = options;
  const { redis, queueTimeoutMs, redisWaitMs } = options;
  const { db, poolSize } = database;
  database.observe(metrics);
  metrics.watchOverdueHolds(() =>
    countOverdueHolds(db).catch((error: unknown) => {
      failures.record(error, 'metrics');
      throw error;
    }),
  );

  const dropLists = createTtlCache<HttpResponse>({ maxAgeMs: DROP_LIST_MAX_AGE_MS, maxEntries: MAX_CACHED_DROP_LISTS });
  const movementLists = createTtlCache<HttpResponse>({
    maxAgeMs: MOVEMENTS_MAX_AGE_MS,
    maxEntries: MAX_CACHED_MOVEMENT_LISTS,
  });
  const dropStats = createTtlCache<HttpResponse>({
    maxAgeMs: DROP_STATS_MAX_AGE_MS,
    maxEntries: MAX_CACHED_DROP_STATS,
  });
  const refusalCounts = createRefusalCounts({ db, logger, failures });
  const clearDropLists = () => {
    dropLists.clear();
  };
  const broadcaster = createBroadcaster(clearDropLists);
  const publishNow = publishToAll<PublishedPayloads>(clearDropLists, broadcaster.publish, (event, payload) => {
    if (event === 'inventory_update' && payload.reservedStock > 0) worker.wake();
  });
  const publish = config.env === 'production' ? publishNow : publishAfterCommit(db, publishNow);

  const stockTransactions = createStockTransactions({ db, publish, metrics, logger, failures });
  const { listen } = database;
  const worker = createExpiryWorker({ db, listen, stockTransactions, metrics, logger, failures });
  const connectionShare = Math.max(1, Math.floor(poolSize * CONNECTION_SHARE_OF_A_KIND));
  const stockBatches = createStockBatches({
    stockTransactions,
    metrics,
    logger,
    maxRunning: connectionShare,
    queueTimeoutMs,
  });
  const holdReleases = createHoldReleases({ db, stockTransactions, logger, failures });
  const loadReservationOwner = createBatchLoader({
    name: 'hold-lookup',
    find: (ids) => findReservationOwners(db, ids),
    metrics,
    queueTimeoutMs,
  });

  const refusedTokens = createRefusedTokens();
  const loadTokenState = createBatchLoader({
    name: 'user-lookup',
    async find(subjects: readonly TokenSubject[]) {
      const states = await findTokenStates(db, subjects);
      subjects.forEach((subject, index) => refusedTokens.record(subject, states[index]?.refusal ?? null));
      return states;
    },
    metrics,
    queueTimeoutMs,
  });
  const tokens = createTokens(jwtSecret, config.jwt.expiresInSeconds);
  const authentication = createAuthentication({ tokens, loadTokenState, refusedTokens });
  const passwords = createPasswords(options.passwordCost);
  disposal.add('password threads', () => passwords.close());
  const passwordQueue = (name: string) =>
    createPasswordQueue({
      maxRunning: passwords.threadCount,
      maxWaitMs: queueTimeoutMs ?? config.signIn.maxWaitMs,
      metrics: metrics.ofBatcher(name),
    });
  const passwordChecks = createPasswordChecks({
    queue: passwordQueue('sign-in'),
    limits: config.signIn.failureLimits,
    onRefused: (reason) => {
      metrics.signInsRefused.inc({ reason });
    },
  });
  const clientAddress = createClientAddress(config.http.trustProxy);
  const { redisUrl } = config;
  const sharedCounts = redisUrl
    ? redis?.createSharedCounts({ redisUrl, prefix: REDIS_PREFIX, logger, maxWaitMs: redisWaitMs })
    : undefined;
  const rateLimits = createRateLimits({ enabled: config.http.rateLimitEnabled, clientAddress, sharedCounts });
  disposal.add('rate limits', () => {
    rateLimits.close();
  });

  const readLimit = createReadLimit({
    maxRunning: connectionShare,
    clientAddress,
    maxWaitMs: queueTimeoutMs,
  });
  metrics.ofBatcher('reads').watchWaiting(readLimit.waiting);

  const readiness = { closing: false };
  const countRefusal = refusalCounts.count;
  const common = { config, logger, failures, metrics, db, publish, countRefusal, queueTimeoutMs };
  const registrationQueue = passwordQueue('registration');
  const accounts = { tokens, passwords, passwordRules, passwordChecks, registrationQueue };
  const shared = { ...common, ...accounts, stockTransactions, readiness };
  return {
    ...shared,
    services: createServices({ ...shared, stockBatches, loadReservationOwner, holdReleases, authentication }),
    loadReservationOwner,
    holdReleases,
    refusedTokens,
    loadTokenState,
    stockBatches,
    dropLists,
    movementLists,
    dropStats,
    refusalCounts,
    broadcaster,
    clientAddress,
    rateLimits,
    readLimit,
    authentication,
    /** Undefined without Redis. */
    connectCluster: redisUrl && redis ? () => redis.connectRedisCluster(redisUrl, logger) : undefined,
    accountWorker: createAccountWorker({ db, holdReleases, expiryWorker: worker, logger, failures }),
    worker,
    close: disposal.closeAll,
  };
}
