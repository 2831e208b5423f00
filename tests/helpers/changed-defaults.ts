import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import type { TestDatabase } from './database.js';
import { withClient } from './test-server.js';

/** Session defaults that an administrator may change, each with a value that breaks a service that relies on the default. */
export const CHANGED_DEFAULTS: Readonly<Record<string, string>> = {
  TimeZone: 'Europe/Berlin',
  DateStyle: 'German, DMY',
  IntervalStyle: 'sql_standard',
  bytea_output: 'escape',
  extra_float_digits: '-15',
  standard_conforming_strings: 'off',
  array_nulls: 'off',
  transform_null_equals: 'on',
  quote_all_identifiers: 'on',
  exit_on_error: 'on',
  default_transaction_isolation: 'serializable',
  default_transaction_read_only: 'on',
  default_transaction_deferrable: 'on',
  idle_session_timeout: '900',
  idle_in_transaction_session_timeout: '900',
  statement_timeout: '900',
  lock_timeout: '900',
  row_security: 'off',
  plan_cache_mode: 'force_generic_plan',
  jit_above_cost: '0',
  enable_indexscan: 'off',
  enable_indexonlyscan: 'off',
  enable_bitmapscan: 'off',
  enable_nestloop: 'off',
  client_min_messages: 'debug1',
};

/** Settings that are changed for the role; the others are changed for the database. */
const ROLE_SETTINGS = ['TimeZone', 'IntervalStyle', 'default_transaction_isolation', 'exit_on_error', 'lock_timeout'];

/** The administrator's own sessions keep the usual settings. */
const STANDARD_SETTINGS: Readonly<Record<string, string>> = {
  timezone: 'UTC',
  datestyle: 'ISO',
  standard_conforming_strings: 'on',
  array_nulls: 'on',
  exit_on_error: 'off',
  default_transaction_isolation: 'read committed',
  default_transaction_read_only: 'off',
  idle_session_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  statement_timeout: '0',
  lock_timeout: '0',
  client_min_messages: 'notice',
  lc_messages: 'C',
  extra_float_digits: '1',
};

export interface ChangedDatabase extends TestDatabase {
  readonly role: string;
  /** Defaults that this server cannot change. */
  readonly unchanged: readonly string[];
  /** Reads the settings of a session that sets none itself, and how it folds letters and reports errors. */
  unpinned(): Promise<{ settings: Record<string, string>; schema: string; foldsAscii: boolean; error: string }>;
}

/**
 * Creates a database with its own role as the owner and with every session default changed: a Turkish collation by ICU, German
 * messages, and a schema named like the role, which comes first in the default search path and has tables with the service's
 * names.
 *
 * @param schema the schema of the service's tables; part of the connection string unless it is `public`.
 * @param except settings that are not changed.
 */
export async function createChangedDatabase(
  schema = 'public',
  { except = [] }: { except?: readonly string[] } = {},
): Promise<ChangedDatabase> {
  const server = inject('testServer');
  const role = `${server.prefix}${randomBytes(4).toString('hex')}`;
  const name = `${server.prefix}${randomBytes(6).toString('hex')}`;
  const [quotedRole, database] = [pg.escapeIdentifier(role), pg.escapeIdentifier(name)];
  const unchanged: string[] = [];

  await withClient(server.url, async (client) => {
    await client.query(`CREATE ROLE ${quotedRole} LOGIN PASSWORD 'secret'`);
    const createDatabaseSql = `CREATE DATABASE ${database} OWNER ${quotedRole} TEMPLATE template0 ENCODING 'UTF8'`;
    await client.query(`${createDatabaseSql} LOCALE_PROVIDER icu ICU_LOCALE 'tr' LOCALE 'C'`).catch(async () => {
      unchanged.push('collation');
      await client.query(createDatabaseSql);
    });
    const settings = { ...CHANGED_DEFAULTS };
    if (await supportsGermanMessages(client)) settings.lc_messages = 'de_DE.UTF-8';
    else unchanged.push('lc_messages');
    for (const [setting, value] of Object.entries(settings)) {
      if (except.includes(setting)) continue;
      const scope = ROLE_SETTINGS.includes(setting) ? `ROLE ${quotedRole} IN DATABASE` : 'DATABASE';
      await client.query(`ALTER ${scope} ${database} SET ${setting} = ${pg.escapeLiteral(value)}`);
    }
  });

  const admin = new URL(server.url);
  admin.pathname = `/${name}`;
  const path = [schema, 'public'].map((schemaName) => pg.escapeIdentifier(schemaName)).join(',');
  const options = Object.entries({ ...STANDARD_SETTINGS, search_path: path }).map(
    ([setting, value]) => `-c ${setting}=${value.replace(/[\\ ]/g, '\\$&')}`,
  );
  admin.searchParams.set('options', options.join(' '));
  const pool = new pg.Pool({ connectionString: admin.toString(), max: 4 });
  pool.on('error', () => undefined);
  await pool.query(`CREATE SCHEMA ${quotedRole} AUTHORIZATION ${quotedRole}`);
  for (const table of ['users', 'drops', 'stock_movements', '_prisma_migrations']) {
    await pool.query(`CREATE TABLE ${quotedRole}.${table} (of_another_application TEXT)`);
    await pool.query(`ALTER TABLE ${quotedRole}.${table} OWNER TO ${quotedRole}`);
  }
  await pool.query(`GRANT CREATE ON SCHEMA public TO ${quotedRole}`);

  const url = new URL(server.url);
  [url.pathname, url.username, url.password] = [`/${name}`, role, 'secret'];
  const plainUrl = url.toString();
  if (schema !== 'public') url.searchParams.set('schema', schema);
  return {
    url: url.toString(),
    role,
    unchanged,
    query: (sql, params) => pool.query(sql, params),
    unpinned: () => readUnpinned(plainUrl),
    drop: async () => {
      await withClient(server.url, async (client) => {
        await client.query(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
        await client.query(`DROP ROLE IF EXISTS ${quotedRole}`);
      });
      await pool.end();
    },
  };
}

/** Returns whether the server has the locale and its messages; PostgreSQL accepts a locale without messages as well. */
async function supportsGermanMessages(client: pg.Client): Promise<boolean> {
  try {
    await client.query("SET lc_messages = 'de_DE.UTF-8'");
    const message = await client.query('SELECT 1/0').catch((error: unknown) => (error as Error).message);
    return message !== 'division by zero';
  } catch {
    return false;
  } finally {
    await client.query('RESET lc_messages');
  }
}

async function readUnpinned(url: string): ReturnType<ChangedDatabase['unpinned']> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    // A slow machine needs more than the changed limits; reset_val keeps the values that the session began with.
    await client.query('SET statement_timeout = 0; SET idle_session_timeout = 0; SET jit = off');
    const { rows } = await client.query<{ settings: Record<string, string>; schema: string; folds: boolean }>(
      `SELECT (SELECT json_object_agg(name, reset_val) FROM pg_settings) AS settings, current_schema() AS schema,
              lower('INFO') = 'info' AS folds`,
    );
    const [row] = rows;
    if (!row) throw new Error('a query without FROM gives a row');
    const error = await client.query('SELECT 1/0').then(
      () => 'none',
      (thrown: unknown) => (thrown as Error).message,
    );
    return { settings: row.settings, schema: row.schema, foldsAscii: row.folds, error };
  } finally {
    await client.end();
  }
}
