import pg from 'pg';
import { Prisma } from '../../generated/prisma/client.js';
import { OperatorError } from '../errors/operator-error.js';
import type { Logger } from '../logger.js';
import { isPooled, schemaOf, SESSION_SETTINGS, type SessionSetting, type TimeLimits } from './session-settings.js';

/**
 * With the settings of the server or its sessions, results would be wrong, or confirmed writes would be lost in a crash. The
 * message lists the statements to run.
 */
export class SessionSettingsError extends OperatorError {}

/** Settings that cannot be sent when connecting: only a superuser may set them, or they do not exist before PostgreSQL 17. */
const CHECKED_ONLY: readonly SessionSetting[] = [
  {
    name: 'session_replication_role',
    value: 'origin',
    reason: 'triggers would not run, and what they record would be missing (a superuser has to run the statement)',
    required: true,
    harmless: /^local$/,
  },
  {
    name: 'transaction_timeout',
    value: '0',
    reason: 'transactions would be ended before their own limits',
    harmless: /^\d{5,}$/,
  },
  {
    name: 'synchronous_commit',
    value: 'on',
    reason: 'what was confirmed to a client could be lost in a crash of the server',
    harmless: /^(remote_apply|remote_write|local)$/,
  },
];

/** Set for the whole server, where a session setting cannot reach. */
const ENABLE_FSYNC = ['ALTER SYSTEM SET fsync = on;', 'SELECT pg_reload_conf();'];

/** The session that runs the statements needs the right value of these first. */
const NEEDED_TO_CHANGE = ['default_transaction_read_only', 'statement_timeout', 'lock_timeout', 'idle_session_timeout'];

/** Time limits below this end statements that only wait for a lock. */
const MIN_LIMIT_MS = 1_000;

interface Session {
  readonly role: string;
  readonly database: string;
  readonly encoding: string;
  /** Off, as in tests: the server loses data in a crash in any case. */
  readonly fsync: boolean;
  /** Values by name. */
  readonly settings: Readonly<Record<string, string>>;
  /** Tables, types and functions of the schema that one of another schema precedes in the search path. */
  readonly hidden: readonly string[];
}

/** Runs the query of the check on a session of the kind to check. */
type ReadSession = (query: Prisma.Sql) => Promise<readonly unknown[]>;

interface CheckSessionOptions {
  readonly url: string;
  readonly logger: Logger;
  /** The time limits that sessions need. */
  readonly limits?: TimeLimits;
  /** As in production: without `fsync` or `synchronous_commit` the check fails. Otherwise the latter causes a warning. */
  readonly requireDurability?: boolean;
}

/**
 * Checks the settings of a session: some cannot be sent when connecting, and poolers refuse parameters or drop them. Settings
 * that only cost time, or durability where it is not required, are logged as a warning, with the statements to run.
 *
 * @throws {SessionSettingsError} with these settings results would be wrong, or writes lost.
 */
