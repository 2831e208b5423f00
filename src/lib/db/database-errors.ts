import pg from 'pg';
import { AppError, OutcomeUnknownError, OverloadedError, UnavailableError } from '../errors/index.js';

type DatabaseFailure =
  /** A deadlock, a serialization failure or a prepared statement that cannot be used: rolled back, worth a retry. */
  | { kind: 'conflict' }
  /** A unique, foreign key, check or not-null constraint refused the write. */
  | { kind: 'constraint'; constraint: string }
  /** The wait for a lock, a connection or a statement took too long: rolled back. */
  | { kind: 'overloaded' }
  /** The connection could not be made, or was lost. During a COMMIT the outcome is then unknown. */
  | { kind: 'unavailable' };

const CONFLICT = new Set(['40001', '40P01']);
// PostgreSQL 18 returns 23001 where earlier versions return 23503.
const CONSTRAINT = new Set(['23001', '23502', '23503', '23505', '23514']);
// lock_not_available, query_canceled (statement_timeout)
const TIMED_OUT = new Set(['55P03', '57014']);
// Class 08: connection exceptions; 53: out of connections, memory or disk; 57P: shutting down; 25006: a standby; 25P03 and
// 25P04: the server ended a session whose transaction was idle for too long.
const CONNECTION = /^(08|53|57P|25006|25P03|25P04)/;

// Errors below the protocol have no SQLSTATE: system errors have the codes of Node, P1001, P1002 and P1017 of Prisma mean
// "not reachable", "timed out" and "closed", and errors of pg have only a text.
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
  readonly code?: string;
  readonly kind?: string;
  readonly constraint?: { readonly index?: string; readonly fields?: readonly string[] };
  /** The name of a violated CHECK: see service-client.ts. */
  readonly column?: string;
}

/**
 * Classifies an error of Prisma, its driver adapter or pg; null for any other error.
 *
 * The shape depends on where the error occurred (Prisma 7.10, adapter-pg): inside `$queryRaw` it is P2010 with the cause in
 * `meta.driverAdapterError`, deadlocks included; at COMMIT a bare DriverAdapterError; on a closed client a bare Error.
 */
export function classifyDatabaseError(error: unknown): DatabaseFailure | null {
  if (!(error instanceof Error) || error instanceof AppError) return null;
  const { code, cause } = describe(error);
  const sqlState = cause.originalCode ?? (code?.length === 5 ? code : '');

  if (CONFLICT.has(sqlState) || code === 'P2034') return { kind: 'conflict' };
  if (CONSTRAINT.has(sqlState)) return { kind: 'constraint', constraint: constraintName(cause) };
  if (TIMED_OUT.has(sqlState) || code === 'P2028' || code === 'P2024') return { kind: 'overloaded' };
  if (CONNECTION.test(sqlState) || CONNECTION_CODES.has(code ?? '')) return { kind: 'unavailable' };
  // The texts below are those of pg and Prisma. The server's texts are in any language, and may quote a client's input.
  if (isFromServer(error)) return null;
  if (error.message.includes(POOL_WAIT_WORDS)) return { kind: 'overloaded' };
  return CONNECTION_WORDS.test(`${error.message} ${cause.kind ?? ''}`) ? { kind: 'unavailable' } : null;
}

/**
 * Maps a database error that no feature handles to the error for the client: one with status 503 if a retry may help, else
 * the error itself, a defect (500).
 *
 * @param duringCommit the COMMIT was in progress: unless PostgreSQL itself refused it, the outcome is unknown.
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

/** Whether the error has a SQLSTATE of PostgreSQL. A COMMIT that PostgreSQL refuses is rolled back. */
function isFromServer(error: unknown): boolean {
  // pg's parser creates a DatabaseError without a code for an unknown message.
  if (error instanceof pg.DatabaseError) return error.code !== undefined;
  return error instanceof Error && /^[0-9A-Z]{5}$/.test(describe(error).cause.originalCode ?? '');
}

/** The name of the constraint that refused a write, or null if the failure is of another kind. */
export function violatedConstraint(error: unknown): string | null {
  const failure = classifyDatabaseError(error);
  return failure?.kind === 'constraint' ? failure.constraint : null;
}

/** Returns a handler of rejected writes: it throws the refusal that the violated constraint stands for, or else the error. */
export function refuseViolations(refusals: Readonly<Record<string, () => AppError>>): (error: unknown) => never {
  return (error) => {
    throw refusals[violatedConstraint(error) ?? '']?.() ?? error;
  };
}

/** Whether the connection could not be made or was lost, before or after {@link toClientError} mapped the error. */
export function isDatabaseAway(error: unknown): boolean {
  if (error instanceof UnavailableError || error instanceof OutcomeUnknownError) return true;
  return classifyDatabaseError(error)?.kind === 'unavailable';
}

/** The key that groups errors in the log: the SQLSTATE, the code of Node or Prisma, or the adapter's or pg's text. */
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

/** Reads the fields of the error only: its text is in the server's language. */
function constraintName({ constraint, column }: DriverCause): string {
  return constraint?.index ?? constraint?.fields?.join(',') ?? column ?? '';
}
