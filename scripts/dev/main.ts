import { pino } from 'pino';
import { openDatabaseServer } from '../../src/database-server.js';
import { findFreePort } from '../../src/embedded-postgres/port.js';
import { loadConfig } from '../../src/lib/config/index.js';
import { describeFailure } from '../../src/lib/errors/operator-error.js';
import { createDisposalStack } from '../../src/lib/process/disposal-stack.js';
import { whenNpmEnds } from '../when-npm-ends.mjs';
import { servePages } from './serve-pages.js';
import { startWatcher } from './watcher.js';

const logger = pino({ level: 'warn' });
const disposal = createDisposalStack(logger);

try {
  const config = loadConfig();
  // This process uses it too, so that it keeps running while the service restarts.
  const database = await openDatabaseServer(config, logger);
  disposal.add('database', database.close);
  const servicePort = await findFreePort();
  disposal.add('storefront', await servePages(config, servicePort));
  const watcher = startWatcher({ PORT: String(servicePort), HOST: '127.0.0.1', PUBLIC_URL: config.http.publicUrl });
  // The terminal sends Ctrl-C to the watcher as well. The SIGINT that npm passes on must not reach the watcher: a second one kills
  // at once.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', watcher.stop);
  whenNpmEnds(watcher.stop);
  process.exitCode = await watcher.ended;
} catch (error) {
  process.stderr.write(`\n${describeFailure(error)}\n\n`);
  process.exitCode = 1;
} finally {
  await disposal.closeAll();
}
process.exit();
