import pg from 'pg';
import type { Client } from 'pg';
import type { Logger } from '../../logger.js';
import { messageOf } from '../../errors/operator-error.js';
import { checkSession } from '../check-session.js';
import { withConnection } from '../connect.js';
import {
  hasChecksum,
  MigrationError,
  packageMigrationsDirectory,
  readMigrationFiles,
  type MigrationFile,
} from './migration-files.js';
import { takeMigrationLock } from './migration-lock.js';
import { readMigrationRecords, recordApplied, type MigrationRecord } from './migration-records.js';
import { openSchema } from './migration-schema.js';

interface ApplyMigrationsOptions {
  /** Not the address of a pooler in transaction mode: the lock belongs to a session. */
  connectionString: string;
  logger: Logger;
  /** Runs after the migrations, on the same connection and under the lock, and so in one process at a time. */
  afterMigrate?: (client: Client) => Promise<void>;
  /** Ends the wait for the lock. A running migration is not interrupted. */
  signal?: AbortSignal;
  /** Default: the package's own `prisma/migrations`. */
  migrationsDirectory?: string;
}

/**
 * Applies the pending migrations in the order of their names, and returns their names. Has the effect of
 * `prisma migrate deploy` and takes the same lock: either may follow the other, in any number of processes at once.
 *
 * A migration and its record are one transaction, so that none is left half applied. A migration therefore contains no BEGIN or
 * COMMIT, and no statement that cannot run in a transaction (CREATE INDEX CONCURRENTLY).
 *
 * The tables are in the schema that the connection string names (`?schema=`), which is created if it is missing.
 *
 * Safe to repeat after a lost connection, whatever was committed: see {@link untilReachable}.
 *
 * @throws {CannotConnectError}
 * @throws {SessionSettingsError} data written with the settings of these sessions would be wrong.
 * @throws {MigrationError} a migration failed (earlier ones stay applied), or `prisma migrate` has left one failed. The message
 * says what to do.
 */
export async function applyMigrations(options: ApplyMigrationsOptions): Promise<{ applied: string[] }> {
  const { connectionString, logger, afterMigrate, signal } = options;
  const files = await readMigrationFiles(options.migrationsDirectory ?? packageMigrationsDirectory);

  return withConnection({ url: connectionString, purpose: 'migrations', logger }, async (client) => {
    await takeMigrationLock(client, logger, signal);
    await openSchema(client, connectionString, files);
    await checkSession(async ({ text, values }) => (await client.query<object>(text, values)).rows, {
      url: connectionString,
      logger,
    });
    const records = await readMigrationRecords(client);
    assertNoneFailed(records);
    warnOfDifferences(records, files, logger);

    const applied: string[] = [];
    for (const file of files) {
      if (records.some(({ name }) => name === file.name)) continue;
      await applyMigration(client, file);
      logger.info({ migration: file.name }, 'Migration applied');
      applied.push(file.name);
    }
    await afterMigrate?.(client);
    return { applied };
  });
}

async function applyMigration(client: Client, file: MigrationFile): Promise<void> {
  const startedAt = new Date();
  let committing = false;
  try {
    await client.query('BEGIN');
    await client.query(file.sql);
    // The migration may have set a search path; its record belongs into the schema of the other records.
    await client.query('RESET ALL');
    await recordApplied(client, file, startedAt);
    committing = true;
    await client.query('COMMIT');
  } catch (error) {
    if (committing && !(error instanceof pg.DatabaseError)) {
      throw new MigrationError(
        `The connection was lost while migration ${file.name} was being committed, and it may be applied. ` +
          'Start again: a migration is never applied twice.',
        { cause: error },
      );
    }
    // After a lost connection this fails, and the server has rolled back.
    await client.query('ROLLBACK').catch(() => undefined);
    throw new MigrationError(
      `Migration ${file.name} failed and was rolled back: ${messageOf(error)}${lineOf(error, file.sql)}. ` +
        `The database is as it was before it. Correct the cause (${file.path}) and start again.`,
      { cause: error },
    );
  }
}

/** The line of the migration at which the server reports the error. */
function lineOf(error: unknown, sql: string): string {
  const position = error instanceof pg.DatabaseError ? Number(error.position) : Number.NaN;
  return position > 0 ? ` (line ${sql.slice(0, position).split('\n').length})` : '';
}

/** A migration that `prisma migrate` left unfinished may be half applied: an operator has to decide how to continue. */
function assertNoneFailed(records: MigrationRecord[]): void {
  const failed = records.find(({ finishedAt }) => finishedAt === null);
  if (failed === undefined) return;
  const { name, startedAt, logs } = failed;
  throw new MigrationError(
    `Migration ${name} was started by "prisma migrate" at ${startedAt.toISOString()} and did not finish, so nothing ` +
      `more is applied. Find out what it left in the database, then run "npx prisma migrate resolve ` +
      `--rolled-back ${name}" once its traces are removed (it is applied again), or "--applied ${name}" once all of ` +
      `it is there.${logs === null || logs === '' ? '' : ` Prisma recorded: ${logs}`}`,
  );
}

function warnOfDifferences(records: MigrationRecord[], files: MigrationFile[], logger: Logger): void {
  for (const { name, checksum } of records) {
    const file = files.find((candidate) => candidate.name === name);
    if (file === undefined) {
      logger.warn(
        { migration: name },
        'The database has a migration that this version of the service lacks: it may be an older version',
      );
    } else if (!hasChecksum(file, checksum)) {
      logger.warn(
        { migration: name, file: file.path },
        'A migration was changed after it had been applied. The change is not in the database: put it into a new migration',
      );
    }
  }
}
