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

const TEMPLATE = 'bench_template';

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
    await admin.query(`CREATE DATABASE ${TEMPLATE}`);
    await prepareTemplate(urlOf(server.url, TEMPLATE), logger, userCount);
    const { rows } = await admin.query<{ server_version: string }>('SHOW server_version');
    let created = 0;
    return {
      version: rows[0]?.server_version ?? 'unknown',
      /** Creates a database for one run from the template: migrated, with the load users and nothing else. */
      createDatabase: async () => {
        const name = `run_${++created}`;
        await admin.query(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`);
        // Prevents a checkpoint during the measurement.
        await admin.query('CHECKPOINT');
        return openBenchDatabase(admin, name, urlOf(server.url, name));
      },
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
