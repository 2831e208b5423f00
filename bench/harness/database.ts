import pg from 'pg';
import { openTemporaryPostgres } from '../../src/embedded-postgres/index.js';
import { applyMigrations } from '../../src/lib/db/migrate.js';
import type { Logger } from '../../src/lib/logger.js';
import { insertCrowd } from './crowd.js';

/** What differs from PostgreSQL's defaults. The three first undo what a temporary server is given for speed. */
export const SERVER_SETTINGS = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  max_connections: '200',
  shared_buffers: '512MB',
  max_wal_size: '4GB',
};

const TEMPLATE = 'bench_template';

/** A PostgreSQL for measurements, on a temporary folder, that syncs every commit to the disk. */
export interface BenchPostgres {
  readonly version: string;
  /** A database of its own for one run, the same each time: migrated, the crowd in it, nothing else. */
  createDatabase(): Promise<BenchDatabase>;
  close(): Promise<void>;
}

export interface BenchDatabase {
  /** Connection string. */
  readonly url: string;
  query<Row extends pg.QueryResultRow>(sql: string, values?: unknown[]): Promise<Row[]>;
  /** A live drop with all its stock free. Returns its id. */
  createDrop(stock: number): Promise<string>;
  /** How many transactions there have been in it; complete once those who made them have left. */
  transactions(): Promise<number>;
  /** Removes it, whoever is still connected. */
  drop(): Promise<void>;
}

/** Starts the server and makes the template of all its databases, with `crowd` users. */
export async function openBenchPostgres(logger: Logger, crowd: number): Promise<BenchPostgres> {
  const server = await openTemporaryPostgres({ logger, settings: SERVER_SETTINGS });
  try {
    const admin = new pg.Client({ connectionString: server.url });
    // A connection that breaks fails the next query, and must not end the process.
    admin.on('error', () => undefined);
    await admin.connect();
    await admin.query(`CREATE DATABASE ${TEMPLATE}`);
    await prepareTemplate(urlOf(server.url, TEMPLATE), logger, crowd);
    const { rows } = await admin.query<{ server_version: string }>('SHOW server_version');
    let made = 0;
    return {
      version: rows[0]?.server_version ?? 'unknown',
      createDatabase: async () => {
        const name = `run_${++made}`;
        await admin.query(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`);
        // So that none falls into the time that is measured.
        await admin.query('CHECKPOINT');
        return openDatabaseOf(admin, name, urlOf(server.url, name));
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

async function prepareTemplate(url: string, logger: Logger, crowd: number): Promise<void> {
  await applyMigrations({ connectionString: url, logger });
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await insertCrowd(client, crowd);
    await client.query('VACUUM (ANALYZE)');
  } finally {
    await client.end();
  }
}

async function openDatabaseOf(admin: pg.Client, name: string, url: string): Promise<BenchDatabase> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  return {
    url,
    query: async <Row extends pg.QueryResultRow>(sql: string, values?: unknown[]) =>
      (await client.query<Row>(sql, values)).rows,
    async createDrop(stock) {
      const { rows } = await client.query<{ id: string }>(
        `INSERT INTO drops (name, price, total_stock) VALUES ('Hot drop', 10, $1) RETURNING id`,
        [stock],
      );
      if (!rows[0]) throw new Error('INSERT … RETURNING gave no row');
      return rows[0].id;
    },
    async transactions() {
      const { rows } = await client.query<{ count: number }>(
        'SELECT (xact_commit + xact_rollback)::int AS count FROM pg_stat_database WHERE datname = current_database()',
      );
      return rows[0]?.count ?? 0;
    },
    async drop() {
      await client.end();
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

function urlOf(server: string, database: string): string {
  const url = new URL(server);
  url.pathname = `/${database}`;
  return url.toString();
}
