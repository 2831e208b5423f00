import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyMigrations } from '../../../src/lib/db/migrations/migrate.js';
import { packageMigrationsDirectory } from '../../../src/lib/db/migrations/migration-files.js';
import { MIGRATION_LOCK_ID } from '../../../src/lib/db/migrations/migration-lock.js';
import { createTestDatabase } from '../../helpers/database.js';
import type { TestDatabase } from '../../helpers/database.js';
import { withClient } from '../../helpers/test-server.js';
import { appliedTo, checksumOf, migrateUntil, recordingLogger, tablesOf, until } from './migrations.js';
import { hasSchemaEngine, prisma } from './prisma-cli.js';
import { only } from './rows.js';

const INIT = '20261122000000_init';
const schemaEngine = await hasSchemaEngine();

let db: TestDatabase;

beforeEach(async () => {
  db = await createTestDatabase({ migrated: false });
});
afterEach(() => db.drop());

const migrate = (options: Partial<Parameters<typeof applyMigrations>[0]> = {}) =>
  applyMigrations({ connectionString: db.url, logger: recordingLogger().logger, ...options });

describe('applyMigrations', () => {
  it("applies the package's migrations once and returns their names", async () => {
    const { applied } = await migrate();
    expect(applied[0]).toBe(INIT);
    expect(await appliedTo(db)).toEqual(applied);
    expect(await tablesOf(db)).toEqual([
      'account_changes',
      'database_identity',
      'drop_refusals',
      'drop_refusals_by_minute',
      'drop_stats',
      'drops',
      'ended_tokens',
      'purchases',
      'reservations',
      'stock_movements',
      'users',
    ]);

    expect(await migrate()).toEqual({ applied: [] });
    expect(await appliedTo(db)).toEqual(applied);
  });

  it("writes records in Prisma's format", async () => {
    await migrate();
    const { rows: columns } = await db.query<{ definition: string }>(
      `SELECT concat_ws(' ', attname, format_type(atttypid, atttypmod), CASE WHEN attnotnull THEN 'not null' END,
                        pg_get_expr(adbin, adrelid)) AS definition
         FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        WHERE attrelid = '_prisma_migrations'::regclass AND attnum > 0 ORDER BY attnum`,
    );
    // The table that `prisma migrate deploy` 7.10 creates.
    expect(columns.map(({ definition }) => definition)).toEqual([
      'id character varying(36) not null',
      'checksum character varying(64) not null',
      'finished_at timestamp with time zone',
      'migration_name character varying(255) not null',
      'logs text',
      'rolled_back_at timestamp with time zone',
      'started_at timestamp with time zone not null now()',
      'applied_steps_count integer not null 0',
    ]);

    const { rows } = await db.query<{ started_at: Date; finished_at: Date }>(
      'SELECT * FROM _prisma_migrations WHERE migration_name = $1',
      [INIT],
    );
    const row = only(rows);
    expect(row).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/) as string,
      checksum: checksumOf(await readFile(join(packageMigrationsDirectory, INIT, 'migration.sql'), 'utf8')),
      finished_at: expect.any(Date) as Date,
      migration_name: INIT,
      logs: null,
      rolled_back_at: null,
      started_at: expect.any(Date) as Date,
      applied_steps_count: 1,
    });
    expect(row.finished_at.getTime()).toBeGreaterThanOrEqual(row.started_at.getTime());
  });

  it('applies each migration once when several processes start at the same moment', async () => {
    const results = await Promise.all([migrate(), migrate(), migrate()]);
    expect(results.map(({ applied }) => applied.length).toSorted()).toEqual([0, 0, (await appliedTo(db)).length]);
    const { rows } = await db.query('SELECT migration_name FROM _prisma_migrations GROUP BY 1 HAVING count(*) > 1');
    expect(rows).toEqual([]);
  });

  const urlWith = (parameters: Record<string, string>) => {
    const url = new URL(db.url);
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    return url.toString();
  };

  it("accepts Prisma's parameters in the connection string", async () => {
    const prismaParameters = {
      schema: 'public',
      connection_limit: '5',
      pool_timeout: '2',
      connect_timeout: '3',
      pgbouncer: 'true',
    };
    expect((await migrate({ connectionString: urlWith(prismaParameters) })).applied).toContain(INIT);
  });

  it('uses the schema of the connection string for all objects, also in the second run', async () => {
    const connectionString = urlWith({ schema: 'Our shop' });
    const { applied } = await migrate({ connectionString });
    expect(applied).toContain(INIT);
    expect(await migrate({ connectionString })).toEqual({ applied: [] });
    const { rows } = await db.query<{ schema: string; kinds: string[] }>(
      `SELECT nspname AS schema, array_agg(DISTINCT kind ORDER BY kind) AS kinds
         FROM (SELECT relnamespace AS own, 'table' AS kind FROM pg_class WHERE relkind = 'r'
               UNION SELECT pronamespace, 'function' FROM pg_proc
               UNION SELECT typnamespace, 'enum' FROM pg_type WHERE typtype = 'e') AS objects
         JOIN pg_namespace ON pg_namespace.oid = own
        WHERE nspname !~ '^(pg_|information_schema)' GROUP BY nspname`,
    );
    expect(rows).toEqual([{ schema: 'Our shop', kinds: ['enum', 'function', 'table'] }]);
    // A second installation in the same database.
    expect((await migrate({ connectionString: urlWith({ schema: 'public' }) })).applied).toEqual(applied);
  });

  it('refuses to create new tables if another schema has those of an earlier version', async () => {
    await migrate({ connectionString: urlWith({ schema: 'by_search_path' }) });
    await expect(migrate({ connectionString: db.url })).rejects.toThrow(
      /^The tables of this database are in the schema "by_search_path".* Add \?schema=by_search_path to DATABASE_URL/,
    );
  });

  it('names accounts whose addresses differ only in case and were distinct under the old collation', async () => {
    const foldingMigration = '20261129082000_fold_and_find_alike_everywhere';
    await migrateUntil(db, foldingMigration);
    await db.query('DROP INDEX users_email_key');
    const { rows } = await db.query<{ id: string }>(
      `INSERT INTO users (username, email, password_hash) VALUES ('a', 'INFO@x.example', ''), ('b', 'info@x.example', '')
       RETURNING id`,
    );
    await db.query('CREATE UNIQUE INDEX users_email_key ON users (email)');
    const failure = migrate();
    for (const { id } of rows) await expect(failure).rejects.toThrow(id);
    await db.query(`UPDATE users SET email = 'other@x.example' WHERE username = 'a'`);
    expect((await migrate()).applied).toContain(foldingMigration);
  });

  it('names host, port and database if it cannot connect', async () => {
    const url = new URL(db.url);
    url.pathname = '/drop_inventory_test_nowhere';
    await expect(migrate({ connectionString: url.toString() })).rejects.toThrow(
      `Cannot connect to PostgreSQL at ${url.hostname}:${url.port || 5432}, database "drop_inventory_test_nowhere": `,
    );
  });
});

