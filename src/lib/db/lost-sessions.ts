import type pg from 'pg';
import { serviceClient } from './service-client.js';
import { connectionSettings } from './session-settings.js';

/** A connection that has waited for the server for this long is checked by a probe. */
const SUSPECT_AFTER_MS = 500;
const CHECK_INTERVAL_MS = 100;
const MIN_PROBE_INTERVAL_MS = 250;
/** After probes that found no lost session, as while long statements run, the interval doubles up to this. */
const MAX_PROBE_INTERVAL_MS = 4_000;
const PROBE_TIMEOUT_MS = 1_000;
/** Unanswered probes at a time: a network that drops packets also drops those of the probes. */
const MAX_PROBES = 4;

/** The message of the error with which a query on a lost connection fails. */
export const LOST_SESSION = 'Connection terminated: its session is lost';

/** Whether each existing session is idle, by its process: it received no query, or has answered it. */
type Sessions = ReadonlyMap<number, boolean>;

export interface LostSessions {
  /** Watches a client from its first connect on: one that never connects would never be removed. */
  watch(client: pg.Client): WatchedConnection;
  stop(): void;
}

/** What is known of a connection: whether it waits for the server, and since when. */
export class WatchedConnection {
  readonly createdAt = performance.now();
  #isConnected = false;
  #isWaiting = false;
  /** When the server last sent something, or was sent a query after a pause. */
  #activeAt = this.createdAt;

  /** @param onBusy called when the connection is no longer idle. */
  constructor(
    private readonly client: pg.Client,
    private readonly connections: Set<WatchedConnection>,
    private readonly onBusy: () => void,
  ) {
    client.once('connect', () => {
      this.#isConnected = true;
      client.connection.stream.on('data', () => {
        this.#activeAt = performance.now();
      });
    });
    client.on('drain', () => {
      this.#isWaiting = false;
    });
    client.once('end', () => connections.delete(this));
  }

  onConnect(): void {
    this.connections.add(this);
    this.onBusy();
  }

  onQuery(): void {
    if (this.#isWaiting) return;
    this.#activeAt = performance.now();
    this.#isWaiting = true;
    this.onBusy();
  }

  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  /** Whether the connection is open, and no answer of the server is due. */
  get isIdle(): boolean {
    return this.#isConnected && !this.#isWaiting;
  }

  /** The process of the session in the server; undefined while connecting. */
  get pid(): number | undefined {
    return this.#isConnected ? processOf(this.client) : undefined;
  }

  /** For how long the connection has waited for the server without receiving anything. */
  silentMs(now: number): number {
    return this.isIdle ? 0 : now - this.#activeAt;
  }

  /** Closes the connection on this side: a query in flight fails as after any lost connection. */
  destroy(): void {
    this.client.connection.stream.destroy(new Error(LOST_SESSION));
  }
}

/**
 * Detects lost connections as soon as the server can be reached again. A network, a proxy or a failover that drops packets
 * leaves connections on which nothing arrives any more, or only seconds later. The read timeout alone would block requests, the
 * worker and the ledger poller long after the outage.
 *
 * While a connection receives nothing, probes open new connections. The first probe that succeeds reads which sessions exist
 * and which are idle. A connection is destroyed if its session is gone, if its session is idle while the connection waits for an
 * answer, or if it has been connecting since before the probe. Sessions that wait for a lock or run a long query stay. So do all
 * sessions behind a pooler, where the process of a connection is not the server's.
 *
 * @param url the connection string of the pool.
 */
export function findLostSessions(url: string): LostSessions {
  const connections = new Set<WatchedConnection>();
  let probes = 0;
  let probedAt = -Infinity;
  let probeIntervalMs = MIN_PROBE_INTERVAL_MS;

  /** Runs while a connection is busy: nothing wakes an idle process. */
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;

  function startChecking(): void {
    if (!isStopped) timer ??= setInterval(check, CHECK_INTERVAL_MS).unref();
  }

  function stopChecking(): void {
    clearInterval(timer);
    timer = undefined;
  }

  function check(): void {
    if ([...connections].every(({ isIdle }) => isIdle)) stopChecking();
    const now = performance.now();
    if (probes >= MAX_PROBES || now - probedAt < probeIntervalMs) return;
    if (![...connections].some((each) => each.silentMs(now) >= SUSPECT_AFTER_MS)) return;
    probedAt = now;
    probes += 1;
    const probed = new Set([...connections].flatMap(({ pid }) => pid ?? []));
    readSessions(url, [...probed])
      .then((sessions) => {
        const isAnyLost = endLost(now, probed, sessions);
        probeIntervalMs = isAnyLost ? MIN_PROBE_INTERVAL_MS : Math.min(2 * probeIntervalMs, MAX_PROBE_INTERVAL_MS);
      })
      .catch(() => {
        // The server is still unreachable.
        probeIntervalMs = MIN_PROBE_INTERVAL_MS;
      })
      .finally(() => (probes -= 1));
  }

  /** @param probed the processes whose state the probe has read. */
  function endLost(probeBegan: number, probed: ReadonlySet<number>, sessions: Sessions | null): boolean {
    const now = performance.now();
    const older = [...connections].filter(({ createdAt }) => createdAt < probeBegan);
    const isSilent = (each: WatchedConnection) => each.silentMs(now) >= SUSPECT_AFTER_MS;
    const unconnected = older.filter((each) => each.pid === undefined && isSilent(each));
    // The probe has not read the state of sessions that began while it ran.
    const isLost = (each: WatchedConnection) =>
      each.pid !== undefined && probed.has(each.pid) && isSilent(each) && sessions?.get(each.pid) !== false;
    const lost = sessions === null ? [] : older.filter(isLost);
    // Idle connections use the same path through the network.
    const unused = lost.length > 0 ? older.filter(({ isWaiting }) => !isWaiting) : [];
    const ended = new Set([...unconnected, ...lost, ...unused]);
    for (const each of ended) each.destroy();
    return ended.size > 0;
  }

  return {
    watch: (client) => new WatchedConnection(client, connections, startChecking),
    stop: () => {
      isStopped = true;
      stopChecking();
    },
  };
}

/** Reads the state of sessions on a new connection; null behind a pooler. @throws the server cannot be reached. */
async function readSessions(url: string, pids: readonly number[]): Promise<Sessions | null> {
  const Client = serviceClient({ url });
  const client = new Client({
    ...connectionSettings(url, 'probe'),
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

/** The process id that the server sent when connecting; a member that pg's types leave out. */
export function processOf(client: object): number | undefined {
  return (client as { processID?: number | null }).processID ?? undefined;
}
