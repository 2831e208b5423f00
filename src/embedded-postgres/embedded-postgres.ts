import type pg from 'pg';
import type { Logger } from '../lib/logger.js';
import { serviceClient } from '../lib/db/service-client.js';
import { findCluster, prepareCluster, type Cluster } from './cluster.js';
import { errorCode, EmbeddedPostgresError } from './errors.js';
import { joinServer, serverUrl } from './join-server.js';
import type { Lease } from './reference-counted-lock.js';
import { inspectPostmaster } from './postmaster.js';
import { stopServer } from './server.js';

/** A running PostgreSQL and this process's share in it. */
export interface DatabaseServer {
  /** Connection string, database included. */
  readonly url: string;
  /** Absolute folder of the cluster. */
  readonly dataFolder: string;
  readonly port: number;
  /** True when this process found it running. */
  readonly attached: boolean;
  /**
   * Gives up this process's share; the last one to do so stops the server and waits until it is gone. Close the
   * connections first: those that are still open when it stops are cut. May be called again.
   */
  close(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  /** Absolute; the embedded server keeps its data below it, in the folder `postgres`. */
  readonly dataDir: string;
  /** The port to listen on (EMBEDDED_PG_PORT). Without it a free one is found and kept. */
  readonly port?: number | undefined;
  /** More server settings, such as fsync=off for tests. They count when this process starts the server. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly logger: Logger;
}

const DATABASE = 'drops';
const LOOK_MS = 2_000;

/**
 * Starts the PostgreSQL of the data folder, or joins the one that runs on it already, started by another process or
 * left behind by one that was killed. Makes cluster and database the first time. Data is never removed.
 *
 * Throws an EmbeddedPostgresError whose message tells what is wrong and what to do.
 */
export async function openEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<DatabaseServer> {
  const { dataDir, port: wanted, settings = {}, logger } = options;
  const cluster = await prepareCluster({ dataDir, durable: settings.fsync !== 'off', logger });
  const { lease, port, attached } = await joinServer({ cluster, port: wanted, settings, logger });
  const facts = { port, folder: cluster.home.folder };
  try {
    await ensureDatabase(serverUrl(cluster, port, 'postgres'));
  } catch (error) {
    await release(cluster, lease, logger);
    throw error;
  }
  logger.info(facts, attached ? 'joined the embedded PostgreSQL that is running' : 'started the embedded PostgreSQL');
  if (wanted !== undefined && port !== wanted) {
    logger.warn(
      { port, wanted },
      'the embedded PostgreSQL was running on another port; EMBEDDED_PG_PORT counts when it starts',
    );
  }
  let closing: Promise<void> | undefined;
  return {
    url: serverUrl(cluster, port, DATABASE),
    dataFolder: cluster.home.data,
    port,
    attached,
    close: () => (closing ??= release(cluster, lease, logger)),
  };
}

/**
 * The connection string of the embedded server of this data folder, if it is up. Starts and changes nothing; null
 * also where this user may not look.
 */
export async function findRunningEmbeddedPostgres(dataDir: string): Promise<string | null> {
  try {
    const cluster = await findCluster(dataDir);
    if (!cluster) return null;
    const postmaster = await inspectPostmaster(cluster.home.data);
    if (postmaster.state !== 'alive' || postmaster.port === undefined) return null;
    const url = serverUrl(cluster, postmaster.port, DATABASE);
    return (await answers(url)) ? url : null;
  } catch (error) {
    if (error instanceof EmbeddedPostgresError || ['EACCES', 'EPERM'].includes(errorCode(error) ?? '')) return null;
    throw error;
  }
}

async function release(cluster: Cluster, lease: Lease, logger: Logger): Promise<void> {
  try {
    const outcome = await lease.leave();
    if (outcome === 'last') {
      await stopServer(cluster);
      logger.info('stopped the embedded PostgreSQL');
    } else if (outcome === 'others') {
      logger.info('left the embedded PostgreSQL running: other processes use it');
    } else if ((await inspectPostmaster(cluster.home.data)).state === 'alive') {
      logger.warn('the embedded PostgreSQL does not answer and is left running; the next start takes it over');
    }
  } finally {
    await lease.end();
  }
}

async function ensureDatabase(url: string): Promise<void> {
  const client = await connect(url, {});
  try {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
  } catch (error) {
    // Another process made it at the same moment: duplicate_database, or unique_violation in the catalog.
    if (!['42P04', '23505'].includes(errorCode(error) ?? '')) throw error;
  } finally {
    await client.end();
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const client = await connect(url, { connectionTimeoutMillis: LOOK_MS });
    await client.end();
    return true;
  } catch {
    return false;
  }
}

async function connect(connectionString: string, settings: pg.ClientConfig): Promise<pg.Client> {
  const Client = serviceClient({ url: connectionString });
  const client = new Client({ connectionString, ...settings });
  await client.connect();
  return client;
}
