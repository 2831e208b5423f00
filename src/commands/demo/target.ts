import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { resolveJwtSecret } from '../../lib/auth/jwt-secret.js';
import { readEnvironment, type Config } from '../../lib/config/index.js';
import { findRunningEmbeddedPostgres, openTemporaryPostgres } from '../../embedded-postgres/index.js';
import { findFreePort } from '../../embedded-postgres/port.js';
import type { Logger } from '../../lib/logger.js';
import { respondsOk } from '../cluster-local/ready.js';
import { CommandError } from '../run-command.js';

/** The service that the demo uses, and its database. */
interface Target {
  readonly url: string;
  readonly databaseUrl: string;
  readonly jwtSecret: string;
  readonly description: string;
  close(): Promise<void>;
}

const START_TIMEOUT_MS = 60_000;
const MAIN = fileURLToPath(new URL('../../main.js', import.meta.url));

/** The running service of this configuration, or else a new one with a temporary database. */
export async function openTarget(config: Config, logger: Logger): Promise<Target> {
  if (!(await respondsOk(`${config.http.publicUrl}/readyz`))) return startOwn(logger);
  const databaseUrl = config.database.url ?? (await findRunningEmbeddedPostgres(config.dataDir));
  if (!databaseUrl) {
    throw new CommandError(
      `Another service answers at ${config.http.publicUrl}: the database of this folder is not running. Stop that ` +
        'service, or set PORT to the port of the service that the demo is for.',
    );
  }
  return {
    url: config.http.publicUrl,
    databaseUrl,
    jwtSecret: await resolveJwtSecret(config),
    description: `the running service at ${config.http.publicUrl}`,
    close: () => Promise.resolve(),
  };
}

async function startOwn(logger: Logger): Promise<Target> {
  const database = await openTemporaryPostgres({ logger });
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const jwtSecret = randomBytes(48).toString('base64url');
  const child = spawn(process.execPath, [MAIN], {
    env: {
      ...readEnvironment(),
      NODE_ENV: 'development',
      SEED: 'false',
      HOST: '127.0.0.1',
      PORT: String(port),
      PUBLIC_URL: url,
      DATABASE_URL: database.url,
      DIRECT_DATABASE_URL: '',
      JWT_SECRET: jwtSecret,
      METRICS_PORT: '',
      ROLE: 'all',
      LOG_LEVEL: 'warn',
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const close = async () => {
    if (!hasEnded(child)) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    await database.close();
  };
  try {
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (!(await respondsOk(`${url}/readyz`))) {
      if (hasEnded(child)) throw new Error('The service of the demo did not start: see its message above');
      if (Date.now() > deadline)
        throw new Error(`The service of the demo did not answer within ${START_TIMEOUT_MS} ms`);
      await sleep(100);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { url, databaseUrl: database.url, jwtSecret, description: 'a service of its own', close };
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
