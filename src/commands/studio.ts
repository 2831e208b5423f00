import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadConfig, readEnvironment } from '../lib/config/index.js';
import { applyMigrations } from '../lib/db/migrations/migrate.js';
import { messageOf } from '../lib/errors/operator-error.js';
import { createLogger, prettyDestination } from '../lib/logger.js';
import { openDatabaseServer } from '../database-server.js';
import { CommandError, runCommand } from './run-command.js';

/** The folder of prisma.config.ts. src/commands and dist/commands are equally deep. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

// npm run studio: Prisma Studio on the database of the service. Its arguments (--port, --browser) are passed on.
await runCommand(openStudio, { takesArguments: true });

async function openStudio(signal: AbortSignal): Promise<void> {
  checkArguments();
  const cli = findPrismaCli();
  const config = loadConfig();
  const logger = createLogger(config, { destination: await prettyDestination() });
  const database = await openDatabaseServer(config, logger);
  try {
    signal.throwIfAborted();
    await applyMigrations({ connectionString: database.directUrl, logger, signal });
    const url = new URL(database.directUrl);
    url.searchParams.set('application_name', 'Prisma Studio');
    await runStudio(cli, url.toString(), signal);
  } finally {
    await database.close();
  }
}

/** Prisma ignores some of the arguments that it does not know. @throws {CommandError} */
function checkArguments(): void {
  try {
    parseArgs({ options: { port: { type: 'string', short: 'p' }, browser: { type: 'string', short: 'b' } } });
  } catch (error) {
    throw new CommandError(`${messageOf(error)}. Possible are --port NUMBER and --browser NAME.`);
  }
}

function findPrismaCli(): string {
  try {
    const { resolve } = createRequire(import.meta.url);
    return join(dirname(resolve('prisma/package.json')), 'build', 'index.js');
  } catch {
    throw new CommandError(
      'Prisma Studio is not installed: it comes with the development dependencies. Run `npm ci` without --omit=dev.',
    );
  }
}

/** Resolves when Studio has ended, by itself or by the signal. */
async function runStudio(cli: string, url: string, signal: AbortSignal): Promise<void> {
  // The address is in the environment, since every user of the machine can read arguments.
  const studio = spawn(process.execPath, [cli, 'studio', ...process.argv.slice(2)], {
    cwd: ROOT,
    env: { ...readEnvironment(), DATABASE_URL: url },
    stdio: 'inherit',
  });
  const stop = () => studio.kill('SIGTERM');
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  const [code] = (await once(studio, 'exit')) as [number | null, NodeJS.Signals | null];
  if (!signal.aborted && code !== 0) throw new CommandError('Prisma Studio ended with an error, see above.');
}
