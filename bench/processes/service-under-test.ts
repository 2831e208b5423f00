import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { parseConfig, type Config } from '../../src/lib/config/index.js';
import { JWT_SECRET } from '../harness/load-users.js';
import { replaceModules } from './replace-modules.js';

/** Production settings on a free port of this machine; every other setting has its default, unless `settings` contains it. */
export function productionConfig(databaseUrl: string, settings: Readonly<Record<string, string>> = {}): Config {
  return parseConfig({
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    PORT: '0',
    PUBLIC_URL: 'http://127.0.0.1',
    DATABASE_URL: databaseUrl,
    // Required if DATABASE_URL contains `pgbouncer=true`.
    DIRECT_DATABASE_URL: databaseUrl,
    JWT_SECRET,
    DATA_DIR: join(tmpdir(), 'drop-inventory-bench-unused'),
    ...settings,
  });
}

/** Imports the service with modules replaced, see {@link replaceModules}, and with some settings other than their defaults. */
export async function importService(
  databaseUrl: string,
  replace: Readonly<Record<string, string>> = {},
  settings: Readonly<Record<string, string>> = {},
) {
  // Replacements that open connections of their own read it.
  process.env.DATABASE_URL = databaseUrl;
  const assertReplaced = replaceModules(replace);
  // Dynamic, because modules that are imported before replaceModules() are not replaced.
  const [{ startService, openContext }, { createLogger }] = await Promise.all([
    import('../../src/service.js'),
    import('../../src/lib/logger.js'),
  ]);
  assertReplaced();
  const config = productionConfig(databaseUrl, settings);
  return { startService, openContext, config, logger: createLogger(config) };
}

type Query = (this: object, query: string | { text: string }, ...rest: unknown[]) => unknown;

/** Calls `onQuery` for every query of the pg clients that this process creates from now on. */
export function observeQueries(onQuery: (text: string, client: object, result: unknown) => void): void {
  const prototype = pg.Client.prototype as unknown as { query: Query };
  const { query: send } = prototype;
  prototype.query = function (query, ...rest) {
    const result = send.call(this, query, ...rest);
    onQuery(typeof query === 'string' ? query : query.text, this, result);
    return result;
  };
}