describe('the migration lock', () => {
  const lock = `SELECT pg_advisory_lock(${MIGRATION_LOCK_ID})`;

  it('delays a second run, which logs that it waits', async () => {
    const { logger, lines } = recordingLogger();
    await withClient(db.url, async (client) => {
      await client.query(lock);
      const migration = migrate({ logger });
      const waiting = await until(() => lines.find(({ msg }) => msg.startsWith('Waiting for the migration lock')));
      expect(waiting).toMatchObject({ level: 'info', holder: { pid: expect.any(Number) as number } });
      expect(await tablesOf(db)).toEqual([]);

      await client.query(`SELECT pg_advisory_unlock(${MIGRATION_LOCK_ID})`);
      expect((await migration).applied).toContain(INIT);
    });
  });

  it('is not awaited after the run is aborted', async () => {
    const stop = new AbortController();
    const { logger, lines } = recordingLogger();
    await withClient(db.url, async (client) => {
      await client.query(lock);
      const migration = migrate({ logger, signal: stop.signal });
      const outcome = expect(migration).rejects.toMatchObject({ name: 'AbortError' });
      await until(() => lines[0]);
      stop.abort();
      await outcome;
    });
    expect(await tablesOf(db)).toEqual([]);
  });

  it('is held while afterMigrate runs, and released whether that succeeds or fails', async () => {
    const isLockTaken = async () => {
      const { rows } = await db.query<{ free: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS free', [
        MIGRATION_LOCK_ID,
      ]);
      return !only(rows).free;
    };
    const seen: unknown[] = [];
    await migrate({
      afterMigrate: async (client) => {
        const { rows } = await client.query('SELECT count(*)::int AS users FROM users');
        seen.push(await isLockTaken(), rows);
      },
    });
    expect(seen).toEqual([true, [{ users: 0 }]]);

    await expect(migrate({ afterMigrate: () => Promise.reject(new Error('no seeds')) })).rejects.toThrow('no seeds');
    await until(async () => ((await isLockTaken()) ? undefined : true));
  });

  it('allows one process at a time to run afterMigrate', async () => {
    const running: string[] = [];
    const afterMigrate = async (client: { query: (sql: string) => Promise<unknown> }) => {
      running.push('in');
      await client.query('SELECT pg_sleep(0.1)');
      running.push('out');
    };
    await Promise.all([migrate({ afterMigrate }), migrate({ afterMigrate })]);
    expect(running).toEqual(['in', 'out', 'in', 'out']);
  });
});

/** Applies the migrations with Prisma's command line. */
async function deploy({ connectionString }: { connectionString: string }) {
  const { code, output } = await prisma(['migrate', 'deploy'], connectionString);
  expect(code, output).toBe(0);
  return { applied: output.includes('No pending migrations to apply') ? [] : ['some'] };
}

// Needs Prisma's schema engine, which some machines cannot download.
describe.skipIf(!schemaEngine)('prisma migrate deploy', () => {
  it('uses the same schema of a connection string before or after applyMigrations', async () => {
    for (const [schema, first, second] of [
      ['ours', migrate, deploy],
      ['theirs', deploy, migrate],
    ] as const) {
      // prettier-ignore
      const url = new URL(db.url);
      url.searchParams.set('schema', schema);
      await first({ connectionString: url.toString() });
      expect(await second({ connectionString: url.toString() })).toEqual({ applied: [] });
      const { rows } = await db.query(`SELECT FROM ${schema}._prisma_migrations JOIN ${schema}.drops ON false`);
      expect(rows).toEqual([]);
    }
  });

  it('has nothing to do after applyMigrations', async () => {
    const { applied } = await migrate();
    const { code, output } = await prisma(['migrate', 'deploy'], db.url);
    expect(output).toContain('No pending migrations to apply');
    expect(code).toBe(0);
    expect(await appliedTo(db)).toEqual(applied);
  });

  it('leaves nothing to apply and causes no warning in applyMigrations', async () => {
    const { code } = await prisma(['migrate', 'deploy'], db.url);
    expect(code).toBe(0);
    const { logger, warnings } = recordingLogger();
    expect(await migrate({ logger })).toEqual({ applied: [] });
    expect(warnings()).toEqual([]);
  });
});
