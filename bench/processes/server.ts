import { runChild } from './child.js';
import { replaceModules } from './replace-modules.js';
import { productionConfig } from './service-settings.js';

/** The whole service over HTTP, with modules of it exchanged. */
export interface ServerPlan {
  readonly databaseUrl: string;
  /** From the end of a module's path, as `reservations.service.js`, to the file in `variants/` that takes its place. */
  readonly replace?: Readonly<Record<string, string>>;
}

export interface ServerResult {
  readonly port: number;
}

await runChild(async ({ databaseUrl, replace = {} }: ServerPlan) => {
  // For the variants that take the place of a module: they open connections of their own.
  process.env.DATABASE_URL = databaseUrl;
  const assertReplaced = replaceModules(replace);
  // Only now: what is imported before the hook is in place stays as it is.
  const [{ startService }, { createLogger }] = await Promise.all([
    import('../../src/service.js'),
    import('../../src/lib/logger.js'),
  ]);
  const config = productionConfig(databaseUrl);
  const service = await startService(config, { logger: createLogger(config) });
  assertReplaced();
  return { result: { port: service.port }, close: service.stop };
});
