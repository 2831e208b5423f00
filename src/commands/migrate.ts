import { loadConfig } from '../lib/config/index.js';
import { applyMigrations } from '../lib/db/migrations/migrate.js';
import { createLogger, prettyDestination } from '../lib/logger.js';
import { openDatabaseServer } from '../database-server.js';
import { runCommand } from './run-command.js';

// npm run migrate: applies pending migrations and stops.
await runCommand(async (signal) => {
  const config = loadConfig();
  const logger = createLogger(config, { destination: await prettyDestination() });
  const database = await openDatabaseServer(config, logger);
  try {
    signal.throwIfAborted();
    const { applied } = await applyMigrations({ connectionString: database.directUrl, logger, signal });
    console.log(
      applied.length > 0 ? `Applied: ${applied.join(', ')}` : 'Nothing to apply: the database is up to date.',
    );
  } finally {
    await database.close();
  }
});
