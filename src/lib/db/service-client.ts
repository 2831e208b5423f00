import type { Socket } from 'node:net';
import pg from 'pg';
import { PLAN_LIFETIME_MS, type PreparedStatements } from './prepared-statements.js';
import { sessionParameters, type TimeLimits } from './session-settings.js';

/** A class of PostgreSQL clients: pg's own, or a subclass. */
export type PgClientClass = typeof pg.Client;

/** Observes a client, to find lost connections: see lost-sessions.ts. */
interface WatchedClient {
  onConnect(): void;
  onQuery(): void;
}

interface ServiceClientOptions {
  /** The connection string as configured, with Prisma's parameters. */
  readonly url: string;
  /** The server's time limits for each session. Left out: none, as migrations need. */
  readonly limits?: TimeLimits;
  /** After this time without an answer to a query, the connection is destroyed. */
  readonly readTimeoutMs?: number;
  readonly lostSessions?: { watch(client: pg.Client): WatchedClient };
  readonly preparedStatements?: PreparedStatements | undefined;
}

/** READ COMMITTED, since a statement after a lock has to see what was committed while the lock was waited for. */
const BEGIN = 'BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE';
const CHECK_VIOLATION = '23514';
/** Unless the connection string says otherwise: PGSSLNEGOTIATION may be meant for another server. */
const NEGOTIATION: object = { sslnegotiation: 'postgres' };
const READ_TIMED_OUT = 'Connection terminated: the database did not answer within';

type Call = string | { readonly text: string; readonly name?: string };
type Query = (call: Call, ...rest: unknown[]) => unknown;

/** The parameters that pg sends for a new session; a method that its types leave out. */
interface Startup {
  getStartupConf(): Record<string, string>;
}

/**
 * The client class of every connection to PostgreSQL, inside the pool and outside. It extends pg's client by, in this order:
 * a listener for errors, the name of a violated CHECK, a read timeout, the detection of lost sessions, the mode of each
 * transaction, and the settings of the session.
 *
 * @param Base the class to extend. Tests pass a class that records or rewrites statements.
 */
export function serviceClient(
  { url, limits, readTimeoutMs, lostSessions, preparedStatements }: ServiceClientOptions,
  Base: PgClientClass = pg.Client,
): PgClientClass {
  const parameters = sessionParameters(url, limits);
  const options = new URL(url).searchParams.get('options');

  return class extends Base implements Startup {
    constructor(config?: string | pg.ClientConfig) {
      super(typeof config === 'string' ? config : { ...NEGOTIATION, ...config });

      // Node ends a process for an 'error' event without a listener. pg-pool and Prisma's adapter add and remove theirs as a
      // client is connected, checked out and released: between two of them there is none. This listener has nothing to do:
      // the query in flight rejects, a later one is refused, and pg-pool removes the client.
      this.on('error', () => undefined);

      // In front of pg's own listener, so that pg and Prisma's adapter receive the changed error.
      this.connection.prependListener('errorMessage', (error: pg.DatabaseError) => {
        // Prisma's adapter passes on the name of every other violated constraint, but of a CHECK only the field `column`,
        // which PostgreSQL leaves empty.
        if (error.code === CHECK_VIOLATION) error.column ??= error.constraint;
        preparedStatements?.onServerError(error);
      });

      if (readTimeoutMs !== undefined) destroyOnReadTimeout(this, readTimeoutMs);

      const watched = lostSessions?.watch(this);
      const connect = this.connect.bind(this) as (...args: unknown[]) => unknown;
      this.connect = ((...args: unknown[]) => {
        watched?.onConnect();
        return connect(...args);
      }) as typeof this.connect;

      this.query = this.#querying(watched) as typeof this.query;
    }

    #querying(watched: WatchedClient | undefined): Query {
      const send = this.query.bind(this) as Query;
      /** When the oldest plan of this session's prepared statements was made, by `performance.now()`. */
      let plannedAt: number | undefined;

      return (call, ...rest) => {
        watched?.onQuery();
        if (readTimeoutMs !== undefined) socketOf(this).setTimeout(readTimeoutMs);
        if (typeof call === 'object' && call.name !== undefined) plannedAt ??= performance.now();

        // The transaction states its own mode, which a pooler cannot take away as it can a session setting.
        const text = typeof call === 'string' ? call : call.text;
        if (text !== 'BEGIN') return send(call, ...rest);
        let begin = BEGIN;
        if (plannedAt !== undefined && performance.now() - plannedAt > PLAN_LIFETIME_MS) {
          plannedAt = undefined;
          // In one message with BEGIN: pg 9 no longer queues a second query on a busy client.
          begin += '; DISCARD PLANS';
        }
        return send(typeof call === 'string' ? begin : { ...call, text: begin }, ...rest);
      };
    }

    /** Adds the session settings, which take precedence over the defaults of role, database, server and environment. */
    getStartupConf(): Record<string, string> {
      const startup = (Base.prototype as unknown as Startup).getStartupConf.call(this);
      // Both may come from the environment; the connection string may hold `options` that a proxy needs.
      delete startup.replication;
      delete startup.options;
      return { ...startup, ...(options !== null && { options }), ...parameters };
    }
  };
}

/**
 * Destroys the connection when the server sends nothing for `limitMs` while a query waits for its answer: the query fails as
 * after any lost connection. During a COMMIT that leaves the outcome open.
 *
 * pg's own query_timeout would leave the connection in use, and the next query would wait behind the unanswered one.
 */
function destroyOnReadTimeout(client: pg.Client, limitMs: number): void {
  client.once('connect', () => {
    const socket = socketOf(client);
    socket.on('timeout', () => {
      socket.destroy(new Error(`${READ_TIMED_OUT} ${limitMs} ms`));
    });
  });
  client.on('drain', () => socketOf(client).setTimeout(0));
}

/** With TLS, the socket of a connected client is another one than before. */
function socketOf({ connection }: pg.Client): Socket {
  return connection.stream as Socket;
}

/** Whether a connection was ended by its read timeout: the database has been away for that long. */
export function isReadTimeout(error: unknown): boolean {
  return error instanceof Error && error.message.includes(READ_TIMED_OUT);
}
