import { ConfigError, loadConfig } from './lib/config/index.js';
import { EmbeddedPostgresError } from './lib/db/embedded/index.js';
import { MigrationError } from './lib/db/migration-error.js';
import { createLogger } from './lib/logger.js';
import { DefaultAccountsError } from './seed/default-accounts.js';
import { PortTakenError, startService, type Service } from './service.js';
import { welcome } from './welcome.js';

/** What went wrong is the operator's to mend and the message says how: no stack. */
const EXPLAINED = [ConfigError, EmbeddedPostgresError, MigrationError, DefaultAccountsError, PortTakenError];

let starting: Promise<Service> | undefined;
let signals = 0;

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    signals += 1;
    // The first one lets requests finish; a second one means now.
    if (signals > 1) process.exit(1);
    void starting?.then(
      async (service) => {
        await service.stop();
        process.exit(0);
      },
      () => undefined,
    );
  });
}

try {
  const config = loadConfig();
  const logger = createLogger(config, { pretty: config.env === 'development' && process.stdout.isTTY });
  starting = startService(config, { logger });
  const service = await starting;
  if (signals === 0) process.stdout.write(welcome(config, service));
} catch (error) {
  const explained = EXPLAINED.some((kind) => error instanceof kind);
  process.stderr.write(`\n${explained ? (error as Error).message : String((error as Error).stack)}\n\n`);
  process.exit(1);
}
