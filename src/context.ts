import { publishToAll } from './lib/publish.js';
import { createAuthentication } from './lib/auth/authenticate.js';
import { resolveJwtSecret } from './lib/auth/jwt-secret.js';
import { createPasswords } from './lib/auth/passwords.js';
import { createTokens } from './lib/auth/tokens.js';
import { createUserLoader } from './lib/auth/user-loader.js';
import { createDisposalStack } from './lib/disposal-stack.js';
import type { Config } from './lib/config/index.js';
import { openDatabase, type PgClientClass } from './lib/db/database.js';
import { publishAfterCommit } from './lib/db/publish-after-commit.js';
import { openDatabaseServer } from './database-server.js';
import { applyMigrations } from './lib/db/migrate.js';
import { untilReachable, waitForDatabase } from './lib/db/connect.js';
import { createClientAddress } from './lib/http/client-address.js';
import { createRateLimits } from './lib/http/rate-limits.js';
import type { Answer } from './lib/http/send.js';
import { createFailureLog } from './lib/failure-log.js';
import { createLogger, type Logger } from './lib/logger.js';
import { createServiceMetrics, type ServiceMetrics } from './metrics.js';
import { createTtlCache } from './lib/ttl-cache.js';
import { createDropBatches } from './inventory/stock-batches.js';
import { createDropLock } from './inventory/stock-transaction.js';
import { createReservationOwnerLoader } from './inventory/reservation-loader.js';
import { countOverdueHolds } from './inventory/due-drops.js';
import { createBroadcaster } from './realtime/broadcast/broadcaster.js';
import type { PublishedPayloads } from './realtime/events.js';
import { prepareData } from './seed/prepare-data.js';
import { createExpiryWorker } from './worker/expiry-worker.js';

/** What the process brings along, and what tests put in place of the usual. */
export interface ContextOverrides {
  readonly logger?: Logger;
  readonly metrics?: ServiceMetrics;
  /** The pool's client class: one that takes a protection out of the SQL shows that it was needed. */
  readonly PgClient?: PgClientClass;
  /** False: sockets are told only what this process announces. */
  readonly pollLedger?: boolean;
  /** Ends a start that waits for the database, with an AbortError. */
  readonly signal?: AbortSignal;
}

/** Every long-lived thing of the process, each made once. */
export type Context = Awaited<ReturnType<typeof createContext>>;

/**
 * The part of the pool's connections that each of the three kinds of stock changes (reserving, purchasing, releasing) may
 * have: the rest is kept for reading, so that a crowd at one drop never starves who only looks.
 */
const CONNECTIONS_OF_A_KIND = 1 / 5;

/** ms. See docs/adr/0008. */
const DROP_LIST_MAX_AGE = 250;
/** Pages of the list of drops, of 60 kB at most, that are kept for that moment. */
const MAX_DROP_LISTS = 100;

/**
 * Opens the database (the embedded one without a URL; one that is away is waited for), brings it up to date, and builds all that the features need.
 * close() ends everything, in reverse order.
 *
 * @throws what went wrong, with all that was opened before it closed again.
 */
export async function createContext(config: Config, overrides: ContextOverrides = {}) {
  const logger = overrides.logger ?? createLogger(config);
  const closers = createDisposalStack(logger);
  const failures = createFailureLog(logger);
  closers.add('failure log', failures.close);
  try {
    const wait = { logger, signal: overrides.signal };
    const server = await untilReachable(() => openDatabaseServer(config, logger), wait);
    closers.add('database server', () => server.close());
    for (const url of new Set([server.directUrl, server.url])) await waitForDatabase(url, wait);
    const migrations = {
      connectionString: server.directUrl,
      logger,
      afterMigrate: prepareData(config, logger),
      ...(overrides.signal && { signal: overrides.signal }),
    };
    await untilReachable(() => applyMigrations(migrations), wait);
    const { db, poolSize, observe, checkSessions, close } = openDatabase(server.url, {
      logger,
      failures,
      Client: overrides.PgClient,
    });
    closers.add('database connections', close);
    await untilReachable(checkSessions, wait);

    const metrics = overrides.metrics ?? createServiceMetrics();
    observe(metrics);
    metrics.watchOverdueHolds(() =>
      countOverdueHolds(db).catch((error: unknown) => {
        failures.record(error, 'metrics');
        throw error;
      }),
    );
    const dropLists = createTtlCache<Answer>({ maxAge: DROP_LIST_MAX_AGE, maxEntries: MAX_DROP_LISTS });
    const broadcaster = createBroadcaster(() => {
      dropLists.forget();
    });
    const publishNow = publishToAll<PublishedPayloads>(() => {
      dropLists.forget();
    }, broadcaster.publish);
    const publish = config.env === 'production' ? publishNow : publishAfterCommit(db, publishNow);
    const dropLock = createDropLock({ db, publish, metrics, logger, failures });
    const maxRunning = Math.max(1, Math.floor(poolSize * CONNECTIONS_OF_A_KIND));

    warnOfGaps(config, logger);
    const tokens = createTokens(await resolveJwtSecret(config), config.jwt.expiresInSeconds);
    const passwords = createPasswords();
    closers.add('password threads', () => passwords.close());
    const rateLimits = createRateLimits({
      enabled: config.http.rateLimitEnabled,
      clientAddress: createClientAddress(config.http.trustProxy),
    });
    closers.add('rate limits', () => {
      rateLimits.close();
    });

    return {
      config,
      logger,
      failures,
      metrics,
      db,
      dropBatches: createDropBatches({ dropLock, metrics, logger, maxRunning }),
      loadReservationOwner: createReservationOwnerLoader({ db, metrics }),
      tokens,
      passwords,
      rateLimits,
      authentication: createAuthentication({ tokens, findUser: createUserLoader({ db, metrics }) }),
      readiness: { closing: false },
      broadcaster,
      dropLists,
      publish,
      worker: createExpiryWorker({ db, dropLock, metrics, logger, failures }),
      close: closers.closeAll,
    };
  } catch (error) {
    await closers.closeAll();
    throw error;
  }
}

/** What is set and does not do yet what one might expect. */
function warnOfGaps({ http, env }: Config, logger: Logger): void {
  if (env === 'production' && new URL(http.publicUrl).hostname === 'localhost') {
    logger.warn({ publicUrl: http.publicUrl }, 'PUBLIC_URL is not set: clients elsewhere get links that lead nowhere');
  }
}
