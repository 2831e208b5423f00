import pg from 'pg';
import { messageOf } from '../errors/operator-error.js';
import type { Logger } from '../logger.js';
import { createPollingLoop } from '../polling-loop.js';
import { processOf } from './lost-sessions.js';
import { serviceClient } from './service-client.js';
import { connectionSettings, isPooled } from './session-settings.js';

/** A channel of PostgreSQL, and the advisory lock that shows its senders that notifications are wanted. */
export interface Channel {
  readonly name: string;
  readonly lockKey: number;
}

export interface Listening {
  /** Whether this process has the lock of the channel. It is lost with the connection. */
  readonly isRequested: boolean;
  /**
   * Takes the lock. A sender takes it shared for its transaction, and notifies all listeners if it cannot.
   *
   * @returns `taken`: a sender whose rows are not visible now will notify. `unavailable`: another listener has the lock, or the
   * connection is away. `sending`: the transaction of a sender is open, which will not notify.
   */
  request(): Promise<'taken' | 'unavailable' | 'sending'>;
  /** Gives the lock back: notifications cost their senders time. */
  cancel(): Promise<void>;
  /** Closes the connection. */
  stop(): Promise<void>;
}

interface ListenOptions {
  /** The connection string of a server. A pooler in transaction mode delivers no notifications. */
  readonly url: string;
  readonly channel: Channel;
  /** Called for each notification, and after each connect: notifications before it are lost. */
  readonly onNotification: () => void;
  readonly logger: Logger;
}

const CONNECT_TIMEOUT_MS = 5_000;
const MIN_RETRY_MS = 250;
const MAX_RETRY_MS = 5_000;
/** Keeps the entry of the connection in firewalls that forget idle ones. */
const KEEP_ALIVE_MS = 30_000;

const TAKE_LOCK = `
  SELECT pg_try_advisory_lock($1) AS taken,
    EXISTS (SELECT FROM pg_locks l
            WHERE l.locktype = 'advisory' AND l.mode = 'ShareLock' AND l.granted
              AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
              AND (l.classid::bigint << 32) + l.objid::bigint = $1 AND l.objsubid = 1) AS sending`;

/**
 * Listens to a channel on a connection of its own, which is opened in the background, and again after each loss. Notifications
 * are lost while it is away, so the caller has to poll as well.
 */
export function listen({ url, channel, onNotification, logger }: ListenOptions): Listening {
  let connected: pg.Client | undefined;
  let isRequested = false;
  let retryMs = MIN_RETRY_MS;

  /** Resolves when the connection has ended. @throws errors of the connection. */
  async function listenUntilLost(signal: AbortSignal): Promise<void> {
    const Client = serviceClient({ url });
    const client = new Client({
      ...connectionSettings(url, 'notifications'),
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    });
    const close = () => void client.end().catch(() => undefined);
    const ended = new Promise<void>((resolve) => void client.once('end', resolve));
    client.on('notification', onNotification);
    signal.addEventListener('abort', close, { once: true });
    try {
      await client.connect();
      if (await hasOwnSession(client)) {
        await client.query(`LISTEN ${pg.escapeIdentifier(channel.name)}`);
        connected = client;
        onNotification();
      }
      retryMs = MIN_RETRY_MS;
      await ended;
    } finally {
      connected = undefined;
      isRequested = false;
      signal.removeEventListener('abort', close);
      close();
    }
  }

  const loop = createPollingLoop({
    retryDelayMs: 0,
    async poll(signal) {
      await listenUntilLost(signal).catch((error: unknown) => {
        if (!signal.aborted) logger.debug({ channel, reason: messageOf(error) }, 'Cannot listen to the database');
      });
      const delayMs = retryMs;
      retryMs = Math.min(2 * retryMs, MAX_RETRY_MS);
      return delayMs;
    },
  });
  if (!isPooled(url)) loop.start();

  return {
    get isRequested() {
      return isRequested;
    },
    async request() {
      const client = connected;
      const result = await client
        ?.query<{ taken: boolean; sending: boolean }>(TAKE_LOCK, [channel.lockKey])
        .catch(() => undefined);
      const [row] = result?.rows ?? [];
      if (!row || client !== connected) return 'unavailable';
      isRequested = row.taken;
      if (row.taken) return 'taken';
      return row.sending ? 'sending' : 'unavailable';
    },
    async cancel() {
      isRequested = false;
      // If it fails, the connection is lost, and the lock with it.
      await connected?.query('SELECT pg_advisory_unlock($1)', [channel.lockKey]).catch(() => undefined);
    },
    stop: loop.stop,
  };
}

/** Whether the address is not that of a pooler, which may give each transaction another session. */
async function hasOwnSession(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return rows[0]?.pid === processOf(client);
}
