import pg from 'pg';
import { AppError, OutcomeUnknownError, OverloadedError, UnavailableError } from '../errors/index.js';

/** What went wrong in the database, in the words its callers decide by. */
export type DatabaseFailure =
  /** A deadlock or serialization failure, or a prepared statement that cannot be used: rolled back for certain, worth another try. */
  | { kind: 'conflict' }
  /** A unique, foreign key, check or not-null constraint refused the write. */
  | { kind: 'constraint'; constraint: string }
  /** Waited too long for a lock, a connection or a statement: rolled back for certain. */
  | { kind: 'overloaded' }
  /** The connection could not be made, or was lost. During a commit that leaves the outcome open. */
  | { kind: 'unavailable' };

const CONFLICT = new Set(['40001', '40P01']);
// 23001 is what PostgreSQL 18 says where others say 23503.
const CONSTRAINT = new Set(['23001', '23502', '23503', '23505', '23514']);
// lock_not_available, query_canceled (statement_timeout)
const TIMED_OUT = new Set(['55P03', '57014']);
// Class 08: connection exceptions; 53: out of connections, memory or disk; 57P: shutting down; 25006: a standby; 25P03 and
// 25P04: the session was ended since this process did not go on with its transaction in time.
const CONNECTION = /^(08|53|57P|25006|25P03|25P04)/;

// Failures below the protocol carry no SQLSTATE: node's system errors have these codes, Prisma's P1001, P1002, P1017 mean
// "not reachable", "timed out", "closed", and pg has only words.
const CONNECTION_CODES = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'ETIMEDOUT', 'EPIPE', 'ENOTCONN', 'ENOBUFS', 'EADDRNOTAVAIL'],
  ...['EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH', 'ENETDOWN', 'ENETRESET', 'ERR_SOCKET_CONNECTION_TIMEOUT'],
  ...['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA', 'EAI_MEMORY'],
  ...['P1001', 'P1002', 'P1008', 'P1011', 'P1017'],
]);
const CONNECTION_WORDS = new RegExp(
  [
    'connection (error|terminated)|terminat\\w+ connection|connection ended|not queryable|closed the connection',
    'ConnectionClosed|DatabaseNotReachable|SocketTimeout|TlsConnection',
    // Of a connection that took too long, a query past `?query_timeout=`, and a pool that is closed.
    'timeout expired|Query read timeout|Cannot use a pool after calling end',
    // The answers of a connection are no longer those to its queries: pg gives it up.
    'unexpected \\w+ message from backend|received invalid response',
    // A Unix socket that does not exist or whose queue is full; no file descriptor is left. Other files have these codes, too.
    'connect (ENOENT|EAGAIN|EMFILE|ENFILE)',
  ].join('|'),
  'i',
);
const POOL_WAIT_WORDS = 'timeout exceeded when trying to connect';

interface DriverCause {
  readonly originalCode?: string;
  readonly originalMessage?: string;
  readonly code?: string;
  readonly kind?: string;
  readonly constraint?: { readonly index?: string; readonly fields?: readonly string[] };
  /** The name of a violated CHECK: see service-client.ts. */
  readonly column?: string;
}

/**
 * Finds out what a failure of Prisma, its driver adapter or pg means; null if it is none of the kinds known here.
 *
 * The shapes differ by where it broke (Prisma 7.10, adapter-pg): inside `$queryRaw` everything is P2010 with the cause in
 * `meta.driverAdapterError`, deadlocks too; at COMMIT it is a bare DriverAdapterError; a dead client is a bare Error.
 */
export function classifyDatabaseError(error: unknown): DatabaseFailure | null {
  if (!(error instanceof Error) || error instanceof AppError) return null;
  const { code, cause } = describe(error);
  const sqlState = cause.originalCode ?? (code?.length === 5 ? code : '');

  if (CONFLICT.has(sqlState) || code === 'P2034') return { kind: 'conflict' };
  if (CONSTRAINT.has(sqlState)) return { kind: 'constraint', constraint: constraintName(cause) };
  if (TIMED_OUT.has(sqlState) || code === 'P2028' || code === 'P2024') return { kind: 'overloaded' };
  if (CONNECTION.test(sqlState) || CONNECTION_CODES.has(code ?? '')) return { kind: 'unavailable' };
  // The words below are those of pg and Prisma; the server's own are in any language, and may quote what a client sent.
  if (isFromServer(error)) return null;
  if (error.message.includes(POOL_WAIT_WORDS)) return { kind: 'overloaded' };
  return CONNECTION_WORDS.test(`${error.message} ${cause.kind ?? ''}`) ? { kind: 'unavailable' } : null;
}

/**
 * The answer a client gets for a failure of the database that no rule of a feature explains: 503 where trying again helps,
 * the error itself (a defect, 500) otherwise.
 *
 * @param duringCommit the work was done and its COMMIT was under way: what PostgreSQL did not say itself leaves open whether
 * it happened.
 */
export function toClientError(error: unknown, duringCommit = false): unknown {
  switch (classifyDatabaseError(error)?.kind) {
    case 'unavailable':
      return duringCommit ? new OutcomeUnknownError(error) : new UnavailableError(error);
    case 'conflict':
    case 'overloaded':
      return new OverloadedError(error);
    case 'constraint':
      return error;
    case undefined:
      return duringCommit && !isFromServer(error) ? new OutcomeUnknownError(error) : error;
  }
}

/** Whether PostgreSQL itself refused, for which it has a code: a COMMIT that it refuses is rolled back for certain. */
function isFromServer(error: unknown): boolean {
  // pg's parser makes one without a code for a message that it does not know.
  if (error instanceof pg.DatabaseError) return error.code !== undefined;
  return error instanceof Error && /^[0-9A-Z]{5}$/.test(describe(error).cause.originalCode ?? '');
}

/** The name of the constraint that refused a write, or null if the failure is of another kind. */
export function violatedConstraint(error: unknown): string | null {
  const failure = classifyDatabaseError(error);
  return failure?.kind === 'constraint' ? failure.constraint : null;
}

/** Whether the connection could not be made or was lost, as the database layer or {@link toClientError} says it. */
export function isDatabaseAway(error: unknown): boolean {
  if (error instanceof UnavailableError || error instanceof OutcomeUnknownError) return true;
  return classifyDatabaseError(error)?.kind === 'unavailable';
}

/** What a failure is grouped by in the log: its SQLSTATE, node's or Prisma's code, or the adapter's or pg's words for it. */
export function databaseCause(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, cause } = describe(error);
  return cause.originalCode ?? cause.kind ?? code ?? error.message;
}

function describe(error: Error): { code: string | undefined; cause: DriverCause } {
  const { code, meta } = error as Error & { code?: string; meta?: { driverAdapterError?: { cause?: DriverCause } } };
  if (error instanceof pg.DatabaseError) return { code, cause: { constraint: { index: error.constraint ?? '' } } };
  const cause = meta?.driverAdapterError?.cause ?? (isDriverCause(error.cause) ? error.cause : {});
  return { code, cause };
}

function isDriverCause(cause: unknown): cause is DriverCause {
  return typeof cause === 'object' && cause !== null && 'kind' in cause;
}

/** From the fields of the error alone: its text is in the server's language. */
function constraintName({ constraint, column }: DriverCause): string {
  return constraint?.index ?? constraint?.fields?.join(',') ?? column ?? '';
}
