import { register } from 'node:module';
import { runChild } from './child.js';
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
  const data = Object.fromEntries(
    Object.entries(replace).map(([module, file]) => [
      `/${module}`,
      new URL(`../variants/${file}`, import.meta.url).href,
    ]),
  );
  if (Object.keys(data).length > 0) register(new URL('replace-modules.js', import.meta.url).href, { data });
  // Only now: what is imported before the hook is in place stays as it is.
  const [{ startService }, { createLogger }] = await Promise.all([
    import('../../src/service.js'),
    import('../../src/lib/logger.js'),
  ]);
  const config = productionConfig(databaseUrl);
  const service = await startService(config, { logger: createLogger(config) });
  return { result: { port: service.port }, close: service.stop };
});
