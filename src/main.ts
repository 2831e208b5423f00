import { AlreadyRunningError } from './already-running.js';
import { loadConfig, type Config } from './lib/config/index.js';
import { describeFailure, refuseArguments } from './lib/errors/operator-error.js';
import { createShutdownSignals } from './lib/process/shutdown-signals.js';
import { createLastResort } from './lib/process/last-resort.js';
import { createLogger, prettyDestination } from './lib/logger.js';
import { createServiceMetrics } from './metrics.js';
import { isWebBuilt } from './pages/web-pages.js';
import { DEMO_ACCOUNTS } from './seed/demo-data.js';
import { startService, type Service } from './service.js';

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
  refuseArguments(process.argv.slice(2));
  const config = loadConfig();
  const isPretty = config.env === 'development' && process.stdout.isTTY;
  const logger = createLogger(config, { destination: isPretty ? await prettyDestination() : undefined });
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

/** The text that the process prints after its start: the addresses of the service. */
function banner(config: Config, { port }: Service): string {
  if (port === null) return '\n  Worker running: the units of expired reservations go back on sale.\n\n';
  const admin = config.seed ? DEMO_ACCOUNTS.find(({ role }) => role === 'admin') : undefined;
  const url = config.http.publicUrl.replace(/:0$/, `:${port}`);
  const lines = [
    ...(isWebBuilt()
      ? [
          ['Shop', `${url}/`],
          ['Dashboard', `${url}/dashboard`],
          ['Admin', `${url}/admin${admin ? ` (${admin.email}, password ${admin.password})` : ''}`],
        ]
      : []),
    ['API', `${url}/api/drops`],
    ['Docs', `${url}/docs`],
    ['Sockets', `${url} (Socket.io)`],
    ['Database', config.database.url ? 'DATABASE_URL' : `embedded PostgreSQL (npm run studio, npm run db:url)`],
  ];
  const table = lines.map(([name = '', value = '']) => `  ${name.padEnd(11)}${value}`).join('\n');
  return `\n  Drop inventory is running (${config.env}).\n\n${table}\n\n  Ctrl-C stops it.\n\n`;
}
