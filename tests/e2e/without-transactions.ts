// The service, with the frame taken away that makes the statements of a batch one: shows what a kill does then.
import { loadConfig } from '../../src/lib/config/index.js';
import { createLogger } from '../../src/lib/logger.js';
import { startService } from '../../src/service.js';
import { welcome } from '../../src/welcome.js';
import { withoutProtection } from '../helpers/without-protection.js';

const config = loadConfig();
const service = await startService(config, {
  logger: createLogger(config),
  PgClient: withoutProtection(/^BEGIN$/, 'SELECT 1'),
});
process.once('SIGTERM', () => void service.stop().then(() => process.exit(0)));
process.stdout.write(welcome(config, service));
