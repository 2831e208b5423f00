import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { messageOf, OperatorError } from '../errors/operator-error.js';
import type { Logger } from '../logger.js';
import { classifyDatabaseError } from './database-errors.js';
import { MigrationError } from './migrations/migration-files.js';
import { serviceClient } from './service-client.js';
import { connectionSettings } from './session-settings.js';

/** A connection to the database cannot be made. The message names the database and the reason, without the password. */
export class CannotConnectError extends OperatorError {}

const CONNECT_TIMEOUT_MS = 10_000;
const RETRY_INTERVAL_MS = 1_000;
const REPORT_INTERVAL_MS = 10_000;
/** A database that has been unavailable for this long does not merely start later than the service: an ERROR is logged. */
const ERROR_AFTER_MS = 60_000;
const POOLER_ADVICE =
  'This is a pooler that refuses the settings of a session: add ?pgbouncer=true to DATABASE_URL, and set DIRECT_DATABASE_URL ' +
  'to the address of the server itself';
/** pg's error when connecting takes too long. */
const CONNECT_TIMED_OUT = 'timeout expired';

/**
 * Runs `handler` on a new connection outside the pool, and closes the connection.
 *
 * @throws {CannotConnectError}
 * @throws the errors of `handler`.
 */
export async function withConnection<T>(
  { url, purpose, logger }: { url: string; purpose: string; logger: Logger },
  handler: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const Client = serviceClient({ url });
  const client = new Client({
    ...connectionSettings(url, purpose),
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
  });
  client.on('error', (err) => logger.debug({ err }, `The connection for ${purpose} was lost`));
  client.on('notice', ({ message }) => logger.debug({ notice: message }, `Notice from PostgreSQL during ${purpose}`));
  try {
    await client.connect();
  } catch (cause) {
    const where = `${client.host}:${client.port}, database "${client.database ?? ''}"`;
    const advice = isRefusedParameter(cause) ? `. ${POOLER_ADVICE}` : '';
    throw new CannotConnectError(`Cannot connect to PostgreSQL at ${where}: ${messageOf(cause)}${advice}`, { cause });
  }
  try {
    return await handler(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Resolves once the database accepts a connection. @throws as {@link untilReachable}. */
export async function waitForDatabase(url: string, wait: WaitOptions): Promise<void> {
  await untilReachable(
    () => withConnection({ url, purpose: 'start', logger: wait.logger }, () => Promise.resolve()),
    wait,
  );
}

interface WaitOptions {
  readonly logger: Logger;
  /** Ends the wait with an AbortError. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Repeats a step of the start until no connection is lost in it: while the database is unavailable, starting or out of
 * connections, without a time limit. Logs a warning at once and every ten seconds, and an ERROR from the first minute on.
 *
 * @param step must be safe to repeat after a connection was lost at any moment, its COMMIT included.
 * @throws {CannotConnectError} waiting does not help: a wrong password, an unknown database, failing TLS.
 * @throws an AbortError when the signal ends the wait.
 * @throws all other errors of `step`.
 */
export async function untilReachable<T>(step: () => Promise<T>, { logger, signal }: WaitOptions): Promise<T> {
  const since = performance.now();
  let reported: number | undefined;
  for (;;) {
    try {
      const result = await step();
      if (reported !== undefined) logger.info('The database is available: the start continues');
      return result;
    } catch (error) {
      if (!isTransient(error)) throw error;
      const waited = performance.now() - since;
      if (reported === undefined || waited - reported >= REPORT_INTERVAL_MS) {
        reported = waited;
        const level = waited < ERROR_AFTER_MS ? 'warn' : 'error';
        logger[level]({ reason: messageOf(error), waitedMs: Math.round(waited) }, 'Waiting for the database');
      }
    }
    await sleep(RETRY_INTERVAL_MS, undefined, { signal });
  }
}

/** Whether a step failed because of a lost connection, which two of the errors for operators may have as their cause. */
function isTransient(error: unknown): boolean {
  if (error instanceof CannotConnectError || error instanceof MigrationError) return isTransient(error.cause);
  if (error instanceof OperatorError || isRefusedParameter(error) || isAnotherProtocol(error)) return false;
  if (error instanceof Error && error.message === CONNECT_TIMED_OUT) return true;
  return classifyDatabaseError(error)?.kind === 'unavailable';
}

/** By its text: PgBouncer has one SQLSTATE for all errors, and its messages are always English. */
function isRefusedParameter(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.message.startsWith('unsupported startup parameter');
}

/** Another server than PostgreSQL listens at the address: pg's parser makes an error without SQLSTATE of its answer. */
function isAnotherProtocol(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === undefined;
}
