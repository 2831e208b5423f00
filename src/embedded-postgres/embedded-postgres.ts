import type pg from 'pg';
import type { Logger } from '../lib/logger.js';
import { serviceClient } from '../lib/db/service-client.js';
import { findCluster, prepareCluster, type Cluster } from './cluster.js';
import { errorCode, EmbeddedPostgresError } from './errors.js';
import { joinServer, serverUrl } from './join-server.js';
import type { ServerLock } from './reference-counted-lock.js';
import { inspectPostmaster } from './postmaster.js';
import { stopServer } from './server.js';

/** A running PostgreSQL, and the lock by which this process uses it. */
export interface DatabaseServer {
  /** Connection string, database included. */
  readonly url: string;
  /** Absolute folder of the cluster. */
  readonly dataFolder: string;
  readonly port: number;
  /** True if the server was running already. */
  readonly attached: boolean;
  /**
   * Releases the lock of this process. The last process to do so stops the server and waits until it has ended. Close the
   * connections first: the stop ends those that are open. May be called again.
   */
  close(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  /** Absolute; the data are in its subfolder `postgres`. */
  readonly dataDir: string;
  /** The port to listen on (EMBEDDED_PG_PORT). Left out: a free port, which later starts use again. */
  readonly port?: number | undefined;
  /** More server settings, such as fsync=off for tests. They have an effect if this process starts the server. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly logger: Logger;
}

const DATABASE = 'drops';
const PROBE_TIMEOUT_MS = 2_000;

/**
 * Starts the PostgreSQL of the data folder, or joins the one that is running: another process uses it, or it outlived a
 * process that was killed. Creates cluster and database the first time. Never removes data.
 *
 * @throws {EmbeddedPostgresError} says what is wrong and what to do.
 */
export async function openEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<DatabaseServer> {
  const { dataDir, port: wanted, settings = {}, logger } = options;
  const cluster = await prepareCluster({ dataDir, durable: settings.fsync !== 'off', logger });
  const { serverLock, port, attached } = await joinServer({ cluster, port: wanted, settings, logger });
  const details = { port, folder: cluster.paths.folder };
  try {
    await ensureDatabase(serverUrl(cluster, port, 'postgres'));
  } catch (error) {
    await release(cluster, serverLock, logger);
    throw error;
  }
  logger.info(details, attached ? 'Joined the running embedded PostgreSQL' : 'Started the embedded PostgreSQL');
  if (wanted !== undefined && port !== wanted) {
    logger.warn(
      { port, wanted },
      'The embedded PostgreSQL was running on another port: EMBEDDED_PG_PORT takes effect at its next start',
    );
  }
  let closing: Promise<void> | undefined;
  return {
    url: serverUrl(cluster, port, DATABASE),
    dataFolder: cluster.paths.data,
    port,
    attached,
    close: () => (closing ??= release(cluster, serverLock, logger)),
  };
}

/**
 * The connection string of the embedded server of this data folder, if it is running. Starts and changes nothing; null as well
 * if this user may not read the folder.
 */
export async function findRunningEmbeddedPostgres(dataDir: string): Promise<string | null> {
  try {
    const cluster = await findCluster(dataDir);
    if (!cluster) return null;
    const postmaster = await inspectPostmaster(cluster.paths.data);
    if (postmaster.state !== 'alive' || postmaster.port === undefined) return null;
    const url = serverUrl(cluster, postmaster.port, DATABASE);
    return (await isReachable(url)) ? url : null;
  } catch (error) {
    if (error instanceof EmbeddedPostgresError || ['EACCES', 'EPERM'].includes(errorCode(error) ?? '')) return null;
    throw error;
  }
}

async function release(cluster: Cluster, serverLock: ServerLock, logger: Logger): Promise<void> {
  try {
    const outcome = await serverLock.release();
    if (outcome === 'last') {
      await stopServer(cluster);
      logger.info('Stopped the embedded PostgreSQL');
    } else if (outcome === 'others') {
      logger.info('Left the embedded PostgreSQL running: other processes use it');
    } else if ((await inspectPostmaster(cluster.paths.data)).state === 'alive') {
      logger.warn('The embedded PostgreSQL does not answer and is left running: the next start joins it');
    }
  } finally {
    await serverLock.end();
  }
}

async function ensureDatabase(url: string): Promise<void> {
  const client = await connect(url, {});
  try {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
  } catch (error) {
    // Another process created it at the same moment: duplicate_database, or unique_violation in the catalog.
    if (!['42P04', '23505'].includes(errorCode(error) ?? '')) throw error;
  } finally {
    await client.end();
  }
}

async function isReachable(url: string): Promise<boolean> {
  try {
    const client = await connect(url, { connectionTimeoutMillis: PROBE_TIMEOUT_MS });
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
