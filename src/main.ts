import { AlreadyRunningError } from './already-running.js';
import { loadConfig } from './lib/config/index.js';
import { describeFailure } from './lib/errors/operator-error.js';
import { createShutdownSignals } from './lib/shutdown-signals.js';
import { createLastResort } from './lib/last-resort.js';
import { createLogger } from './lib/logger.js';
import { createServiceMetrics } from './metrics.js';
import { startService, type Service } from './service.js';
import { welcome } from './banner.js';

/** ms. Twice what requests under way are given. */
const STOP_TIMEOUT = 20_000;

let starting: Promise<Service> | undefined;
const ending = new AbortController();
/** 0 when a signal ends the process, 1 when a defect does. */
let exitCode = 0;

function end(): void {
  ending.abort();
  // A failing start is reported below.
  void starting?.then(stop, () => undefined);
}

const interrupt = createShutdownSignals(end, () => process.exit(1));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, interrupt);

try {
  const config = loadConfig();
  const logger = createLogger(config, { pretty: config.env === 'development' && process.stdout.isTTY });
  const metrics = createServiceMetrics();
  const lastResort = createLastResort({
    logger,
    metrics,
    stop() {
      exitCode = 1;
      end();
    },
  });
  // Of promises too: a rejection that is not handled is thrown.
  process.on('uncaughtException', lastResort);
  starting = startService(config, { logger, metrics, signal: ending.signal });
  const service = await starting;
  if (!ending.signal.aborted) process.stdout.write(welcome(config, service));
} catch (error) {
  // A signal ended the wait for the database.
  if (ending.signal.aborted) process.exit(exitCode);
  if (error instanceof AlreadyRunningError) {
    process.stdout.write(`${error.message}\n`);
    process.exit(error.exitCode);
  }
  process.stderr.write(`\n${describeFailure(error)}\n\n`);
  process.exit(1);
}

async function stop(service: Service): Promise<void> {
  // A database that has fallen silent must not keep the process from ending.
  setTimeout(() => process.exit(1), STOP_TIMEOUT + service.context.config.http.shutdownDelay).unref();
  await service.stop();
  process.exit(exitCode);
}
