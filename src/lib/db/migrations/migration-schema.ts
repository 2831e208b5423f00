import pg from 'pg';
import type { Client } from 'pg';
import { messageOf } from '../../errors/operator-error.js';
import { MigrationError, type MigrationFile } from './migration-files.js';
import { schemaOf } from '../session-settings.js';

/**
 * Creates the schema of the connection string if it is missing, as `prisma migrate` does.
 *
 * @throws {MigrationError} the schema cannot be created; new tables would be created in another schema; or, without `?schema=`,
 * the tables are in another schema, to which the search path of an earlier version led.
 */
export async function openSchema(
  client: Client,
  connectionString: string,
  /** In the order in which they are applied. */
  [first]: readonly MigrationFile[],
): Promise<void> {
  const schema = schemaOf(connectionString);
  const name = pg.escapeIdentifier(schema);
  const { rows } = await client.query<{ schema: string | null; role: string }>(
    'SELECT (SELECT nspname FROM pg_namespace WHERE nspname = $1) AS schema, session_user AS role',
    [schema],
  );
  if (rows[0]?.schema === null) {
    await client.query(`CREATE SCHEMA ${name}`).catch((cause: unknown) => {
      const statement = `CREATE SCHEMA ${name} AUTHORIZATION ${pg.escapeIdentifier(rows[0]?.role ?? '')};`;
      throw new MigrationError(
        `The schema ${name} does not exist, and this role cannot create it: ${messageOf(cause)}. Run this: ${statement}`,
        { cause },
      );
    });
  }
  await assertCurrent(client, schema);
  if (!new URL(connectionString).searchParams.has('schema'))
    await assertNotElsewhere(client, schema, tablesOf(first?.sql ?? ''));
}

async function assertCurrent(client: Client, schema: string): Promise<void> {
  const { rows } = await client.query<{ current: string | null; role: string; database: string }>(
    'SELECT current_schema() AS current, session_user AS role, current_database() AS database',
  );
  const [found] = rows;
  if (!found || found.current === schema) return;
  const [role, database, name] = [found.role, found.database, schema].map((each) => pg.escapeIdentifier(each));
  throw new MigrationError(
    found.current === null
      ? `This role may not use the schema ${name}. Run this: GRANT USAGE, CREATE ON SCHEMA ${name} TO ${role};`
      : `New tables would be created in the schema ${pg.escapeIdentifier(found.current)} and not in ${name}. ` +
          `Run this: ALTER ROLE ${role} IN DATABASE ${database} SET search_path = ${name};`,
  );
}

/** The names of the tables that a migration creates. */
function tablesOf(sql: string): string[] {
  return [...sql.matchAll(/^CREATE TABLE "(\w+)"/gm)].map(([, name = '']) => name);
}

/** @param tables of every version of the service. Another application is unlikely to have all of them. */
async function assertNotElsewhere(client: Client, schema: string, tables: readonly string[]): Promise<void> {
  const { rows } = await client.query<{ other: string; here: boolean }>(
    `SELECT nspname AS other, bool_or(nspname = $2) OVER () AS here
       FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
      WHERE relkind IN ('r', 'p') AND relname = ANY($1)
      GROUP BY nspname HAVING count(*) = cardinality($1) ORDER BY nspname COLLATE "C"`,
    [tables, schema],
  );
  const [first] = rows;
  if (!first || first.here) return;
  throw new MigrationError(
    `The tables of this database are in the schema "${first.other}", and the connection string names none. Add ` +
      `?schema=${encodeURIComponent(first.other)} to DATABASE_URL (and to DIRECT_DATABASE_URL); or ?schema=${schema} for new, empty ` +
      'tables of another installation.',
  );
}