export async function checkSession(
  read: ReadSession,
  { url, logger, limits, requireDurability = false }: CheckSessionOptions,
): Promise<void> {
  const schema = schemaOf(url);
  const checked = [...SESSION_SETTINGS, ...CHECKED_ONLY];
  const [session] = (await read(sessionQuery(checked, Object.keys(limits ?? {}), schema))) as [Session];

  const wrong = checked.filter(({ name, value, harmless }) => {
    const found = session.settings[name.toLowerCase()];
    if (found === undefined || found === value || harmless?.test(found)) return false;
    return name !== 'synchronous_commit' || session.fsync || requireDurability;
  });
  const short = Object.entries(limits ?? {}).flatMap(([name, ms]) => {
    const found = Number(session.settings[name]);
    if (found === ms || found >= MIN_LIMIT_MS) return [];
    return [
      {
        name,
        value: String(ms),
        reason: found === 0 ? 'waiting has no limit' : 'the limit is too short',
        required: undefined,
      },
    ];
  });

  const statement = (assignment: string) =>
    `ALTER ROLE ${pg.escapeIdentifier(session.role)} IN DATABASE ${pg.escapeIdentifier(session.database)} SET ${assignment};`;
  const settings = [...wrong, ...short];
  const problems = settings.map(({ name, value, reason, required }) => ({
    text: `${name} is '${session.settings[name.toLowerCase()]}' and has to be '${value}': ${reason}`,
    run: statement(`${name} = ${pg.escapeLiteral(value)}`),
    required: required ?? (requireDurability && name === 'synchronous_commit'),
  }));
  if (session.hidden.length > 0) {
    problems.push({
      text: `search_path finds other objects of these names before those of the schema "${schema}": ${session.hidden.join(', ')}`,
      run: statement(`search_path = ${pg.escapeIdentifier(schema)}`),
      required: true,
    });
  }
  if (requireDurability && !session.fsync) {
    problems.push({
      text:
        "fsync is 'off' and has to be 'on': in a crash of the machine, what was confirmed to a client could be lost and the " +
        'database damaged (a superuser has to run the statements)',
      run: ENABLE_FSYNC.join('\n  '),
      required: true,
    });
  }

  const statements = [
    ...settings.flatMap(({ name, value }) =>
      NEEDED_TO_CHANGE.includes(name) ? [`SET ${name} = ${pg.escapeLiteral(value)};`] : [],
    ),
    ...problems.map(({ run }) => run),
  ];

  const reconnect = isPooled(url)
    ? 'over the direct address, then have the pooler make new connections (PgBouncer: RECONNECT)'
    : 'once';
  if (problems.some(({ required }) => required)) {
    throw new SessionSettingsError(
      'The database has settings that the service cannot change, with which answers would be wrong or writes could be lost:\n' +
        `${problems.map(({ text }) => `  - ${text}`).join('\n')}\n` +
        `Run this ${reconnect}, and start again:\n${statements.map((each) => `  ${each}`).join('\n')}`,
    );
  }
  if (problems.length > 0) {
    logger.warn(
      { settings: problems.map(({ text }) => text), run: statements.join(' ') },
      `Sessions of the database have settings that the service cannot change: run the statements ${reconnect}`,
    );
  }
  if (session.encoding !== 'UTF8') {
    logger.warn(
      { encoding: session.encoding },
      "The database's encoding is not UTF8: text outside of it is refused with an error",
    );
  }
}

function sessionQuery(checked: readonly SessionSetting[], limits: readonly string[], schema: string): Prisma.Sql {
  const names = [...checked.map(({ name }) => name.toLowerCase()), ...limits].join(',');
  return Prisma.sql`
    WITH own AS (SELECT oid FROM pg_namespace WHERE nspname = ${schema})
    SELECT session_user::text AS role, current_database()::text AS database,
      current_setting('server_encoding') AS encoding, current_setting('fsync')::boolean AS fsync,
      (SELECT jsonb_object_agg(lower(name), setting) FROM pg_settings
       WHERE lower(name) = ANY(string_to_array(${names}, ','))) AS settings,
      ARRAY(SELECT relname::text FROM pg_class JOIN own ON own.oid = relnamespace
            WHERE relkind = 'r' AND NOT pg_table_is_visible(pg_class.oid)
            UNION SELECT typname::text FROM pg_type JOIN own ON own.oid = typnamespace
            WHERE typtype = 'e' AND NOT pg_type_is_visible(pg_type.oid)
            UNION SELECT proname::text FROM pg_proc JOIN own ON own.oid = pronamespace
            WHERE NOT pg_function_is_visible(pg_proc.oid)
              -- PostgreSQL's own functions come first in every path: pgcrypto has a gen_random_uuid() too.
              AND NOT EXISTS (SELECT FROM pg_proc AS system
                              WHERE system.pronamespace = 'pg_catalog'::regnamespace
                                AND (system.proname, system.proargtypes) = (pg_proc.proname, pg_proc.proargtypes))) AS hidden`;
}
