import type { Config } from './lib/config/index.js';
import { SessionSettingsError } from './lib/db/check-session.js';
import { untilReachable, waitForDatabase, withConnection } from './lib/db/connect.js';
import { openDatabase, type DatabaseHandle, type PgClientClass } from './lib/db/database.js';
import { applyMigrations } from './lib/db/migrations/migrate.js';
import type { PoolTimeLimits } from './lib/db/pool-settings.js';
import type { DisposalStack } from './lib/process/disposal-stack.js';
import type { FailureLog } from './lib/failure-log.js';
import type { Logger } from './lib/logger.js';
import { openDatabaseServer } from './database-server.js';
import { OperatorError } from './lib/errors/operator-error.js';
import { assertNoDefaultAccounts, DefaultAccountsError, prepareData } from './seed/seed-demo-data.js';

interface PrepareDatabaseOptions {
  readonly logger: Logger;
  readonly failures: FailureLog;
  /** Closes what is opened here. */
  readonly disposal: DisposalStack;
  readonly PgClient?: PgClientClass | undefined;
  readonly poolTimeLimits?: PoolTimeLimits | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes the database ready for the service: starts the embedded server if no URL is configured, waits until the database can
 * be reached, migrates it, adds the demo data, opens the pool, and checks its sessions and, in production, its accounts.
 *
 * @throws {CannotConnectError | MigrationError | SessionSettingsError | DefaultAccountsError | EmbeddedPostgresError} or an
 * OperatorError with the messages of several.
 * @throws an AbortError when the signal ends the wait.
 */
export async function prepareDatabase(
  config: Config,
  { logger, failures, disposal, PgClient, poolTimeLimits, signal }: PrepareDatabaseOptions,
): Promise<DatabaseHandle> {
  const wait = { logger, signal };
  const server = await untilReachable(() => openDatabaseServer(config, logger), wait);
  disposal.add('database server', () => server.close());
  for (const url of new Set([server.directUrl, server.url])) await waitForDatabase(url, wait);

  const migrations = {
    connectionString: server.directUrl,
    logger,
    afterMigrate: prepareData(config, logger),
    ...(signal && { signal }),
  };
  await untilReachable(() => applyMigrations(migrations), wait);

  const { directUrl } = server;
  const database = openDatabase(server.url, { directUrl, logger, failures, Client: PgClient, limits: poolTimeLimits });
  disposal.add('database connections', database.close);
  const production = config.env === 'production';
  const checks = [
    () => database.checkSessions({ requireDurability: production }),
    ...(production
      ? [() => withConnection({ url: server.url, purpose: 'start', logger }, assertNoDefaultAccounts)]
      : []),
  ];
  await untilReachable(() => runChecks(checks), wait);
  return database;
}

/**
 * Runs all checks, and reports all refusals together.
 *
 * @throws first of all an error that is no refusal, such as a lost connection.
 */
async function runChecks(checks: readonly (() => Promise<void>)[]): Promise<void> {
  const results = await Promise.allSettled(checks.map((check) => check()));
  const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
  const refusals = errors.filter(isRefusal);
  if (refusals.length < errors.length) throw errors.find((error) => !isRefusal(error));
  if (errors.length > 1) throw new OperatorError(refusals.map(({ message }) => message).join('\n\n'));
  if (errors.length === 1) throw errors[0];
}

function isRefusal(error: unknown): error is SessionSettingsError | DefaultAccountsError {
  return error instanceof SessionSettingsError || error instanceof DefaultAccountsError;
}
