import { createServer } from 'node:http';
import { createClient } from '@redis/client';
import { createAdapter } from '@socket.io/redis-streams-adapter';
import { Server, type ServerOptions } from 'socket.io';
import type { PublishedEvent } from '../../lib/publish.js';
import type { Logger } from '../../lib/logger.js';
import type { Broadcaster } from '../broadcast/broadcaster.js';
import { publishedEvents, type PublishedPayloads } from '../events.js';
import type { SocketServer } from '../server/socket-types.js';
import { exchangeCounters, type ReadCounters } from '../stats/process-counters.js';

interface RedisConnection {
  connect(): Promise<unknown>;
  subscribe(...args: unknown[]): Promise<unknown>;
  destroy(): void;
}

interface RedisClient {
  publish(...args: unknown[]): Promise<number>;
  duplicate(): RedisConnection;
}

export type RedisCluster = ReturnType<typeof connectRedisCluster>;

/** The name of the channel and of the stream in Redis. */
const NAME = 'drop-inventory';
/** How long a process without sockets keeps the channel of an idle drop. */
const IDLE_CHANNEL_MS = 60_000;

/**
 * Connects to the other processes of the installation, through Redis Streams: in the background, and again after every loss. The
 * service works without Redis as well: the ledger poller publishes what was not received.
 */
export function connectRedisCluster(redisUrl: string, logger: Logger) {
  const client = createClient({ url: redisUrl });
  const copies = trackCopies(client);
  let isAway = false;
  client.on('error', (error: Error) => {
    if (!isAway) {
      logger.warn({ reason: error.message }, 'Redis is away: changes of other processes arrive by the ledger poller');
    }
    isAway = true;
  });
  client.on('ready', () => {
    if (isAway) logger.info('Redis is back');
    isAway = false;
  });
  // The client retries by itself. The promise rejects only if the client is destroyed first.
  client.connect().catch(() => undefined);
  const adapter = createAdapter(client, { streamName: NAME, channelPrefix: NAME }) as ServerOptions['adapter'];
  let joined: SocketServer | undefined;
  let evictTimer: NodeJS.Timeout | undefined;

  function forwardEvents(sockets: SocketServer, broadcaster: Broadcaster): void {
    joined = sockets;
    broadcaster.attachCluster((event, payload) => {
      // Not queued while Redis is away: the ledger poller publishes what is missing.
      if (client.isReady) sockets.serverSideEmit('announcement', event, payload, broadcaster.epoch);
    });
  }

  const exchange = (sockets: SocketServer, readCounters: ReadCounters) =>
    exchangeCounters(sockets, () => client.isReady, readCounters);

  return {
    adapter,
    exchangeCounters: exchange,
    /** Exchanges published events with the other processes from now on. */
    join(sockets: SocketServer, broadcaster: Broadcaster) {
      forwardEvents(sockets, broadcaster);
      sockets.on('announcement', (event, payload, epoch) => {
        // The database was replaced, and one of the two processes has not noticed yet.
        if (epoch !== broadcaster.epoch) return;
        if (!Object.hasOwn(publishedEvents, event)) return;
        const parsed = publishedEvents[event].safeParse(payload);
        // A process of another version may send another format.
        if (parsed.success) broadcaster.publishLocally(...([event, parsed.data] as PublishedEvent<PublishedPayloads>));
      });
    },
    /** For a worker: sends its events and counters to the other processes, and receives nothing. */
    joinWithoutSockets(broadcaster: Broadcaster, readCounters: ReadCounters) {
      const sockets: SocketServer = new Server(createServer(), { adapter, serveClient: false });
      forwardEvents(sockets, broadcaster);
      exchange(sockets, readCounters);
      // In a process with sockets, the ledger poller does this.
      evictTimer = setInterval(() => {
        broadcaster.evictIdle(performance.now() - IDLE_CHANNEL_MS);
      }, IDLE_CHANNEL_MS);
    },
    async close() {
      clearInterval(evictTimer);
      // Otherwise the adapter would continue to read from closed connections.
      await joined?.of('/').adapter.close();
      for (const each of [...copies, client]) each.destroy();
    },
  };
}

/**
 * The adapter duplicates its client, never closes the copies, and does not await what it sends: a rejection would end the
 * process. This function collects the copies so that they can be closed, and handles those rejections. The ledger poller
 * publishes what was not sent or received.
 */
function trackCopies(client: RedisClient): readonly RedisConnection[] {
  const copies: RedisConnection[] = [];
  const publish = client.publish.bind(client);
  client.publish = (...args) => publish(...args).catch(() => 0);
  const duplicate = client.duplicate.bind(client);
  client.duplicate = () => {
    const copy = duplicate();
    const [connect, subscribe] = [copy.connect.bind(copy), copy.subscribe.bind(copy)];
    // Stays pending after a failure: resolving would let the adapter use the connection.
    copy.connect = () => connect().catch(() => new Promise(() => undefined));
    copy.subscribe = (...args) => subscribe(...args).catch(() => undefined);
    copies.push(copy);
    return copy;
  };
  return copies;
}
