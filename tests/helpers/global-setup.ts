import { randomInt } from 'node:crypto';
import pg from 'pg';
import { pino } from 'pino';
import type { TestProject } from 'vitest/node';
import { openTemporaryPostgres } from '../../src/embedded-postgres/index.js';
import { applyMigrations } from '../../src/lib/db/migrations/migrate.js';
import { withoutPrismaParameters } from '../../src/lib/db/session-settings.js';
import { urlOfDatabase, type TestServer } from './test-server.js';

const logger = pino({ level: 'warn' }, pino.destination(2));

const DATABASE_PREFIX = 'drop_inventory_test_';
/** First key of the advisory lock that a run holds until it ends; the second key is the number in its names. */
const RUN_LOCK = 1_685_221_232;

/**
 * Runs once, before all tests: finds a server and creates the template of all test databases. The server is the one in
 * DATABASE_URL of the environment, or else a temporary PostgreSQL. A `.env` is not read, since it may name a database that
 * matters. Returns the teardown.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { url, close } = await openServer();
  const client = new pg.Client({ connectionString: withoutPrismaParameters(url) });
  client.on('error', (err) => {
    logger.warn({ err }, 'lost the connection that marks the test databases as in use');
  });
  try {
    await client.connect();
    const prefix = await beginRun(client);
    const server: TestServer = { url, prefix, template: `${prefix}template` };
    const teardown = async () => {
      await dropDatabases(client, 'starts_with(datname, $1)', prefix);
      await client.end();
      await close();
    };
    await createTemplate(client, server).catch(async (error: unknown) => {
      await dropDatabases(client, 'starts_with(datname, $1)', prefix);
      throw error;
    });
    project.provide('testServer', server);
    return teardown;
  } catch (error) {
    await client.end();
    await close();
    throw error;
  }
}

async function openServer(): Promise<{ url: string; close: () => Promise<void> }> {
  const url = process.env.DATABASE_URL;
  if (url === undefined || url === '') return openTemporaryPostgres({ logger });
  return { url, close: () => Promise.resolve() };
}

/** Chooses the prefix of this run's databases, and drops the databases of runs that were killed. */
async function beginRun(client: pg.Client): Promise<string> {
  const run = randomInt(2 ** 31);
  await client.query('SELECT pg_advisory_lock($1, $2)', [RUN_LOCK, run]);
  await dropDatabases(
    client,
    `datname ~ ('^' || $1 || '[0-9a-f]{8}_') AND NOT EXISTS (
       SELECT FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 AND classid = ${RUN_LOCK}
         AND objid = ('x' || substr(datname, length($1) + 1, 8))::bit(32)::int::oid)`,
    DATABASE_PREFIX,
  );
  return `${DATABASE_PREFIX}${run.toString(16).padStart(8, '0')}_`;
}

async function createTemplate(client: pg.Client, { url, template }: TestServer): Promise<void> {
  await client.query(`CREATE DATABASE ${pg.escapeIdentifier(template)}`);
  await applyMigrations({ connectionString: urlOfDatabase(url, template), logger });
  await client.query(`ALTER DATABASE ${pg.escapeIdentifier(template)} WITH ALLOW_CONNECTIONS false`);
}

/** Drops the databases of this user that match the condition. */
async function dropDatabases(client: pg.Client, condition: string, value: string): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT datname AS name FROM pg_database WHERE pg_has_role(datdba, 'MEMBER') AND ${condition}`,
    [value],
  );
  for (const { name } of rows) {
    await client.query(`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(name)} WITH (FORCE)`).catch((err: unknown) => {
      logger.warn({ err, database: name }, 'a test database could not be dropped');
    });
  }
}
