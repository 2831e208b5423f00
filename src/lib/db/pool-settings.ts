import type pg from 'pg';
import { isPooled, withoutPrismaParameters, type TimeLimits } from './session-settings.js';

const DEFAULT_POOL_SIZE = 20;

/** How long a request may wait for a free connection, and for a new one to be made. */
const CONNECT_TIMEOUT_MS = 5_000;

/** The time limits of the pool's sessions. They are the server's own, so that they hold whatever happens to this process. */
export const POOL_TIME_LIMITS: TimeLimits = {
  /** PostgreSQL gives up a wait for a lock after this, even if this process is gone. */
  lock_timeout: 5_000,
  /** No statement of the service comes near it. */
  statement_timeout: 10_000,
  /** A process that stalls inside a transaction must not hold a drop's lock for ever. */
  idle_in_transaction_session_timeout: 10_000,
};

/**
 * The pool's settings for a connection string. `?connection_limit=` sets the pool's size as it does for Prisma (20 if not
 * given).
 *
 * `ownSessions`: what one transaction leaves in its session, the next one of that connection finds.
 */
export function poolSettings(connectionString: string): pg.PoolConfig & { max: number; ownSessions: boolean } {
  const limit = Number(new URL(connectionString).searchParams.get('connection_limit'));
  return {
    connectionString: withoutPrismaParameters(connectionString),
    max: Number.isInteger(limit) && limit > 0 ? limit : DEFAULT_POOL_SIZE,
    application_name: 'drop-inventory',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    ownSessions: !isPooled(connectionString),
    keepAlive: true,
  };
}
