import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaClient, type Prisma } from '../../generated/prisma/client.js';
import type { Logger } from '../logger.js';
import type { Metrics } from '../metrics.js';
import { survivingLoss, type PgClientClass } from './client.js';
import { observePool } from './observe-pool.js';
import { poolSettings, TIME_LIMITS_SQL } from './pool-settings.js';
import { preparing } from './prepared-statements.js';
import { givingUpSilence } from './silence.js';

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
  /** Logs what to do if the server sets no limit to the time that a lock or a statement may take. */
  warnOfMissingLimits(): Promise<void>;
  /** Closes every connection; running queries finish first. */
  close(): Promise<void>;
}

/**
 * Opens the pool and the Prisma client on top of it. Connects lazily: a database that is away fails the first query.
 *
 * @param Client tests give one that takes a protection out of the SQL, to show that it is needed.
 */
export function openDatabase(
  connectionString: string,
  logger: Logger,
  Client: PgClientClass = pg.Client,
): DatabaseHandle {
  const { ownSessions, ...settings } = poolSettings(connectionString);
  const Connection = givingUpSilence(survivingLoss(Client));
  const pool = new pg.Pool({ ...settings, Client: ownSessions ? preparing(Connection, logger) : Connection });
  // A connection that breaks while idle: the pool replaces it, and without a listener node would end the process.
  pool.on('error', (error) => {
    // Only its words: pg hangs the whole client on the error.
    logger.warn({ reason: error.message }, 'an idle database connection was lost');
  });
  const db = new PrismaClient({ adapter: new PrismaPg(pool), errorFormat: 'minimal' });
  return {
    db,
    poolSize: settings.max,
    observe: (metrics) => {
      observePool(pool, metrics);
    },
    warnOfMissingLimits: () => (ownSessions ? Promise.resolve() : warnOfMissingLimits(db, logger)),
    close: async () => {
      await db.$disconnect();
      await pool.end();
    },
  };
}

async function warnOfMissingLimits(db: Database, logger: Logger): Promise<void> {
  const [limits] = await db.$queryRaw<Record<string, string>[]>`
    SELECT current_setting('lock_timeout') AS lock_timeout, current_setting('statement_timeout') AS statement_timeout,
           current_setting('idle_in_transaction_session_timeout') AS idle_in_transaction_session_timeout`;
  const missing = Object.entries(limits ?? {}).flatMap(([name, value]) => (value === '0' ? [name] : []));
  if (missing.length > 0) {
    logger.warn({ missing, run: TIME_LIMITS_SQL }, 'behind a pooler the database has to limit waiting: run this once');
  }
}
