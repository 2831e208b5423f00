import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf, OperatorError } from '../../errors/operator-error.js';

/** The database could not be brought up to date. The message says why, names the migration, and says what to do. */
export class MigrationError extends OperatorError {}

export interface MigrationFile {
  name: string;
  path: string;
  sql: string;
  /** SHA-256 of the file's bytes in hexadecimal, as Prisma records it. */
  checksum: string;
}

/** The package's own migrations. src and dist are equally deep. */
export const packageMigrationsDirectory = fileURLToPath(new URL('../../../../prisma/migrations', import.meta.url));

/**
 * Reads every migration of the directory, in the order of their names, in which they are applied.
 *
 * @throws {MigrationError} the directory or a file cannot be read, or there is no migration.
 */
export async function readMigrationFiles(directory: string): Promise<MigrationFile[]> {
  const files = await readAll(directory).catch((cause: unknown) => {
    throw new MigrationError(`The migrations in ${directory} cannot be read: ${messageOf(cause)}`, { cause });
  });
  if (files.length === 0) throw new MigrationError(`There are no migrations in ${directory}: is the package complete?`);
  return files;
}

async function readAll(directory: string): Promise<MigrationFile[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return Promise.all(names.sort().map((name) => readMigrationFile(name, join(directory, name, 'migration.sql'))));
}

async function readMigrationFile(name: string, path: string): Promise<MigrationFile> {
  const content = await readFile(path);
  return { name, path, sql: content.toString('utf8'), checksum: sha256(content) };
}

/** Whether the file has that checksum, with the line ends of Unix or Windows: git may have converted them. */
export function hasChecksum(file: MigrationFile, checksum: string): boolean {
  const unix = file.sql.replaceAll('\r\n', '\n');
  return [file.checksum, sha256(unix), sha256(unix.replaceAll('\n', '\r\n'))].includes(checksum);
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
