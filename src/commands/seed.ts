import { loadConfig, readEnvironment } from '../lib/config/index.js';
import { applyMigrations } from '../lib/db/migrations/migrate.js';
import { createLogger, prettyDestination } from '../lib/logger.js';
import { DEMO_PASSWORD, DEMO_USERS } from '../seed/demo-data.js';
import { describeSeedReport, seedDemoData } from '../seed/seed-demo-data.js';
import { openDatabaseServer } from '../database-server.js';
import { CommandError, runCommand } from './run-command.js';

// npm run seed: adds the missing demo data.
await runCommand(async (signal) => {
  // Checked before the settings, which need no correction for a command that is refused.
  if (readEnvironment().NODE_ENV === 'production') {
    throw new CommandError(
      'The demo data is refused in production (NODE_ENV=production): it contains an administrator with a well-known ' +
        'password.',
    );
  }
  const config = loadConfig();
  const logger = createLogger(config, { destination: await prettyDestination() });
  const database = await openDatabaseServer(config, logger);
  try {
    signal.throwIfAborted();
    // Under the lock of the migrations: a service that starts at this moment may seed the same data.
    await applyMigrations({
      connectionString: database.directUrl,
      logger,
      signal,
      afterMigrate: async (client) => {
        console.log(`\n${describeSeedReport(await seedDemoData(client))}`);
      },
    });
    const [admin, ...buyers] = DEMO_USERS.map(({ email }) => email);
    console.log(
      `Sign in as ${admin} (admin) or ${buyers.join(', ')}; the password is ${DEMO_PASSWORD} unless changed.\n`,
    );
  } finally {
    await database.close();
  }
});
