import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { applyMigrations } from '../../../src/lib/db/migrations/migrate.js';
import { packageMigrationsDirectory, readMigrationFiles } from '../../../src/lib/db/migrations/migration-files.js';
import type { TestDatabase } from '../../helpers/database.js';

interface LogLine {
  level: string;
  msg: string;
  migration?: string;
}

/** Returns a logger and its recorded lines. */
export function recordingLogger() {
  const lines: LogLine[] = [];
  const formatters = { level: (level: string) => ({ level }) };
  const logger = pino({ formatters }, { write: (line: string) => void lines.push(JSON.parse(line) as LogLine) });
  return { logger, lines, warnings: () => lines.filter(({ level }) => level === 'warn') };
}

/** Makes a folder of migrations in the layout of `prisma/migrations`. */
export async function migrationsFolder(migrations: Record<string, string>) {
  const path = await mkdtemp(join(tmpdir(), 'drop-inventory-migrations-'));
  const write = async (name: string, sql: string) => {
    await mkdir(join(path, name), { recursive: true });
    await writeFile(join(path, name, 'migration.sql'), sql);
  };
  await writeFile(join(path, 'migration_lock.toml'), 'provider = "postgresql"\n');
  for (const [name, sql] of Object.entries(migrations)) await write(name, sql);
  return { path, write, remove: () => rm(path, { recursive: true }) };
}

/** Applies the package's migrations before the named one, as the version before it did. */
export async function migrateUntil(db: TestDatabase, name: string): Promise<void> {
  const all = await readMigrationFiles(packageMigrationsDirectory);
  if (!all.some((file) => file.name === name)) throw new Error(`There is no migration ${name}`);
  const earlier = all.filter((file) => file.name < name);
  const folder = await migrationsFolder(Object.fromEntries(earlier.map((file) => [file.name, file.sql])));
  await applyMigrations({
    connectionString: db.url,
    logger: recordingLogger().logger,
    migrationsDirectory: folder.path,
  });
  await folder.remove();
}

/** Returns the checksum that Prisma records for a migration. */
export function checksumOf(sql: string): string {
  return createHash('sha256').update(sql).digest('hex');
}

/** Returns the names of the applied migrations in order. */
export async function appliedTo(db: TestDatabase): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>(
    `SELECT migration_name AS name FROM _prisma_migrations
      WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY started_at, migration_name`,
  );
  return rows.map(({ name }) => name);
}

/** Returns the names of all tables except Prisma's own. */
export async function tablesOf(db: TestDatabase): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>(
    "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename <> '_prisma_migrations' ORDER BY 1",
  );
  return rows.map(({ name }) => name);
}

/** Polls until the result is defined; the timeout of the test limits the wait. */
export async function until<T>(read: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (;;) {
    const value = await read();
    if (value !== undefined) return value;
    await sleep(20);
  }
}
