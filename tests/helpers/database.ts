import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { inject } from 'vitest';
import { urlOfDatabase, withClient } from './test-server.js';

const MAX_ATTEMPTS = 50;
/** SQLSTATE object_in_use: "source database is being accessed by other users". */
const TEMPLATE_IN_USE = '55006';

/** A database that belongs to one test or one file of tests. */
export interface TestDatabase {
  url: string;
  /** Runs one statement on any connection of a small pool. Statements that share a session need {@link withClient}. */
  query<Row extends pg.QueryResultRow = pg.QueryResultRow>(
    sql: string,
    params?: unknown[],
  ): Promise<pg.QueryResult<Row>>;
  /** Drops the database and ends the sessions that still use it. */
  drop(): Promise<void>;
}

/** Creates a database: migrated and otherwise empty, or with `{ migrated: false }` without any table. */
export function createTestDatabase({ migrated = true } = {}): Promise<TestDatabase> {
  return createFrom(migrated ? inject('testServer').template : 'template1');
}

/** Creates a database with the content of another, which no session uses and whose query() was not called. */
export function copyOf({ url }: TestDatabase): Promise<TestDatabase> {
  return createFrom(new URL(url).pathname.slice(1));
}

async function createFrom(template: string): Promise<TestDatabase> {
  const server = inject('testServer');
  const name = `${server.prefix}${randomBytes(6).toString('hex')}`;
  await copyDatabase(server.url, template, name);

  const url = urlOfDatabase(server.url, name);
  const pool = new pg.Pool({ connectionString: url, max: 4 });
  // The server ended an idle connection because of a test; the pool opens a new one.
  pool.on('error', () => undefined);
  return {
    url,
    query: (sql, params) => pool.query(sql, params),
    drop: async () => {
      // Dropped first, since FORCE ends running statements, for which the pool would wait.
      await withClient(server.url, (client) =>
        client.query(`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(name)} WITH (FORCE)`),
      );
      await pool.end();
    },
  };
}

async function copyDatabase(url: string, template: string, name: string): Promise<void> {
  const copy = `CREATE DATABASE ${pg.escapeIdentifier(name)} TEMPLATE ${pg.escapeIdentifier(template)}`;
  await withClient(url, async (client) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await client.query(copy);
        return;
      } catch (error) {
        const inUse = error instanceof pg.DatabaseError && error.code === TEMPLATE_IN_USE;
        if (!inUse || attempt === MAX_ATTEMPTS) throw error;
        await sleep(100);
      }
    }
  });
}
