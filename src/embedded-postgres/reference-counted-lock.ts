import type pg from 'pg';
import type { Logger } from '../lib/logger.js';
import { serviceClient } from '../lib/db/service-client.js';
import { EmbeddedPostgresError } from './errors.js';
import { isSameFolder } from './postmaster.js';

/** The shared lock of a process on the server. While any process has one, no process stops the server. */
export interface ServerLock {
  /**
   * Releases the lock. 'last': no other process has one or gets one before `end()`, and the caller stops the server.
   * 'others': another process uses the server. 'unreachable': the server does not answer.
   */
  release(): Promise<'last' | 'others' | 'unreachable'>;
  end(): Promise<void>;
}

interface ServerLockOptions {
  /** Of the maintenance database: advisory locks belong to one database, and that one is never dropped. */
  readonly url: string;
  readonly data: string;
  /** Starts the server again if it has ended unexpectedly. */
  readonly restart: () => Promise<void>;
  readonly logger: Logger;
}

/** The advisory lock that each process in need of the server shares. */
const LOCK = '5207190436318274561';
const CONNECT_TIMEOUT_MS = 5_000;
// The lock is waited for while a server stops, until it has stopped.
const QUERY_TIMEOUT_MS = 70_000;
const RETRY_INTERVAL_MS = 1_000;

/**
 * Takes a shared advisory lock on a new connection and keeps it: PostgreSQL counts the processes that use the server. The kernel
 * closes the connection of a killed process, which releases its lock. If the connection is lost while the process is running
 * (terminated, or the server restarted after a crash), a new attempt is made every second until one succeeds, and a server that has
 * ended is started again. Until then, another process that ends may stop the server.
 *
 * @throws {EmbeddedPostgresError} the server has another data folder.
 * @throws the error of the connection.
 */
export async function acquireServerLock({ url, data, restart, logger }: ServerLockOptions): Promise<ServerLock> {
  let client: pg.Client | undefined;
  let isReleased = false;
  let timer: NodeJS.Timeout | undefined;
  let reconnecting: Promise<void> | undefined;

  async function connect(): Promise<pg.Client> {
    const next = await openLockSession(url, data);
    client = next;
    next.once('end', () => {
      if (client !== next) return;
      client = undefined;
      if (isReleased) return;
      logger.warn('The connection with the lock of the embedded PostgreSQL was lost: connecting again');
      reconnectLater();
    });
    return next;
  }

  function reconnectLater(): void {
    timer = setTimeout(() => {
      reconnecting = restart()
        .then(connect)
        .then(
          () => {
            logger.info('The embedded PostgreSQL is locked again');
          },
          (error: unknown) => {
            // These say what to do. That a server does not answer yet is not logged.
            if (error instanceof EmbeddedPostgresError) logger.error(error.message);
            if (!isReleased) reconnectLater();
          },
        );
    }, RETRY_INTERVAL_MS);
    timer.unref();
  }

  async function releaseOnce(): Promise<'last' | 'others'> {
    const current = client ?? (await connect());
    await current.query('SELECT pg_advisory_unlock_shared($1)', [LOCK]);
    const { rows } = await current.query<{ last: boolean }>('SELECT pg_try_advisory_lock($1) AS last', [LOCK]);
    return rows[0]?.last ? 'last' : 'others';
  }

  await connect();
  return {
    release: async () => {
      isReleased = true;
      clearTimeout(timer);
      await reconnecting;
      try {
        return await releaseOnce();
      } catch {
        // The connection may have been lost unnoticed: one more attempt, on a new connection.
        await endQuietly(client);
        client = undefined;
        return releaseOnce().catch(() => 'unreachable');
      }
    },
    end: async () => {
      isReleased = true;
      clearTimeout(timer);
      await reconnecting;
      await endQuietly(client);
    },
  };
}

async function openLockSession(url: string, data: string): Promise<pg.Client> {
  const Client = serviceClient({ url });
  const client = new Client({
    connectionString: url,
    application_name: 'drop-inventory server lock',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    keepAlive: true,
  });
  try {
    await client.connect();
    const { rows } = await client.query<{ folder: string }>("SELECT current_setting('data_directory') AS folder");
    const folder = rows[0]?.folder ?? '';
    if (!(await isSameFolder(folder, data))) {
      throw new EmbeddedPostgresError(
        `The lock file of the embedded PostgreSQL in ${data} names a server that runs on ${folder}. ` +
          'Stop that server, or delete postmaster.pid if no server runs on the first folder.',
      );
    }
    await client.query('SELECT pg_advisory_lock_shared($1)', [LOCK]);
    return client;
  } catch (error) {
    await endQuietly(client);
    throw error;
  }
}

async function endQuietly(client: pg.Client | undefined): Promise<void> {
  // Fails on a lost connection.
  await client?.end().catch(() => undefined);
}
