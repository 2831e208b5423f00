import type pg from 'pg';
import type { Logger } from '../lib/logger.js';
import { serviceClient } from '../lib/db/service-client.js';
import { EmbeddedPostgresError } from './errors.js';
import { isSameFolder } from './postmaster.js';

/** A process's claim on the server. While anybody holds one, nobody stops the server. */
export interface Lease {
  /**
   * Gives the claim up. 'last': nobody else has one, and until `end()` nobody gets one: the caller stops the server.
   * 'others': somebody else uses it. 'unreachable': the server does not answer.
   */
  leave(): Promise<'last' | 'others' | 'unreachable'>;
  /** Closes the connection. */
  end(): Promise<void>;
}

interface LeaseOptions {
  /** The maintenance database: advisory locks belong to one database, and this one is never dropped. */
  readonly url: string;
  /** The cluster that has to answer. */
  readonly data: string;
  /** Starts the server again if it has ended without being asked to. */
  readonly revive: () => Promise<void>;
  readonly logger: Logger;
}

/** The advisory lock that stands for the use of the server. */
const LOCK = '5207190436318274561';
const CONNECT_MS = 5_000;
// Taking the lock waits for a server on its way down, until it is down.
const ANSWER_MS = 70_000;
const RETRY_MS = 1_000;

/**
 * Takes a shared advisory lock on a connection of its own and keeps it. The kernel closes the connection of a killed
 * process, so a dead one holds nothing. If the connection is lost while the process lives (somebody cut it, the
 * server restarted after a crash), it is made again every second until it holds, and a server that has ended is started
 * again; between, the server is unguarded: another process that ends may then stop it.
 *
 * Throws what the connection threw; an EmbeddedPostgresError if another cluster answers.
 */
export async function takeLease({ url, data, revive, logger }: LeaseOptions): Promise<Lease> {
  let client: pg.Client | undefined;
  let leaving = false;
  let timer: NodeJS.Timeout | undefined;
  let renewing: Promise<void> | undefined;

  async function connect(): Promise<pg.Client> {
    const next = await claim(url, data);
    client = next;
    next.once('end', () => {
      if (client !== next) return;
      client = undefined;
      if (leaving) return;
      logger.warn('the connection that reserves the embedded PostgreSQL was lost, trying to get it back');
      renewSoon();
    });
    return next;
  }

  function renewSoon(): void {
    timer = setTimeout(() => {
      renewing = revive()
        .then(connect)
        .then(
          () => {
            logger.info('the embedded PostgreSQL is reserved again');
          },
          (error: unknown) => {
            // What it throws itself says what to do; that a server does not answer yet is no news.
            if (error instanceof EmbeddedPostgresError) logger.error(error.message);
            if (!leaving) renewSoon();
          },
        );
    }, RETRY_MS);
    timer.unref();
  }

  async function leaveOnce(): Promise<'last' | 'others'> {
    const current = client ?? (await connect());
    await current.query('SELECT pg_advisory_unlock_shared($1)', [LOCK]);
    const { rows } = await current.query<{ last: boolean }>('SELECT pg_try_advisory_lock($1) AS last', [LOCK]);
    return rows[0]?.last ? 'last' : 'others';
  }

  await connect();
  return {
    leave: async () => {
      leaving = true;
      clearTimeout(timer);
      await renewing;
      try {
        return await leaveOnce();
      } catch {
        // It may have died unnoticed: once more, on a new one.
        await quietEnd(client);
        client = undefined;
        return leaveOnce().catch(() => 'unreachable');
      }
    },
    end: async () => {
      leaving = true;
      clearTimeout(timer);
      await renewing;
      await quietEnd(client);
    },
  };
}

async function claim(url: string, data: string): Promise<pg.Client> {
  const Client = serviceClient({ url });
  const client = new Client({
    connectionString: url,
    application_name: 'drop-inventory lease',
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: ANSWER_MS,
    keepAlive: true,
  });
  try {
    await client.connect();
    const { rows } = await client.query<{ folder: string }>("SELECT current_setting('data_directory') AS folder");
    const folder = rows[0]?.folder ?? '';
    if (!(await isSameFolder(folder, data))) {
      throw new EmbeddedPostgresError(
        `The lock file of the embedded PostgreSQL in ${data} names a server that runs on ${folder}. ` +
          'Stop that one, or delete postmaster.pid if you are sure that no server runs on the first.',
      );
    }
    await client.query('SELECT pg_advisory_lock_shared($1)', [LOCK]);
    return client;
  } catch (error) {
    await quietEnd(client);
    throw error;
  }
}

async function quietEnd(client: pg.Client | undefined): Promise<void> {
  // It may be broken already, which is all the same.
  await client?.end().catch(() => undefined);
}
