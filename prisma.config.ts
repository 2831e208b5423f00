import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { defineConfig } from 'prisma/config';
import { readEnvironment } from './src/lib/config/index.js';

const root = import.meta.dirname;
const command = process.argv[2] ?? '';
const url = await databaseUrl();

/** The database of the service: past its pooler, by DIRECT_DATABASE_URL; DATABASE_URL; or the embedded server if it is running. */
async function databaseUrl(): Promise<string | null> {
  const { DATABASE_URL, DIRECT_DATABASE_URL, DATA_DIR } = readEnvironment();
  if (DATABASE_URL) return DIRECT_DATABASE_URL || DATABASE_URL;
  if (!['studio', 'migrate', 'db'].includes(command)) return null;
  const { findRunningEmbeddedPostgres } = await import('./src/embedded-postgres/index.js');
  const running = await findRunningEmbeddedPostgres(resolve(DATA_DIR || '.data'));
  if (running === null) {
    console.error('No DATABASE_URL, and the embedded PostgreSQL is not running: `npm start` starts it.\n');
  }
  return running;
}

// Before any command Prisma fetches its schema engine, a binary from a server of its own. These commands never run it,
// and to them any executable will do, so that they work where that server cannot be reached.
const WITHOUT_SCHEMA_ENGINE = ['generate', 'validate', 'format', 'studio', 'version', '--version', '-v'];
if (!process.env.PRISMA_SCHEMA_ENGINE_BINARY && !hasSchemaEngine()) {
  if (WITHOUT_SCHEMA_ENGINE.includes(command)) process.env.PRISMA_SCHEMA_ENGINE_BINARY = process.execPath;
  if (command === 'migrate') {
    console.error("Prisma's schema engine is yet to be downloaded. `npm run migrate` applies migrations without it.\n");
  }
}

function hasSchemaEngine(): boolean {
  try {
    return readdirSync(join(root, 'node_modules/@prisma/engines')).some((file) => file.startsWith('schema-engine'));
  } catch {
    return false;
  }
}

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations', seed: 'tsx prisma/seed.ts' },
  ...(url ? { datasource: { url } } : {}),
});
