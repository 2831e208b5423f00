import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { OperatorError } from '../errors/operator-error.js';
import type { Logger } from '../logger.js';
import { PgClient } from './client.js';
import { classifyDatabaseError } from './database-errors.js';
import { MigrationError } from './migration-error.js';
import { withSessionSettings } from './session-client.js';
import { withoutPrismaParameters } from './session-settings.js';

/** A database cannot be connected to. The message says which and why, without its password. */
export class CannotConnectError extends OperatorError {
  override readonly name = 'CannotConnectError';
}

/** ms. */
const CONNECT_TIMEOUT = 10_000;
/** ms. Between two attempts to reach a database that is away. */
const PAUSE = 1_000;
/** ms. How often it is said that it is still away. */
const REPORT_EVERY = 10_000;
/** ms. A database that has been away for so long does not merely start a little later: somebody must look. */
const ALARM_AFTER = 60_000;
const POOLER_ADVICE =
  'This is a pooler that refuses the settings of a session: add ?pgbouncer=true to DATABASE_URL, and set DIRECT_DATABASE_URL ' +
  'to the address of the server itself';
/** What pg says when its time to connect is over. */
const CONNECT_TIMED_OUT = 'timeout expired';

/**
 * Runs `work` on a connection of its own, past the pool, and closes that.
 *
 * @throws {CannotConnectError}
 * @throws whatever `work` throws.
 */
export async function withConnection<T>(
  { url, purpose, logger }: { url: string; purpose: string; logger: Logger },
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const Client = withSessionSettings(PgClient, url);
  const client = new Client({
    connectionString: withoutPrismaParameters(url),
    application_name: `drop-inventory ${purpose}`,
    connectionTimeoutMillis: CONNECT_TIMEOUT,
    keepAlive: true,
  });
  client.on('error', (err) => logger.debug({ err }, `the connection for ${purpose} was lost`));
  client.on('notice', ({ message }) => logger.debug({ notice: message }, `notice from PostgreSQL during ${purpose}`));
  try {
    await client.connect();
  } catch (cause) {
    const where = `${client.host}:${client.port}, database "${client.database ?? ''}"`;
    const advice = isRefusedParameter(cause) ? `. ${POOLER_ADVICE}` : '';
    throw new CannotConnectError(`Cannot connect to PostgreSQL at ${where}: ${messageOf(cause)}${advice}`, { cause });
  }
  try {
    return await work(client);
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
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a step of the start until no connection is lost in it. A database that is away, starting or full is waited for, however
 * long it takes; the log says so at once and every ten seconds, after a minute as an ERROR.
 *
 * @param step may run again after a connection was lost at any moment of it, its COMMIT included.
 * @throws {CannotConnectError} for what waiting does not change: a wrong password, an unknown database, failing TLS.
 * @throws an AbortError when the signal ends the wait.
 * @throws whatever else `step` throws.
 */
export async function untilReachable<T>(step: () => Promise<T>, { logger, signal }: WaitOptions): Promise<T> {
  const since = performance.now();
  let reported: number | undefined;
  for (;;) {
    try {
      const result = await step();
      if (reported !== undefined) logger.info('the database is there: the start goes on');
      return result;
    } catch (error) {
      if (!isPassing(error)) throw error;
      const waited = performance.now() - since;
      if (reported === undefined || waited - reported >= REPORT_EVERY) {
        reported = waited;
        const level = waited < ALARM_AFTER ? 'warn' : 'error';
        logger[level]({ reason: messageOf(error), waitedMs: Math.round(waited) }, 'waiting for the database');
      }
    }
    await sleep(PAUSE, undefined, { signal });
  }
}

/** Whether a step failed for a lost connection. Of the errors for operators, two may have that for their cause. */
function isPassing(error: unknown): boolean {
  if (error instanceof CannotConnectError || error instanceof MigrationError) return isPassing(error.cause);
  if (error instanceof OperatorError || isRefusedParameter(error) || isAnotherProtocol(error)) return false;
  if (error instanceof Error && error.message === CONNECT_TIMED_OUT) return true;
  return classifyDatabaseError(error)?.kind === 'unavailable';
}

/** PgBouncer has one SQLSTATE for whatever it refuses, and one language. */
function isRefusedParameter(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.message.startsWith('unsupported startup parameter');
}

/** What listens is no PostgreSQL: pg's parser does not know its answer, for which there is no SQLSTATE. */
function isAnotherProtocol(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === undefined;
}

/** Node reports a host of several addresses that all refuse as an AggregateError without a message of its own. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
