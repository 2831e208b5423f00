import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaClient, type Prisma } from '../../generated/prisma/client.js';
import type { FailureLog } from '../failure-log.js';
import type { Logger } from '../logger.js';
import type { Metrics } from '../metrics.js';
import { checkSession } from './check-session.js';
import { survivingLoss, type PgClientClass } from './client.js';
import { findLostSessions } from './lost-sessions.js';
import { observePool } from './observe-pool.js';
import { POOL_TIME_LIMITS, poolSettings } from './pool-settings.js';
import { preparing } from './prepared-statements.js';
import { ReadRetryingPool } from './read-retry.js';
import { withSessionSettings } from './session-client.js';
import { schemaOf } from './session-settings.js';
import { withReadTimeout } from './read-timeout.js';

export type { PgClientClass };

/** The Prisma client of the service. */
export type Database = PrismaClient;

/** The client inside an interactive transaction. */
export type Transaction = Prisma.TransactionClient;

export interface DatabaseHandle {
  readonly db: Database;
  /** How many connections the pool may open. */
  readonly poolSize: number;
  /** From now on, the metrics tell of the pool. */
  observe(metrics: Metrics): void;
  /** Checks that the pool's sessions have the settings that the service depends on. @throws {SessionSettingsError} */
  checkSessions(): Promise<void>;
  /** Closes every connection; running queries finish first. */
  close(): Promise<void>;
}

interface OpenDatabaseOptions {
  readonly logger: Logger;
  /** Where lost connections are logged; left out: to the logger, one line each. */
  readonly failures?: FailureLog;
  /** Tests give one that takes a protection out of the SQL, to show that it is needed. */
  readonly Client?: PgClientClass | undefined;
}

/**
 * Opens the pool and the Prisma client on top of it. Connects lazily: a database that is away fails the first query.
 */
export function openDatabase(
  connectionString: string,
  { logger, failures, Client = pg.Client }: OpenDatabaseOptions,
): DatabaseHandle {
  const { ownSessions, ...settings } = poolSettings(connectionString);
  const lostSessions = findLostSessions(connectionString);
  const Settled = withSessionSettings(survivingLoss(Client), connectionString, POOL_TIME_LIMITS);
  const Connection = lostSessions.watched(withReadTimeout(Settled));
  const pool = new ReadRetryingPool({ ...settings, Client: ownSessions ? preparing(Connection, logger) : Connection });
  // The pool replaces a connection that is lost while idle. Only the message is logged: pg-pool attaches the client to the error.
  pool.on('error', (error) => {
    if (failures?.record(error, 'idle connection')) return;
    logger.warn({ reason: error.message }, 'an idle database connection was lost');
  });
  const db = new PrismaClient({
    adapter: new PrismaPg(pool, { schema: schemaOf(connectionString) }),
    errorFormat: 'minimal',
  });
  return {
    db,
    poolSize: settings.max,
    observe: (metrics) => {
      observePool(pool, metrics);
    },
    checkSessions: () =>
      checkSession((query) => db.$queryRaw(query), { url: connectionString, logger, limits: POOL_TIME_LIMITS }),
    close: async () => {
      await db.$disconnect();
      await pool.end();
      lostSessions.stop();
    },
  };
}
