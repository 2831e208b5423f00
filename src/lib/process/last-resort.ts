import { classifyDatabaseError } from '../db/database-errors.js';
import type { Logger } from '../logger.js';
import type { Metrics } from '../metrics.js';

interface LastResortDependencies {
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, 'uncaughtErrors'>;
  /** Stops the process gracefully, with an exit code other than 0. */
  readonly stop: () => void;
}

/**
 * Classes of the Redis client's errors for a lost or closed connection; those of its socket have Node's codes. By name, because the client is
 * loaded only where REDIS_URL is set.
 */
const REDIS_LOSSES: ReadonlySet<string> = new Set([
  'ClientClosedError',
  'ClientOfflineError',
  'ConnectionTimeoutError',
  'DisconnectsClientError',
  'SocketClosedUnexpectedlyError',
  'SocketTimeoutError',
]);

/**
 * Makes the handler of uncaught errors. After the loss of a connection the process continues; any other error is a defect, which
 * is logged as FATAL, and the process stops. Both are counted. See docs/adr/0016.
 */
export function createLastResort({ logger, metrics, stop }: LastResortDependencies): (error: unknown) => void {
  return (error) => {
    if (isConnectionLoss(error)) {
      metrics.uncaughtErrors.inc({ kind: 'connection' });
      // Not the error itself, because pg-pool attaches the whole client to it.
      logger.error({ reason: error.message, stack: error.stack }, 'The loss of a connection was not handled: the process goes on'); // prettier-ignore
      return;
    }
    metrics.uncaughtErrors.inc({ kind: 'defect' });
    logger.fatal({ err: error }, 'An error was not handled: this is a defect, and the process stops');
    stop();
  };
}

function isConnectionLoss(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  return classifyDatabaseError(error)?.kind === 'unavailable' || REDIS_LOSSES.has(error.constructor.name);
}
