import { loadConfig } from './lib/config/index.js';
import { describeFailure } from './lib/errors/operator-error.js';
import { createInterruption } from './lib/interruption.js';
import { createLogger } from './lib/logger.js';
import { startService, type Service } from './service.js';
import { welcome } from './welcome.js';

/** ms. Twice what requests under way are given. */
const STOP_TIMEOUT = 20_000;

let starting: Promise<Service> | undefined;
const ending = new AbortController();

const interrupt = createInterruption(
  () => {
    ending.abort();
    // What fails to start says so below.
    void starting?.then(stop, () => undefined);
  },
  () => process.exit(1),
);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, interrupt);

try {
  const config = loadConfig();
  const logger = createLogger(config, { pretty: config.env === 'development' && process.stdout.isTTY });
  starting = startService(config, { logger, signal: ending.signal });
  const service = await starting;
  if (!ending.signal.aborted) process.stdout.write(welcome(config, service));
} catch (error) {
  // Whoever asked it to end while it waited for the database got what was asked for.
  if (ending.signal.aborted) process.exit(0);
  process.stderr.write(`\n${describeFailure(error)}\n\n`);
  process.exit(1);
}

async function stop(service: Service): Promise<void> {
  // A database that has fallen silent must not keep the process from ending.
  setTimeout(() => process.exit(1), STOP_TIMEOUT + service.context.config.http.shutdownDelay).unref();
  await service.stop();
  process.exit(0);
}
