import pg from 'pg';
import type { Client } from 'pg';
import type { Logger } from '../logger.js';
import { checkSession } from './check-session.js';
import { messageOf, withConnection } from './connect.js';
import { MigrationError } from './migration-error.js';
import { hasChecksum, packageMigrationsDirectory, readMigrationFiles } from './migration-files.js';
import type { MigrationFile } from './migration-files.js';
import { takeMigrationLock } from './migration-lock.js';
import { readMigrationRecords, recordApplied } from './migration-records.js';
import type { MigrationRecord } from './migration-records.js';
import { openSchema } from './migration-schema.js';

export interface ApplyMigrationsOptions {
  /** Not through a pooler that hands out its connections by the transaction: the lock belongs to a session. */
  connectionString: string;
  logger: Logger;
  /** Runs after the migrations, on the same connection and still under the lock: in one process at a time. */
  afterMigrate?: (client: Client) => Promise<void>;
  /** Ends the wait for the lock; a migration that runs is not interrupted. */
  signal?: AbortSignal;
  /** Default: the package's own `prisma/migrations`. */
  migrationsDirectory?: string;
}

/**
 * Applies the migrations that the database does not have yet, in the order of their names, and tells which those were.
 * It does and records what `prisma migrate deploy` would, under the same lock, so that either can follow the other,
 * and any number of processes may call it at once.
 *
 * A migration and its record are one transaction: however it ends, nothing is left half applied. For that a
 * migration must hold no BEGIN and COMMIT, and nothing that refuses to run in a transaction (CREATE INDEX CONCURRENTLY).
 *
 * The tables are in the schema that the connection string names (`?schema=`), which is created if it is missing.
 *
 * May run again after a lost connection, whatever was committed: see untilReachable, which waits.
 *
 * @throws {CannotConnectError}
 * @throws {SessionSettingsError} what is written with the settings of these sessions would be wrong.
 * @throws {MigrationError} a migration failed (those before it stay applied); or one was
 * left failed by `prisma migrate`. The message says what to do.
 */
export async function applyMigrations(options: ApplyMigrationsOptions): Promise<{ applied: string[] }> {
  const { connectionString, logger, afterMigrate, signal } = options;
  const files = await readMigrationFiles(options.migrationsDirectory ?? packageMigrationsDirectory);

  return withConnection({ url: connectionString, purpose: 'migrations', logger }, async (client) => {
    await takeMigrationLock(client, logger, signal);
    await openSchema(client, connectionString);
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
      logger.info({ migration: file.name }, 'migration applied');
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
    // The migration may have set a search path; its record belongs beside the others.
    await client.query('RESET ALL');
    await recordApplied(client, file, startedAt);
    committing = true;
    await client.query('COMMIT');
  } catch (error) {
    if (committing && !(error instanceof pg.DatabaseError)) {
      throw new MigrationError(
        `The connection was lost while migration ${file.name} was being committed: whether it is applied will show ` +
          'when you start again, and it is not applied twice.',
        { cause: error },
      );
    }
    // Where the connection is lost there is nothing to roll back by hand: the server did.
    await client.query('ROLLBACK').catch(() => undefined);
    throw new MigrationError(
      `Migration ${file.name} failed and was rolled back: ${messageOf(error)}${lineOf(error, file.sql)}. ` +
        `The database is as it was before it. Correct the cause (${file.path}) and start again.`,
      { cause: error },
    );
  }
}

/** Where in the migration the server points at. */
function lineOf(error: unknown, sql: string): string {
  const position = error instanceof pg.DatabaseError ? Number(error.position) : Number.NaN;
  return position > 0 ? ` (line ${sql.slice(0, position).split('\n').length})` : '';
}

/** What `prisma migrate` left unfinished may be half applied: only a person can tell how to go on. */
function assertNoneFailed(records: MigrationRecord[]): void {
  const failed = records.find(({ finishedAt }) => finishedAt === null);
  if (failed === undefined) return;
  const { name, startedAt, logs } = failed;
  throw new MigrationError(
    `Migration ${name} was started by "prisma migrate" at ${startedAt.toISOString()} and did not finish, so nothing ` +
      `more is applied. Find out what it left in the database, then tell Prisma: "npx prisma migrate resolve ` +
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
        'the database has a migration that this version does not know; is it an older one?',
      );
    } else if (!hasChecksum(file, checksum)) {
      logger.warn(
        { migration: name, file: file.path },
        'a migration was changed after it had been applied; the change is not in the database and belongs in a new migration',
      );
    }
  }
}
