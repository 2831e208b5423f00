import type { Config } from './lib/config/index.js';
import type { Logger } from './lib/logger.js';
import { withApplicationName } from './lib/db/session-settings.js';

/** A PostgreSQL server that is in use by this process. */
interface DatabaseServer {
  readonly url: string;
  /** The same database without a pooler in between, for migrations, which need a session. Without a pooler, the same as `url`. */
  readonly directUrl: string;
  /** Stops the embedded server unless another process uses it. Close the connections first. */
  close(): Promise<void>;
}

/**
 * Opens the server that the configuration names: the one of DATABASE_URL, or the embedded one, which is started if it is not
 * running.
 *
 * @throws {EmbeddedPostgresError} its message says what is wrong and what to do.
 */
export async function openDatabaseServer(
  { database, dataDir }: Pick<Config, 'database' | 'dataDir'>,
  logger: Logger,
): Promise<DatabaseServer> {
  const { url, directUrl = url } = database;
  if (url && directUrl) {
    return { url: named(url), directUrl: named(directUrl), close: () => Promise.resolve() };
  }
  const { openEmbeddedPostgres } = await import('./embedded-postgres/index.js');
  const embedded = await openEmbeddedPostgres({ dataDir, port: database.embeddedPort, logger });
  return { ...embedded, url: named(embedded.url), directUrl: named(embedded.url) };
}

/** The sessions of the service have this name in `pg_stat_activity`. */
function named(url: string): string {
  return withApplicationName(url, 'drop-inventory');
}
