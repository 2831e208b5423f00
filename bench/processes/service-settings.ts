import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig, type Config } from '../../src/lib/config/index.js';
import { JWT_SECRET } from '../harness/crowd.js';

/** The service as an operator runs it, on a free port of this machine: what is not named here has its default. */
export function productionConfig(databaseUrl: string): Config {
  return parseConfig({
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    PORT: '0',
    PUBLIC_URL: 'http://127.0.0.1',
    DATABASE_URL: databaseUrl,
    // Must be named if the other one says `pgbouncer=true`.
    DIRECT_DATABASE_URL: databaseUrl,
    JWT_SECRET,
    DATA_DIR: join(tmpdir(), 'drop-inventory-bench-unused'),
  });
}
