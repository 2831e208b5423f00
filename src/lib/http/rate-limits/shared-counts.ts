import { createClient } from '@redis/client';
import type { ClientRateLimitInfo, Options } from 'express-rate-limit';
import { RedisStore } from 'rate-limit-redis';
import type { Logger } from '../../logger.js';

/** Counts that all processes with the same Redis share. */
export interface SharedCounts {
  /**
   * The counter of a limit: counts a request of a client, and returns the requests in its window. Null while Redis is away or
   * slow.
   */
  counter(name: string, windowMs: number): (client: string) => Promise<ClientRateLimitInfo | null>;
  /** Connects in the background, and again after every loss. */
  connect(): void;
  close(): void;
}

interface SharedCountsOptions {
  readonly redisUrl: string;
  /** Precedes the keys of this service in Redis. */
  readonly prefix: string;
  readonly logger: Logger;
  /** How long a request waits for Redis; default 50 ms. */
  readonly maxWaitMs?: number | undefined;
}

/** A request whose count Redis has not returned yet. */
interface Pending {
  readonly sentAtTick: number;
  readonly giveUp: () => void;
}

const DEFAULT_MAX_WAIT_MS = 50;
/**
 * The wait for Redis is counted in turns of one timer. A timer for each request would end too early in a busy process, whose
 * event loop reads the reply late. Ticks that a busy event loop misses are not counted.
 */
const TICK_MS = 10;
/** How often a count of no client is sent: to use Redis again after an outage, and to notice a connection that is dead. */
const PROBE_INTERVAL_MS = 1_000;
/** A connection without any traffic is closed and made again. Longer than the interval of the probes. */
const SOCKET_TIMEOUT_MS = 5_000;
const MAX_RECONNECT_DELAY_MS = 1_000;

/** Counts in Redis, over a connection of its own. See docs/adr/0032. */
export function createSharedCounts(options: SharedCountsOptions): SharedCounts {
  const { redisUrl, prefix, logger, maxWaitMs = DEFAULT_MAX_WAIT_MS } = options;
  const client = createClient({
    url: redisUrl,
    // Requests are counted by this process at once instead of waiting for a connection.
    disableOfflineQueue: true,
    socket: {
      socketTimeout: SOCKET_TIMEOUT_MS,
      reconnectStrategy: (retries) => Math.min(50 * 2 ** retries, MAX_RECONNECT_DELAY_MS),
    },
  });
  const stores: { readonly store: RedisStore; readonly windowMs: number }[] = [];
  const probed = createStore('probe', PROBE_INTERVAL_MS);
  /** In the order in which they were sent, which is that of the replies. */
  const pending = new Set<Pending>();
  let tick = 0;
  let ticking: NodeJS.Timeout | undefined;
  let probing: NodeJS.Timeout | undefined;
  let isProbing = false;
  let isUsable = false;
  let isLogged = false;

  client.on('error', (error: Error) => {
    leave(error.message);
  });
  client.on('ready', () => {
    void probe();
  });

  function createStore(name: string, windowMs: number): RedisStore {
    const store = new RedisStore({ prefix: `${prefix}${name}:`, sendCommand: (...args) => client.sendCommand(args) });
    stores.push({ store, windowMs });
    return store;
  }

  /** Counts without Redis from now on; the first {@link probe} that succeeds ends this. */
  function leave(reason: string): void {
    isUsable = false;
    for (const { giveUp } of pending) giveUp();
    pending.clear();
    if (!isLogged) logger.warn({ reason }, 'Redis is away: each process counts its rate limits for itself');
    isLogged = true;
  }

  /** Uses Redis again if it counts in time. Probes do not overlap, because SOCKET_TIMEOUT_MS ends a silent connection only. */
  async function probe(): Promise<void> {
    if (isProbing || !client.isReady) return;
    isProbing = true;
    try {
      // Loads the scripts, which a restart of Redis removes. The stores read no other option of the middleware.
      if (!isUsable) await Promise.all(stores.map(({ store, windowMs }) => store.init({ windowMs } as Options)));
      const reply = probed.increment('');
      const count = await inTime(reply);
      await reply;
      if (count && !isUsable) comeBack();
    } catch (error) {
      leave(String(error));
    } finally {
      isProbing = false;
    }
  }

  function comeBack(): void {
    isUsable = true;
    if (isLogged) logger.info('Redis is back: processes share their rate limits');
    isLogged = false;
  }

  function onTick(): void {
    tick += 1;
    const [oldest] = pending;
    if (oldest && (tick - oldest.sentAtTick) * TICK_MS > maxWaitMs) leave(`no reply within ${maxWaitMs} ms`);
    if (pending.size > 0) return;
    clearInterval(ticking);
    ticking = undefined;
  }

  /** Resolves as `reply` does; with null if it fails or Redis does not reply in time. */
  function inTime<T>(reply: Promise<T>): Promise<T | null> {
    ticking ??= setInterval(onTick, TICK_MS);
    return new Promise((resolve) => {
      const entry: Pending = {
        sentAtTick: tick,
        giveUp() {
          resolve(null);
        },
      };
      pending.add(entry);
      reply.then(
        (value) => {
          pending.delete(entry);
          resolve(value);
        },
        (error: unknown) => {
          leave(String(error));
        },
      );
    });
  }

  return {
    counter(name, windowMs) {
      const store = createStore(name, windowMs);
      return async (key) => (isUsable ? inTime(store.increment(key)) : null);
    },
    connect() {
      // The client retries by itself. The promise rejects only if the client is destroyed first.
      client.connect().catch(() => undefined);
      probing = setInterval(() => void probe(), PROBE_INTERVAL_MS);
    },
    close() {
      clearInterval(ticking);
      clearInterval(probing);
      isLogged = true;
      client.destroy();
    },
  };
}
