import { pino, type Logger } from 'pino';
import { openTemporaryPostgres } from '../../src/embedded-postgres/index.js';
import { findFreePort } from '../../src/embedded-postgres/port.js';
import { createDisposalStack, type DisposalStack } from '../../src/lib/process/disposal-stack.js';
import { startProgram } from '../../tests/helpers/processes.js';

/** The service as in production, on a PostgreSQL of its own. */
export interface MeasuredService {
  readonly url: string;
  readonly databaseUrl: string;
  /** The secret that signs tokens. */
  readonly secret: string;
}

/** Runs `work` with a service, and closes everything afterwards. Rate limits are off. */
export async function withService(
  work: (service: MeasuredService, disposal: DisposalStack) => Promise<void>,
): Promise<void> {
  const logger = pino({ level: 'warn' });
  const disposal = createDisposalStack(logger);
  try {
    await work(await startService(logger, disposal), disposal);
  } finally {
    await disposal.closeAll();
  }
}

async function startService(logger: Logger, disposal: DisposalStack): Promise<MeasuredService> {
  // Production does not start on a server that may lose commits.
  const postgres = await openTemporaryPostgres({ logger, settings: { fsync: 'on', synchronous_commit: 'on' } });
  disposal.add('PostgreSQL', postgres.close);
  const port = await findFreePort();
  const secret = 'a secret that is long enough for a measurement';
  const service = startProgram('main', {
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    PORT: String(port),
    DATABASE_URL: postgres.url,
    JWT_SECRET: secret,
    RATE_LIMIT_ENABLED: 'false',
    LOG_LEVEL: 'warn',
  });
  disposal.add('service', async () => {
    service.signal('SIGTERM');
    await service.ended();
  });
  await service.printed('Ctrl-C stops it.');
  return { url: `http://localhost:${port}`, databaseUrl: postgres.url, secret };
}
