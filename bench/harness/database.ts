import pg from 'pg';
import { openTemporaryPostgres } from '../../src/embedded-postgres/index.js';
import { applyMigrations } from '../../src/lib/db/migrations/migrate.js';
import type { Logger } from '../../src/lib/logger.js';
import { insertLoadUsers } from './load-users.js';

/** Differences from PostgreSQL's defaults. The first three restore the durability that a temporary server turns off. */
export const SERVER_SETTINGS = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  max_connections: '200',
  shared_buffers: '512MB',
  max_wal_size: '4GB',
};

const BASE_TEMPLATE = 'bench_template';

/** What databases are copied from. */
export interface Template {
  readonly name: string;
  /** Fills a database that is migrated and has the load users. */
  fill(database: BenchDatabase): Promise<void>;
}

export type BenchPostgres = Awaited<ReturnType<typeof openBenchPostgres>>;
export type BenchDatabase = Awaited<ReturnType<typeof openBenchDatabase>>;

/**
 * Starts a server in a temporary folder that syncs every commit to the disk, and creates the template of all databases, with
 * `userCount` load users.
 */
export async function openBenchPostgres(logger: Logger, userCount: number) {
  const server = await openTemporaryPostgres({ logger, settings: SERVER_SETTINGS });
  try {
    const admin = await connect(server.url);
    await admin.query(`CREATE DATABASE ${BASE_TEMPLATE}`);
    await prepareTemplate(urlOf(server.url, BASE_TEMPLATE), logger, userCount);
    const { rows } = await admin.query<{ version: string; pid: number }>(
      `SELECT current_setting('server_version') AS version,
              split_part(pg_read_file('postmaster.pid'), chr(10), 1)::int AS pid`,
    );
    const [{ version, pid } = { version: 'unknown', pid: 0 }] = rows;
    let created = 0;
    /** The filled templates, and the names of their databases. */
    const templates = new Map<Template, string>();

    async function createDatabase(template?: Template): Promise<BenchDatabase> {
      const source = template ? (templates.get(template) ?? (await createTemplate(template))) : BASE_TEMPLATE;
      const name = `run_${++created}`;
      // With the default strategy, a copy writes all of its content to the WAL, too.
      await admin.query(`CREATE DATABASE ${name} TEMPLATE ${source} STRATEGY ${template ? 'FILE_COPY' : 'WAL_LOG'}`);
      // Prevents a checkpoint during the measurement.
      await admin.query('CHECKPOINT');
      return openBenchDatabase(admin, name, urlOf(server.url, name));
    }

    async function createTemplate(template: Template): Promise<string> {
      const name = `template_${template.name}`;
      await admin.query(`CREATE DATABASE ${name} TEMPLATE ${BASE_TEMPLATE}`);
      const database = await openBenchDatabase(admin, name, urlOf(server.url, name));
      await template.fill(database);
      await database.close();
      templates.set(template, name);
      return name;
    }

    return {
      version,
      /** Process id of the server. */
      pid,
      /** Creates a database for one run: migrated, with the load users and what the template adds. */
      createDatabase,
      close: async () => {
        await admin.end();
        await server.close();
      },
    };
  } catch (error) {
    await server.close();
    throw error;
  }
}

async function prepareTemplate(url: string, logger: Logger, userCount: number): Promise<void> {
  await applyMigrations({ connectionString: url, logger });
  const client = await connect(url);
  try {
    await insertLoadUsers(client, userCount);
    await client.query('VACUUM (ANALYZE)');
  } finally {
    await client.end();
  }
}

async function openBenchDatabase(admin: pg.Client, name: string, url: string) {
  const client = await connect(url);
  const query = async <Row extends pg.QueryResultRow>(sql: string, values?: unknown[]) =>
    (await client.query<Row>(sql, values)).rows;
  return {
    url,
    query,
    /** Creates a live drop with all of its stock available. Returns its id. */
    async createDrop(stock: number) {
      const [row] = await query<{ id: string }>(
        `INSERT INTO drops (name, price, total_stock) VALUES ('Hot drop', 10, $1) RETURNING id`,
        [stock],
      );
      if (!row) throw new Error('INSERT … RETURNING returned no row');
      return row.id;
    },
    /** Transactions so far; complete once the other sessions have ended. */
    async transactions() {
      const [row] = await query<{ count: number }>(
        'SELECT (xact_commit + xact_rollback)::int AS count FROM pg_stat_database WHERE datname = current_database()',
      );
      return row?.count ?? 0;
    },
    /** Closes the connection; the database stays. */
    close: () => client.end(),
    /** Drops the database and ends its remaining sessions. */
    async drop() {
      await client.end();
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

async function connect(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  // Without a listener, a lost connection would end the process; with it, the next query rejects.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

function urlOf(server: string, database: string): string {
  const url = new URL(server);
  url.pathname = `/${database}`;
  return url.toString();
}
