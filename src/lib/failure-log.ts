import { classifyDatabaseError, databaseCause } from './db/database-errors.js';
import { AppError } from './errors/index.js';
import type { Logger } from './logger.js';

/** What a failure of the database affected. */
type Affected = 'request' | 'socket call' | 'transaction run again' | 'sweep' | 'ledger poll' | 'stats' | 'idle connection' | 'metrics'; // prettier-ignore

/** Logs failures that come by the thousand: of a database that cannot be reached, and of an overloaded service. */
export interface FailureLog {
  /**
   * Logs a failure, together with others of its cause and second. Returns false for another kind of error, which the caller has to
   * log.
   */
  record(error: unknown, affected: Affected, context?: Readonly<Record<string, unknown>>): boolean;
  /** Logs the rest. */
  close(): void;
}

/** The failures of one cause in one second. */
interface Bucket {
  readonly reason: string;
  readonly example: Readonly<Record<string, unknown>>;
  readonly affected: Partial<Record<Affected, number>>;
  count: number;
}

interface Outage {
  /** In the time of `performance.now()`, as `last`. */
  readonly since: number;
  last: number;
  failures: number;
  requestsFailed: number;
}

const WINDOW_MS = 1_000;
/** An outage is over after this time without a failure. Longer than the retry intervals of the ledger poller and the worker. */
const QUIET_MS = 3_000;
/** These were answered with 503. */
const ANSWERED: readonly Affected[] = ['request', 'socket call'];

/**
 * Makes the failure log of the process: one line for each cause and second, with a count, instead of a stack for each request.
 * The first lost connection begins an outage; the begin and the end of an outage are logged too.
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
      logger.warn({ reason }, 'Connections to the database fail: an outage begins');
    }
    outage.last = now;
    outage.failures += 1;
    if (ANSWERED.includes(affected)) outage.requestsFailed += 1;
  }

  function writeBuckets(): void {
    for (const [cause, { count, affected, reason, example }] of buckets) {
      logger.warn({ cause, count, affected, reason, example }, 'The database could not be used');
    }
    buckets.clear();
  }

  function writeEnd({ since, last, failures, requestsFailed }: Outage): void {
    const durationMs = Math.round(last - since);
    logger.warn(
      { durationMs, failures, requestsFailed },
      'Connections to the database are made again: the outage is over',
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
      // An AppError without a cause means a full queue or a shutdown.
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
