import { createDisposalStack } from '../lib/process/disposal-stack.js';
import { loadConfig } from '../lib/config/index.js';
import { openDatabase } from '../lib/db/database.js';
import { COMMAND_TIME_LIMITS } from '../lib/db/pool-settings.js';
import { createLogger, prettyDestination } from '../lib/logger.js';
import { verifyStock } from '../inventory/verify.js';
import { applyMigrations } from '../lib/db/migrations/migrate.js';
import { openDatabaseServer } from '../database-server.js';
import { CommandError, runCommand } from './run-command.js';

// npm run verify: checks every drop against its holds, its purchases and the ledger. Safe while the service is running.
await runCommand(async () => {
  const config = loadConfig();
  const logger = createLogger(config, { destination: await prettyDestination() });
  const disposal = createDisposalStack(logger);
  try {
    const database = await openDatabaseServer(config, logger);
    disposal.add('the database', () => database.close());
    await applyMigrations({ connectionString: database.directUrl, logger });
    const { db, close } = openDatabase(database.url, { logger, limits: COMMAND_TIME_LIMITS });
    disposal.add('the connections', close);

    const mismatches = await verifyStock(db);
    if (mismatches.length > 0) {
      const report = mismatches.map(
        ({ dropId, problems }) => `drop ${dropId}\n${problems.map((p) => `  ${p}`).join('\n')}`,
      );
      throw new CommandError(`These drops do not add up:\n${report.join('\n')}`);
    }
    console.log(`All ${await db.drop.count()} drops agree with their holds, their purchases and the ledger.`);
  } finally {
    await disposal.closeAll();
  }
});
