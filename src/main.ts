import { loadConfig } from './lib/config/index.js';
import { describeFailure } from './lib/errors/operator-error.js';
import { createLogger } from './lib/logger.js';
import { startService, type Service } from './service.js';
import { welcome } from './welcome.js';

/** ms. */
const SAME_MOMENT = 500;

let starting: Promise<Service> | undefined;
let stoppingSince: number | undefined;

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // The first one lets requests finish; a second one means now. Both npm and the terminal pass on a single Ctrl-C, so
    // that it may come twice in the same moment.
    if (stoppingSince !== undefined) {
      if (performance.now() - stoppingSince > SAME_MOMENT) process.exit(1);
      return;
    }
    stoppingSince = performance.now();
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
  if (stoppingSince === undefined) process.stdout.write(welcome(config, service));
} catch (error) {
  process.stderr.write(`\n${describeFailure(error)}\n\n`);
  process.exit(1);
}
