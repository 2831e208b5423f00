import { setImmediate as nextTurn } from 'node:timers/promises';
import pg from 'pg';
import { LOST_SESSION } from './lost-sessions.js';

/** SQLSTATE of a session that the server or a pooler has ended: 57P01 and 57P02 at a restart, 57P05 for being idle. */
const SESSION_ENDED = /^(57P0[125]|08(003|006|P01))$/;
const SOCKET_CLOSED = ['ECONNRESET', 'EPIPE'];
/** What pg says of a connection that was closed without a word. */
const CLOSED = [
  'Connection terminated unexpectedly',
  'Client has encountered a connection error and is not queryable',
  LOST_SESSION,
];
/** What pg says of a connection whose answers are no longer those to its queries, and which it gives up. */
const OUT_OF_STEP = /^Received unexpected \w+ message from backend/;

/** A statement that changes nothing and locks nothing, however often it runs. */
const READS = /^\s*(SELECT|WITH)\b/i;
const WRITES = /\b(INSERT|UPDATE|DELETE|MERGE)\b|\bFOR\s+(NO\s+KEY\s+)?(UPDATE|SHARE|KEY)\b/i;

/**
 * A pool that runs a plain read once more if the connection that it was sent on turns out to be closed: a server that
 * restarts, an idle_session_timeout, a pooler or a firewall closes idle connections at any moment, also at the one at which
 * they are used. Statements of interactive transactions do not pass through `query`; writes never run twice.
 */
export class ReadRetryingPool extends pg.Pool {
  constructor(config: pg.PoolConfig) {
    super(config);
    const send = this.query.bind(this) as (...args: unknown[]) => unknown;
    const query: typeof send = (...args) => {
      if (!isPlainRead(args)) return send(...args);
      return (send(...args) as Promise<unknown>).catch(async (error: unknown) => {
        if (!isClosedConnection(error)) throw error;
        // Other idle connections may have been closed as well: let the pool notice.
        await nextTurn();
        return send(...args);
      });
    };
    this.query = query as typeof this.query;
  }
}

function isPlainRead(args: readonly unknown[]): boolean {
  const [call] = args;
  if (typeof args.at(-1) === 'function') return false;
  const text =
    typeof call === 'string' ? call : typeof call === 'object' && call !== null && 'text' in call && call.text;
  return typeof text === 'string' && READS.test(text) && !WRITES.test(text);
}

function isClosedConnection(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (CLOSED.includes(error.message) || OUT_OF_STEP.test(error.message)) return true;
  const { code = '', syscall } = error as NodeJS.ErrnoException;
  return SESSION_ENDED.test(code) || (SOCKET_CLOSED.includes(code) && syscall !== 'connect');
}
