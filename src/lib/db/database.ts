import { PrismaPg } from '@prisma/adapter-pg';
import type pg from 'pg';
import { PrismaClient, type Prisma } from '../../generated/prisma/client.js';
import type { FailureLog } from '../failure-log.js';
import type { Logger } from '../logger.js';
import type { Metrics } from '../metrics.js';
import { checkSession } from './check-session.js';
import { listen, type Channel, type Listening } from './listen.js';
import { findLostSessions } from './lost-sessions.js';
import { POOL_TIME_LIMITS, poolSettings, type PoolTimeLimits } from './pool-settings.js';
import { createPreparedStatements } from './prepared-statements.js';
import { ReadRetryingPool } from './read-retry.js';
import { serviceClient, type PgClientClass } from './service-client.js';
import { schemaOf } from './session-settings.js';

export type { PgClientClass };

export type Database = PrismaClient;

export type Transaction = Prisma.TransactionClient;

export interface DatabaseHandle {
  readonly db: Database;
  readonly poolSize: number;
  /** Adds the pool's connections to the metrics. */
  observe(metrics: Metrics): void;
  /**
   * Checks that the pool's sessions have the settings that the service depends on, and optionally that commits survive a crash.
   *
   * @throws {SessionSettingsError}
   */
  checkSessions(options: { requireDurability: boolean }): Promise<void>;
  /** Calls back for each notification of a channel of PostgreSQL: see {@link listen}. */
  listen(channel: Channel, onNotification: () => void): Listening;
  /** Closes every connection once its query has finished. */
  close(): Promise<void>;
}

interface OpenDatabaseOptions {
  /** The address of the server itself, if the connection string is that of a pooler. */
  readonly directUrl?: string;
  readonly logger: Logger;
  /** Where lost connections are logged. Left out: to the logger, one line each. */
  readonly failures?: FailureLog;
  /** The class that the pool's clients extend. Tests pass one that records or rewrites statements. */
  readonly Client?: PgClientClass | undefined;
  /** Tests that must not depend on the speed of the machine pass longer ones. */
  readonly limits?: PoolTimeLimits | undefined;
}

/** Opens the pool and the Prisma client on top of it. Connects lazily: a database that is away fails the first query. */
export function openDatabase(
  connectionString: string,
  { directUrl = connectionString, logger, failures, Client, limits = POOL_TIME_LIMITS }: OpenDatabaseOptions,
): DatabaseHandle {
  const { ownSessions, ...settings } = poolSettings(connectionString);
  const lostSessions = findLostSessions(connectionString);
  const preparedStatements = ownSessions ? createPreparedStatements(logger) : undefined;
  const pool = new ReadRetryingPool({
    ...settings,
    connectionTimeoutMillis: limits.connectTimeoutMs,
    Client: serviceClient(
      {
        url: connectionString,
        limits: limits.session,
        readTimeoutMs: limits.readTimeoutMs,
        lostSessions,
        preparedStatements,
      },
      Client,
    ),
  });
  // The pool replaces a connection that is lost while idle. Only the message is logged: pg-pool attaches the client to the error.
  pool.on('error', (error) => {
    if (failures?.record(error, 'idle connection')) return;
    logger.warn({ reason: error.message }, 'An idle database connection was lost');
  });
  const adapter = new PrismaPg(pool, {
    schema: schemaOf(connectionString),
    // The adapter hands the name on to pg, for which none is undefined; the adapter's type leaves that out.
    statementNameGenerator: ({ sql }) => preparedStatements?.nameOf(sql) as string,
  });
  const db = new PrismaClient({ adapter, errorFormat: 'minimal', transactionOptions: limits.transaction });
  return {
    db,
    poolSize: settings.max,
    observe: (metrics) => {
      observePool(pool, metrics);
    },
    checkSessions: ({ requireDurability }) =>
      checkSession((query) => db.$queryRaw(query), {
        url: connectionString,
        logger,
        limits: limits.session,
        requireDurability,
      }),
    listen: (channel, onNotification) => listen({ url: directUrl, channel, onNotification, logger }),
    close: async () => {
      await db.$disconnect();
      await pool.end();
      lostSessions.stop();
    },
  };
}

/** Sends the shortest statement. @throws database errors. */
export async function ping(db: Database): Promise<void> {
  await db.$queryRaw`SELECT 1`;
}

/** Reports the pool's connections, and for how long each is checked out. This sends nothing to the database. */
function observePool(pool: pg.Pool, { watchPool, connectionHeld }: Metrics): void {
  watchPool(() => ({
    used: pool.totalCount - pool.idleCount,
    idle: pool.idleCount,
    waiting: pool.waitingCount,
    max: pool.options.max,
  }));
  const checkedOutAt = new WeakMap<pg.PoolClient, number>();
  pool.on('acquire', (client) => checkedOutAt.set(client, performance.now()));
  pool.on('release', (_error, client) => {
    const since = checkedOutAt.get(client);
    if (since !== undefined) connectionHeld.observe((performance.now() - since) / 1000);
  });
}
