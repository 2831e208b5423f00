import { AlreadyRunningError } from './already-running.js';
import { loadConfig } from './lib/config/index.js';
import { describeFailure } from './lib/errors/operator-error.js';
import { createShutdownSignals } from './lib/shutdown-signals.js';
import { createLastResort } from './lib/last-resort.js';
import { createLogger } from './lib/logger.js';
import { createServiceMetrics } from './metrics.js';
import { startService, type Service } from './service.js';
import { banner } from './banner.js';

/** Twice the time that requests in flight get to finish. */
const STOP_TIMEOUT_MS = 20_000;

let starting: Promise<Service> | undefined;
const ending = new AbortController();
/** 0 after a signal, 1 after an error that was not handled. */
let exitCode = 0;

function end(): void {
  ending.abort();
  // If the start fails, it is reported below.
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
  // Node throws unhandled rejections as well.
  process.on('uncaughtException', lastResort);
  starting = startService(config, { logger, metrics, signal: ending.signal });
  const service = await starting;
  if (!ending.signal.aborted) process.stdout.write(banner(config, service));
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
  // A database that does not answer must not keep the process from ending.
  setTimeout(() => process.exit(1), STOP_TIMEOUT_MS + service.context.config.http.shutdownDelayMs).unref();
  await service.stop();
  process.exit(exitCode);
}
