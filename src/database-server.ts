import type { Config } from './lib/config/index.js';
import type { Logger } from './lib/logger.js';
import { openEmbeddedPostgres } from './embedded-postgres/index.js';

/** The server that the service's database is on, for as long as somebody needs it. */
export interface DatabaseServer {
  /** Connection string. */
  readonly url: string;
  /** The same database past a pooler, for what needs a session of its own: migrations. Without a pooler, the same as `url`. */
  readonly directUrl: string;
  /** Stops the embedded server, unless another process uses it. Close the connections first. */
  close(): Promise<void>;
}

/**
 * The database that the configuration names: DATABASE_URL, or the embedded server, which is started if it is not running.
 * The rest of the code cannot tell the difference.
 *
 * @throws {EmbeddedPostgresError} saying what is wrong and what to do.
 */
export async function openDatabaseServer(
  { database, dataDir }: Pick<Config, 'database' | 'dataDir'>,
  logger: Logger,
): Promise<DatabaseServer> {
  const { url, directUrl = url } = database;
  if (url && directUrl) return { url, directUrl, close: () => Promise.resolve() };
  const embedded = await openEmbeddedPostgres({ dataDir, port: database.embeddedPort, logger });
  return { ...embedded, directUrl: embedded.url };
}
