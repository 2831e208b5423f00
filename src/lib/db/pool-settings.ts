import type pg from 'pg';

const DEFAULT_POOL_SIZE = 20;

/** ms. How long a request may wait for a free connection, and for a new one to be made. */
const CONNECT_TIMEOUT = 5_000;
/** ms. PostgreSQL gives up a wait for a lock after this, even if this process is gone. */
const LOCK_TIMEOUT = 5_000;
/** ms. No statement of the service comes near it. */
const STATEMENT_TIMEOUT = 10_000;
/** ms. A process that stalls inside a transaction must not hold a drop's lock for ever. */
const IDLE_IN_TRANSACTION_TIMEOUT = 10_000;

/** Query parameters that Prisma's own connection strings carry and that pg would send to the server, which refuses them. */
const PRISMA_ONLY = ['schema', 'connection_limit', 'pool_timeout', 'connect_timeout', 'socket_timeout', 'pgbouncer', 'sslaccept']; // prettier-ignore

/** A connection string without the parameters that only Prisma understands. */
export function withoutPrismaParameters(connectionString: string): string {
  const url = new URL(connectionString);
  for (const name of PRISMA_ONLY) url.searchParams.delete(name);
  return url.toString();
}

/**
 * The pool's settings for a connection string. `?connection_limit=` sets the pool's size as it does for Prisma (20 if not
 * given). The time limits are the server's own, sent at connecting, so that they hold whatever happens to this process;
 * with `?pgbouncer=true` they are not sent, since such a pooler refuses them: there the role or the database has them.
 *
 * `ownSessions`: what one transaction leaves in its session, the next one of that connection finds.
 */
export function poolSettings(connectionString: string): pg.PoolConfig & { max: number; ownSessions: boolean } {
  const { searchParams } = new URL(connectionString);
  const limit = Number(searchParams.get('connection_limit'));
  const ownSessions = searchParams.get('pgbouncer') !== 'true';
  return {
    connectionString: withoutPrismaParameters(connectionString),
    max: Number.isInteger(limit) && limit > 0 ? limit : DEFAULT_POOL_SIZE,
    application_name: 'drop-inventory',
    connectionTimeoutMillis: CONNECT_TIMEOUT,
    ownSessions,
    ...(ownSessions && {
      lock_timeout: LOCK_TIMEOUT,
      statement_timeout: STATEMENT_TIMEOUT,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT,
    }),
    keepAlive: true,
  };
}

/** What an operator runs once, where a pooler keeps the service from sending its time limits. */
export const TIME_LIMITS_SQL = [
  `ALTER ROLE CURRENT_USER SET lock_timeout = ${LOCK_TIMEOUT}`,
  `ALTER ROLE CURRENT_USER SET statement_timeout = ${STATEMENT_TIMEOUT}`,
  `ALTER ROLE CURRENT_USER SET idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_TIMEOUT}`,
].join('; ');
