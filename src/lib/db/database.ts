import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaClient, type Prisma } from '../../generated/prisma/client.js';
import type { Logger } from '../logger.js';
import { poolSettings } from './pool-settings.js';

/** The Prisma client of the service. */
export type Database = PrismaClient;

/** The client inside an interactive transaction. */
export type Transaction = Prisma.TransactionClient;

export interface DatabaseHandle {
  readonly db: Database;
  /** How many connections the pool may open. */
  readonly poolSize: number;
  /** Closes every connection; running queries finish first. */
  close(): Promise<void>;
}

/** The pool's client class; tests give one that takes a protection out of the SQL, to show that it was needed. */
export type PgClientClass = typeof pg.Client;

/** Opens the pool and the Prisma client on top of it. Connects lazily: a database that is away fails the first query. */
export function openDatabase(
  connectionString: string,
  logger: Logger,
  Client: PgClientClass = pg.Client,
): DatabaseHandle {
  const settings = poolSettings(connectionString);
  const pool = new pg.Pool({ ...settings, Client });
  // A connection that breaks while idle: the pool replaces it, and without a listener node would end the process.
  pool.on('error', (error) => {
    // Only its words: pg hangs the whole client on the error.
    logger.warn({ reason: error.message }, 'an idle database connection was lost');
  });
  const db = new PrismaClient({ adapter: new PrismaPg(pool), errorFormat: 'minimal' });
  return {
    db,
    poolSize: settings.max,
    close: async () => {
      await db.$disconnect();
      await pool.end();
    },
  };
}
