import type pg from 'pg';
import { connectionSettings, isPooled, type TimeLimits } from './session-settings.js';

const DEFAULT_POOL_SIZE = 20;

/** Time limits of the pool, in milliseconds. */
export interface PoolTimeLimits {
  /** For how long a request may wait for a free connection, and for a new connection. */
  readonly connectTimeoutMs: number;
  /** The server enforces them for each session, also when this process is stopped or killed. */
  readonly session: TimeLimits;
  /** A connection that receives nothing for this time while a query waits for its answer is given up. */
  readonly readTimeoutMs: number;
  /** For how long a transaction may wait for a connection, and how long it may last; the names are Prisma's. */
  readonly transaction: { readonly maxWait: number; readonly timeout: number };
}

export const POOL_TIME_LIMITS: PoolTimeLimits = {
  connectTimeoutMs: 5_000,
  session: {
    lock_timeout: 5_000,
    /** No statement of the service comes near it. */
    statement_timeout: 10_000,
    /** Limits how long a process that stalls inside a transaction keeps a row locked. */
    idle_in_transaction_session_timeout: 10_000,
  },
  /**
   * Longer than the server's lock_timeout, and shorter than a request waits: the server is stopped or unreachable, and its own
   * limits have no effect.
   */
  readTimeoutMs: 8_000,
  /** Prisma's defaults (2 s for a connection, 5 s to finish) fail requests that only wait for a lock. */
  transaction: { maxWait: 10_000, timeout: 10_000 },
};

/** For commands that read whole tables, of any size. */
export const COMMAND_TIME_LIMITS: PoolTimeLimits = {
  ...POOL_TIME_LIMITS,
  session: { ...POOL_TIME_LIMITS.session, statement_timeout: 600_000 },
  readTimeoutMs: 605_000,
};

/**
 * The pool's settings for a connection string. `?connection_limit=` sets the pool's size as it does for Prisma (20 if not
 * given).
 *
 * `ownSessions`: consecutive transactions of a connection share a session. Behind a pooler they do not.
 */
export function poolSettings(connectionString: string): pg.PoolConfig & { max: number; ownSessions: boolean } {
  const limit = Number(new URL(connectionString).searchParams.get('connection_limit'));
  return {
    ...connectionSettings(connectionString),
    max: Number.isInteger(limit) && limit > 0 ? limit : DEFAULT_POOL_SIZE,
    ownSessions: !isPooled(connectionString),
    keepAlive: true,
  };
}
