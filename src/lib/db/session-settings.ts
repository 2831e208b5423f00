import pg from 'pg';

/** A session setting that the service depends on and that a role or a database may set to something else. */
export interface SessionSetting {
  readonly name: string;
  readonly value: string;
  /** What would go wrong with another value. */
  readonly reason: string;
  /** Set: the service does not start with another value, since results would be wrong. Unset: a warning is logged. */
  readonly required?: true;
  /** Other values that are accepted where the setting cannot be sent, as through a pooler. */
  readonly harmless?: RegExp;
}

/**
 * Every session setting that the service sends when it connects, whatever ALTER ROLE, ALTER DATABASE, PGOPTIONS or the
 * server's configuration say. All exist from PostgreSQL 14 on, and any role may set them.
 */
export const SESSION_SETTINGS: readonly SessionSetting[] = [
  {
    name: 'TimeZone',
    value: 'UTC',
    reason: "Prisma's driver adapter reads and writes times without their offset",
    required: true,
    harmless: /^(etc\/)?(utc|uct|gmt|zulu|universal|greenwich)$/i,
  },
  {
    name: 'DateStyle',
    value: 'ISO, MDY',
    reason: 'the drivers parse times in ISO format only',
    required: true,
    harmless: /^ISO/,
  },
  {
    name: 'standard_conforming_strings',
    value: 'on',
    reason: 'a backslash in a literal would be an escape character',
    required: true,
  },
  { name: 'IntervalStyle', value: 'postgres', reason: 'the drivers parse intervals in this format only' },
  { name: 'bytea_output', value: 'hex', reason: 'binary values have one format on every server' },
  {
    name: 'extra_float_digits',
    value: '1',
    reason: 'below 0, numbers are rounded when they are sent',
    required: true,
    harmless: /^[0-3]$/,
  },
  { name: 'array_nulls', value: 'on', reason: 'NULL in an array would be the text "NULL"', required: true },
  { name: 'transform_null_equals', value: 'off', reason: 'a comparison with NULL would be IS NULL' },
  {
    name: 'exit_on_error',
    value: 'off',
    reason: 'every refused write would end its connection, and its outcome would be unknown',
    required: true,
  },
  {
    name: 'default_transaction_isolation',
    value: 'read committed',
    reason: 'a statement after a lock has to see what was committed while the lock was waited for',
  },
  { name: 'default_transaction_read_only', value: 'off', reason: 'the service writes' },
  { name: 'default_transaction_deferrable', value: 'off', reason: 'a transaction would wait for a safe snapshot' },
  {
    name: 'idle_session_timeout',
    value: '0',
    reason: 'the server would close pooled connections at the moment they are used',
  },
  { name: 'row_security', value: 'on', reason: 'a row security policy would be an error and not a filter' },
  {
    name: 'default_table_access_method',
    value: 'heap',
    reason: 'migrations create tables whose rows have to be locked and updated',
  },
  { name: 'plan_cache_mode', value: 'auto', reason: 'plans are made for the values of a statement' },
  { name: 'jit', value: 'off', reason: 'compiling a short statement takes longer than running it', harmless: /^/ },
  { name: 'enable_indexscan', value: 'on', reason: 'statements under a lock have to use their index' },
  { name: 'enable_indexonlyscan', value: 'on', reason: 'statements under a lock have to use their index' },
  { name: 'enable_bitmapscan', value: 'on', reason: 'statements under a lock have to use their index' },
  { name: 'enable_nestloop', value: 'on', reason: 'rows found by an index are joined one by one' },
];

/** The settings that PgBouncer takes over from a client and applies to each server connection. */
const TRACKED_BY_PGBOUNCER = new Set(['TimeZone', 'DateStyle', 'standard_conforming_strings']);

/** Parameters of Prisma's connection strings. pg would send them to the server, which refuses them. */
const PRISMA_ONLY = ['schema', 'connection_limit', 'pool_timeout', 'connect_timeout', 'socket_timeout', 'pgbouncer', 'sslaccept']; // prettier-ignore

/** A connection string without the parameters that only Prisma understands. */
export function withoutPrismaParameters(connectionString: string): string {
  const url = new URL(connectionString);
  for (const name of PRISMA_ONLY) url.searchParams.delete(name);
  return url.toString();
}

/**
 * How a client connects to the database of a connection string: without the parameters that only Prisma understands. The
 * session's name is that of the connection string, `?application_name=`, and the purpose, if one is given.
 */
export function connectionSettings(connectionString: string, purpose?: string): pg.ClientConfig {
  const url = new URL(withoutPrismaParameters(connectionString));
  const name = url.searchParams.get('application_name');
  // pg prefers the parameter to its option.
  url.searchParams.delete('application_name');
  return {
    connectionString: url.toString(),
    application_name: [name, purpose].filter((part) => part).join(' ') || undefined,
  };
}

/** Names the sessions of a connection string, unless it names them itself. */
export function withApplicationName(connectionString: string, name: string): string {
  const url = new URL(connectionString);
  if (!url.searchParams.has('application_name')) url.searchParams.set('application_name', name);
  return url.toString();
}

/** The schema of the service's tables: `?schema=` of the connection string, as for Prisma. */
export function schemaOf(connectionString: string): string {
  return new URL(connectionString).searchParams.get('schema') ?? 'public';
}

/** Whether the address is that of a pooler in transaction mode, which refuses most parameters of a new session. */
export function isPooled(connectionString: string): boolean {
  return new URL(connectionString).searchParams.get('pgbouncer') === 'true';
}

/** How long the server lets a session of the service wait, in milliseconds; 0 is no limit. */
export interface TimeLimits {
  readonly lock_timeout: number;
  readonly statement_timeout: number;
  readonly idle_in_transaction_session_timeout: number;
}

const NO_LIMITS: TimeLimits = { lock_timeout: 0, statement_timeout: 0, idle_in_transaction_session_timeout: 0 };

/** The parameters that a new session is started with; they take precedence over every default of the server. */
export function sessionParameters(connectionString: string, limits: TimeLimits = NO_LIMITS): Record<string, string> {
  const pooled = isPooled(connectionString);
  const settings = SESSION_SETTINGS.filter(({ name }) => !pooled || TRACKED_BY_PGBOUNCER.has(name));
  return {
    ...Object.fromEntries(settings.map(({ name, value }) => [name, value])),
    ...(!pooled && {
      ...Object.fromEntries(Object.entries(limits).map(([name, ms]) => [name, String(ms)])),
      search_path: pg.escapeIdentifier(schemaOf(connectionString)),
    }),
  };
}
