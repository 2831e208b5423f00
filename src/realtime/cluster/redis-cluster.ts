import { createServer } from 'node:http';
import { createClient } from '@redis/client';
import { createAdapter } from '@socket.io/redis-streams-adapter';
import { Server, type ServerOptions } from 'socket.io';
import type { PublishedEvent } from '../../lib/publish.js';
import type { Logger } from '../../lib/logger.js';
import type { Broadcaster } from '../broadcast/broadcaster.js';
import { publishedEvents, type PublishedPayloads } from '../events.js';
import type { SocketServer } from '../server/socket-types.js';
import { exchangeTallies, type PeerTallies, type ReadTally } from '../stats/process-counters.js';

/** The other processes on the same database, by way of Redis. */
export interface Peers {
  /** What this process's socket server is made with. */
  readonly adapter: ServerOptions['adapter'];
  /** From now on, what each process announces reaches the sockets of all. */
  join(sockets: SocketServer, broadcaster: Broadcaster): void;
  /** Lets what a process without sockets announces, a worker, reach those of all, and what it counts be known to them. */
  joinWithoutSockets(broadcaster: Broadcaster, readTally: ReadTally): void;
  /** Tells other processes what this one counts, and asks them. */
  exchangeTallies(sockets: SocketServer, readTally: ReadTally): PeerTallies;
  close(): Promise<void>;
}

interface RedisConnection {
  connect(): Promise<unknown>;
  subscribe(...args: unknown[]): Promise<unknown>;
  destroy(): void;
}

interface RedisClient {
  publish(...args: unknown[]): Promise<number>;
  duplicate(): RedisConnection;
}

/** The names of our channel and stream in Redis. */
const NAME = 'drop-inventory';
/** ms. How long a process without sockets remembers what it told of a drop. */
const FORGET = 60_000;

/**
 * Connects in the background, and again whenever the connection is lost: the service runs without Redis, too, and what was
 * not heard meanwhile the relay tells.
 */
export function connectPeers(redisUrl: string, logger: Logger): Peers {
  const client = createClient({ url: redisUrl });
  const copies = handleWithCare(client);
  let isAway = false;
  client.on('error', (error: Error) => {
    if (!isAway) logger.warn({ reason: error.message }, 'Redis is away: other processes are heard of a moment later');
    isAway = true;
  });
  client.on('ready', () => {
    if (isAway) logger.info('Redis is back');
    isAway = false;
  });
  // It goes on trying by itself; that it was ended meanwhile is nobody's news.
  client.connect().catch(() => undefined);
  const adapter = createAdapter(client, { streamName: NAME, channelPrefix: NAME }) as ServerOptions['adapter'];
  let joined: SocketServer | undefined;
  let forgetting: NodeJS.Timeout | undefined;

  function sendThrough(sockets: SocketServer, broadcaster: Broadcaster): void {
    joined = sockets;
    broadcaster.attachPeers((event, payload) => {
      // Kept for later it would only be old: the relay tells what is missing.
      if (client.isReady) sockets.serverSideEmit('announcement', event, payload, broadcaster.epoch);
    });
  }

  const exchange = (sockets: SocketServer, readTally: ReadTally) =>
    exchangeTallies(sockets, () => client.isReady, readTally);

  return {
    adapter,
    exchangeTallies: exchange,
    join(sockets, broadcaster) {
      sendThrough(sockets, broadcaster);
      sockets.on('announcement', (event, payload, epoch) => {
        // Of another database: one that this process or the other one does not know of yet, or does not use any more.
        if (epoch !== broadcaster.epoch) return;
        if (!Object.hasOwn(publishedEvents, event)) return;
        const parsed = publishedEvents[event].safeParse(payload);
        // Of a process of another version, perhaps.
        if (parsed.success) broadcaster.receive(...([event, parsed.data] as PublishedEvent<PublishedPayloads>));
      });
    },
    joinWithoutSockets(broadcaster, readTally) {
      const sockets: SocketServer = new Server(createServer(), { adapter, serveClient: false });
      sendThrough(sockets, broadcaster);
      exchange(sockets, readTally);
      // What the relay does where there are sockets.
      forgetting = setInterval(() => {
        broadcaster.forget(performance.now() - FORGET);
      }, FORGET);
    },
    async close() {
      clearInterval(forgetting);
      // It would go on asking connections that are closed.
      await joined?.of('/').adapter.close();
      for (const each of [...copies, client]) each.destroy();
    },
  };
}

/**
 * The adapter makes copies of its client to listen with, leaves them to themselves, and does not wait for what it sends: a
 * connection that is lost or closed meanwhile would end the process. Here the copies are kept, to be closed, and such a
 * failure is nobody's: what was not sent or heard, the relay tells.
 */
function handleWithCare(client: RedisClient): readonly RedisConnection[] {
  const copies: RedisConnection[] = [];
  const publish = client.publish.bind(client);
  client.publish = (...args) => publish(...args).catch(() => 0);
  const duplicate = client.duplicate.bind(client);
  client.duplicate = () => {
    const copy = duplicate();
    const [connect, subscribe] = [copy.connect.bind(copy), copy.subscribe.bind(copy)];
    // Never, and not at last: nothing that waits for it may go on.
    copy.connect = () => connect().catch(() => new Promise(() => undefined));
    copy.subscribe = (...args) => subscribe(...args).catch(() => undefined);
    copies.push(copy);
    return copy;
  };
  return copies;
}
