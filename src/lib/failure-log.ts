import { classifyDatabaseError, databaseCause } from './db/database-errors.js';
import { AppError } from './errors/index.js';
import type { Logger } from './logger.js';

/** What failed because of the database. */
type Affected = 'request' | 'socket call' | 'transaction run again' | 'sweep' | 'ledger poll' | 'stats' | 'idle connection' | 'metrics'; // prettier-ignore

/** The log of failures that come by the thousand: those of a database that is away, and of an overloaded service. */
export interface FailureLog {
  /**
   * Logs a failure, together with others of its cause and second. Returns false if it is of another kind, which the caller
   * logs by itself.
   */
  record(error: unknown, affected: Affected, context?: Readonly<Record<string, unknown>>): boolean;
  /** Logs what was not logged yet. */
  close(): void;
}

/** The failures of one cause within one second. */
interface Bucket {
  readonly reason: string;
  readonly example: Readonly<Record<string, unknown>>;
  readonly affected: Partial<Record<Affected, number>>;
  count: number;
}

interface Outage {
  /** ms, of `performance.now()`. */
  readonly since: number;
  last: number;
  failures: number;
  requestsFailed: number;
}

const WINDOW_MS = 1_000;
/** An outage is over after this time without a failure. Longer than the ledger poller and the worker pause in one. */
const QUIET_MS = 3_000;
/** What a client was told by 503. */
const ANSWERED: readonly Affected[] = ['request', 'socket call'];

/**
 * Makes the log of failures of the process: one line a cause and second with a count, in place of a line with a stack for each
 * request. The first loss of a connection begins an outage, and the first and the last moment of an outage have lines of their own.
 */
export function createFailureLog(logger: Logger): FailureLog {
  const buckets = new Map<string, Bucket>();
  let outage: Outage | undefined;
  let timer: NodeJS.Timeout | undefined;

  function noteOutage(affected: Affected, isAway: boolean, reason: string): void {
    if (!outage && !isAway) return;
    const now = performance.now();
    if (!outage) {
      outage = { since: now, last: now, failures: 0, requestsFailed: 0 };
      logger.warn({ reason }, 'connections to the database fail: an outage begins');
    }
    outage.last = now;
    outage.failures += 1;
    if (ANSWERED.includes(affected)) outage.requestsFailed += 1;
  }

  function writeBuckets(): void {
    for (const [cause, { count, affected, reason, example }] of buckets) {
      logger.warn({ cause, count, affected, reason, example }, 'the database could not be used');
    }
    buckets.clear();
  }

  function writeEnd({ since, last, failures, requestsFailed }: Outage): void {
    const durationMs = Math.round(last - since);
    logger.warn(
      { durationMs, failures, requestsFailed },
      'connections to the database are made again: the outage is over',
    );
  }

  function tick(): void {
    writeBuckets();
    if (outage && performance.now() - outage.last >= QUIET_MS) {
      writeEnd(outage);
      outage = undefined;
    }
    if (outage) return;
    clearInterval(timer);
    timer = undefined;
  }

  return {
    record(error, affected, context = {}) {
      const failure = error instanceof AppError ? (error.cause ?? error) : error;
      const kind = classifyDatabaseError(failure)?.kind;
      // An AppError without a cause is a queue that is full, or a shutdown.
      if (kind !== 'unavailable' && kind !== 'overloaded' && !(failure instanceof AppError)) return false;
      const cause = failure instanceof AppError ? failure.code : databaseCause(failure);
      const reason = failure instanceof Error ? failure.message : String(failure);
      noteOutage(affected, kind === 'unavailable', reason);
      logger.debug({ ...context, cause, affected }, reason);

      const bucket = buckets.get(cause) ?? { reason, example: context, affected: {}, count: 0 };
      buckets.set(cause, bucket);
      bucket.count += 1;
      bucket.affected[affected] = (bucket.affected[affected] ?? 0) + 1;
      timer ??= setInterval(tick, WINDOW_MS).unref();
      return true;
    },
    close() {
      clearInterval(timer);
      writeBuckets();
      if (outage) writeEnd(outage);
      outage = undefined;
      timer = undefined;
    },
  };
}
