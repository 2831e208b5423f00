import { setImmediate as nextEventLoopTurn } from 'node:timers/promises';
import pg from 'pg';
import { LOST_SESSION } from './lost-sessions.js';

/** SQLSTATE of a session that the server or a pooler has ended: 57P01 and 57P02 at a restart, 57P05 for being idle. */
const SESSION_ENDED = /^(57P0[125]|08(003|006|P01))$/;
const SOCKET_CLOSED = ['ECONNRESET', 'EPIPE'];
/** pg's errors for a connection that was closed without a message from the server. */
const CLOSED = [
  'Connection terminated unexpectedly',
  'Client has encountered a connection error and is not queryable',
  LOST_SESSION,
];
/** pg's error for a connection whose answers no longer match its queries. */
const OUT_OF_STEP = /^Received unexpected \w+ message from backend/;

/** Together: a statement that neither writes nor locks, and so may run twice. */
const READS = /^\s*(SELECT|WITH)\b/i;
const WRITES = /\b(INSERT|UPDATE|DELETE|MERGE)\b|\bFOR\s+(NO\s+KEY\s+)?(UPDATE|SHARE|KEY)\b/i;

/**
 * A pool that repeats a plain read once if its connection was closed. A server restart, an idle_session_timeout, a pooler or a
 * firewall may close an idle connection at the moment at which it is used. Statements of interactive transactions do not pass
 * through `query`; writes never run twice.
 */
export class ReadRetryingPool extends pg.Pool {
  constructor(config: pg.PoolConfig) {
    super(config);
    const send = this.query.bind(this) as (...args: unknown[]) => unknown;
    const query: typeof send = (...args) => {
      if (!isPlainRead(args)) return send(...args);
      return (send(...args) as Promise<unknown>).catch(async (error: unknown) => {
        if (!isClosedConnection(error)) throw error;
        // Other idle connections may have been closed as well: the pool removes them first.
        await nextEventLoopTurn();
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
