import type pg from 'pg';
import { PgClient, type PgClientClass } from './client.js';
import { withSessionSettings } from './session-client.js';
import { withoutPrismaParameters } from './session-settings.js';

/** ms. Once a connection has waited for the server for this long, a probe finds out whether its session still exists. */
const SUSPECT_AFTER_MS = 500;
const CHECK_EVERY_MS = 100;
const PROBE_EVERY_MS = 250;
/** Between two probes that found every session at work: statements that only take long are no reason for many. */
const MAX_PROBE_PAUSE_MS = 4_000;
const PROBE_TIMEOUT_MS = 1_000;
/** Probes that are not answered yet: a network that swallows packets also swallows theirs. */
const MAX_PROBES = 4;

/** The error of what waits on a connection whose session is lost. */
export const LOST_SESSION = 'Connection terminated: its session is lost';

/** What the server says of a session that waits for an answer: true if it is idle, and so has no query or has answered it. */
type Sessions = ReadonlyMap<number, boolean>;

interface Connection {
  /** The server's process; undefined while connecting. */
  readonly pid: number | undefined;
  readonly createdAt: number;
  readonly isWaiting: boolean;
  /** ms that the connection has waited for the server without a sign of life. */
  silentFor(now: number): number;
  /** Ends it here: what waits for its answer fails as after any lost connection. */
  destroy(): void;
}

export interface LostSessions {
  /** The client class whose connections are watched. */
  watched(Client: PgClientClass): PgClientClass;
  stop(): void;
}

/**
 * Finds connections that are lost without notice, as soon as the server can be reached again: a network, a proxy or a failover
 * may swallow packets for a while, and leave connections behind on which nothing ever arrives, or seconds later. Waiting for
 * the read timeout would keep requests, the worker and the ledger poller from their work long after the outage.
 *
 * While a connection is silent, probes connect anew. The first one that is answered reads which sessions still exist and
 * work. A connection ends if its session is gone, or idle while an answer is waited for, or if it has been connecting since before
 * the probe. A session that waits for a lock or runs a long query is left alone. So are all sessions behind a pooler, where
 * a connection's process is not the server's.
 *
 * @param url the connection string of the pool.
 */
export function findLostSessions(url: string): LostSessions {
  const connections = new Set<Connection>();
  let probes = 0;
  let probedAt = -Infinity;
  let probePauseMs = PROBE_EVERY_MS;

  function check(): void {
    const now = performance.now();
    if (probes >= MAX_PROBES || now - probedAt < probePauseMs) return;
    if (![...connections].some((each) => each.silentFor(now) >= SUSPECT_AFTER_MS)) return;
    probedAt = now;
    probes += 1;
    const asked = new Set([...connections].flatMap(({ pid }) => pid ?? []));
    readSessions(url, [...asked])
      .then((sessions) => {
        const isAnyLost = endLost(now, asked, sessions);
        probePauseMs = isAnyLost ? PROBE_EVERY_MS : Math.min(2 * probePauseMs, MAX_PROBE_PAUSE_MS);
      })
      .catch(() => {
        // The server is still away.
        probePauseMs = PROBE_EVERY_MS;
      })
      .finally(() => (probes -= 1));
  }

  /** @param asked the processes that the probe read the state of. */
  function endLost(probeBegan: number, asked: ReadonlySet<number>, sessions: Sessions | null): boolean {
    const now = performance.now();
    const older = [...connections].filter(({ createdAt }) => createdAt < probeBegan);
    const isSilent = (each: Connection) => each.silentFor(now) >= SUSPECT_AFTER_MS;
    const unconnected = older.filter((each) => each.pid === undefined && isSilent(each));
    // One that connected while the probe ran was not asked about.
    const isLost = (each: Connection) =>
      each.pid !== undefined && asked.has(each.pid) && isSilent(each) && sessions?.get(each.pid) !== false;
    const lost = sessions === null ? [] : older.filter(isLost);
    // Connections that wait for nothing took the same way through the network.
    const unused = lost.length > 0 ? older.filter(({ isWaiting }) => !isWaiting) : [];
    const ended = new Set([...unconnected, ...lost, ...unused]);
    for (const each of ended) each.destroy();
    return ended.size > 0;
  }

  const timer = setInterval(check, CHECK_EVERY_MS).unref();
  return {
    watched: (Client) => watching(Client, connections),
    stop: () => {
      clearInterval(timer);
    },
  };
}

/** Reads the state of sessions on a new connection; null if a pooler hides them. @throws if the server cannot be reached. */
async function readSessions(url: string, pids: readonly number[]): Promise<Sessions | null> {
  const Client = withSessionSettings(PgClient, url);
  const client = new Client({
    connectionString: withoutPrismaParameters(url),
    application_name: 'drop-inventory probe',
    connectionTimeoutMillis: PROBE_TIMEOUT_MS,
    query_timeout: PROBE_TIMEOUT_MS,
  });
  try {
    await client.connect();
    const { rows } = await client.query<{ own: number; pid: number | null; idle: boolean | null }>(
      `SELECT pg_backend_pid() AS own, pid,
              state LIKE 'idle%' AND state_change < clock_timestamp() - interval '250 ms' AS idle
       FROM (VALUES (1)) AS one (row) LEFT JOIN pg_stat_activity ON pid = ANY($1::int[])`,
      [pids],
    );
    if (rows[0]?.own !== processOf(client)) return null;
    return new Map(rows.flatMap(({ pid, idle }) => (pid === null ? [] : [[pid, idle === true] as const])));
  } finally {
    void client.end().catch(() => undefined);
  }
}

function watching(Client: PgClientClass, connections: Set<Connection>): PgClientClass {
  return class extends Client {
    constructor(config?: string | pg.ClientConfig) {
      super(config);
      const createdAt = performance.now();
      let isConnected = false;
      let isWaiting = false;
      /** When the server was last heard, or was sent something after it had nothing to do. */
      let activeAt = createdAt;

      const connection: Connection = {
        createdAt,
        get isWaiting() {
          return isWaiting;
        },
        get pid() {
          return isConnected ? processOf(client) : undefined;
        },
        silentFor: (now) => (isWaiting || !isConnected ? now - activeAt : 0),
        destroy: () => {
          const { stream } = client.connection;
          stream.destroy(new Error(LOST_SESSION));
        },
      };
      const client = this as unknown as pg.Client;
      // Not before it connects: a client that never does would stay.
      const connect = this.connect.bind(this) as (...args: unknown[]) => unknown;
      this.connect = ((...args: unknown[]) => {
        connections.add(connection);
        return connect(...args);
      }) as typeof this.connect;
      this.once('connect', () => {
        isConnected = true;
        client.connection.stream.on('data', () => {
          activeAt = performance.now();
        });
      });
      this.once('end', () => connections.delete(connection));
      this.on('drain', () => {
        isWaiting = false;
      });
      const send = this.query.bind(this) as (...args: unknown[]) => unknown;
      const query: typeof send = (...args) => {
        if (!isWaiting) activeAt = performance.now();
        isWaiting = true;
        return send(...args);
      };
      this.query = query as typeof this.query;
    }
  };
}

/** The process that the server named when connecting; a member that pg's types leave out. */
function processOf(client: object): number | undefined {
  return (client as { processID?: number | null }).processID ?? undefined;
}
