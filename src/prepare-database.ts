import type { Config } from './lib/config/index.js';
import { untilReachable, waitForDatabase } from './lib/db/connect.js';
import { openDatabase, type DatabaseHandle, type PgClientClass } from './lib/db/database.js';
import { applyMigrations } from './lib/db/migrations/migrate.js';
import type { PoolTimeLimits } from './lib/db/pool-settings.js';
import type { DisposalStack } from './lib/process/disposal-stack.js';
import type { FailureLog } from './lib/failure-log.js';
import type { Logger } from './lib/logger.js';
import { openDatabaseServer } from './database-server.js';
import { prepareData } from './seed/seed-demo-data.js';

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
 * be reached, migrates it, adds the configured admin and demo data, opens the pool and checks its sessions.
 *
 * @throws {CannotConnectError | MigrationError | SessionSettingsError | EmbeddedPostgresError}
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

  const database = openDatabase(server.url, { logger, failures, Client: PgClient, limits: poolTimeLimits });
  disposal.add('database connections', database.close);
  await untilReachable(database.checkSessions, wait);
  return database;
}
