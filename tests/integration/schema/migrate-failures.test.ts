import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyMigrations } from '../../../src/lib/db/migrations/migrate.js';
import { MigrationError } from '../../../src/lib/db/migrations/migration-files.js';
import { createTestDatabase } from '../../helpers/database.js';
import type { TestDatabase } from '../../helpers/database.js';
import { appliedTo, checksumOf, migrationsFolder, recordingLogger, tablesOf, until } from './migrations.js';

const first = 'CREATE TABLE first (id INT);\n';
const second = 'CREATE TABLE second (id INT);\n';

let db: TestDatabase;
let folder: Awaited<ReturnType<typeof migrationsFolder>>;

beforeEach(async () => {
  db = await createTestDatabase({ migrated: false });
  folder = await migrationsFolder({ '1_first': first, '2_second': second });
});
afterEach(async () => {
  await folder.remove();
  await db.drop();
});

const migrate = (logger = recordingLogger().logger, migrationsDirectory = folder.path) =>
  applyMigrations({ connectionString: db.url, logger, migrationsDirectory });

describe('a migration that fails', () => {
  const broken = `${second}INSERT INTO second VALUES (1);\nINSERT INTO nowhere VALUES (1);\n`;

  it('is rolled back, is named with its line in the error, and ends the run', async () => {
    await folder.write('2_second', broken);
    await folder.write('3_third', 'CREATE TABLE third (id INT)');

    await expect(migrate()).rejects.toThrow(
      /^Migration 2_second failed and was rolled back: relation "nowhere" does not exist \(line 3\)\. .*2_second.migration\.sql/,
    );
    await expect(migrate()).rejects.toBeInstanceOf(MigrationError);
    expect(await tablesOf(db)).toEqual(['first']);
    expect(await appliedTo(db)).toEqual(['1_first']);
  });

  it('is applied once it is corrected', async () => {
    await folder.write('2_second', broken);
    await expect(migrate()).rejects.toThrow(MigrationError);
    await folder.write('2_second', second);
    expect(await migrate()).toEqual({ applied: ['2_second'] });
    expect(await tablesOf(db)).toEqual(['first', 'second']);
  });

  it('is rolled back too if only its record cannot be written', async () => {
    await folder.write(
      '2_second',
      `${second}ALTER TABLE _prisma_migrations ADD CHECK (migration_name <> '2_second');\n`,
    );
    await expect(migrate()).rejects.toThrow(
      /^Migration 2_second failed and was rolled back: new row .* violates check/,
    );
    expect(await tablesOf(db)).toEqual(['first']);
  });

  it('is rolled back when its connection ends in the middle', async () => {
    await folder.write('2_second', `${second}SELECT pg_sleep(60);\n`);
    const cut = expect(migrate()).rejects.toThrow(/^Migration 2_second failed/);
    await until(async () => {
      const { rowCount } = await db.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND wait_event = 'PgSleep'`,
      );
      return rowCount === 0 ? undefined : true;
    });
    await cut;
    expect(await tablesOf(db)).toEqual(['first']);

    await folder.write('2_second', second);
    expect(await migrate()).toEqual({ applied: ['2_second'] });
  });
});

describe('a migration that changes the settings of its session', () => {
  it('is recorded in the same table, and the next migration has default settings', async () => {
    await folder.write('2_second', `SET search_path = '';\nCREATE TABLE public.second (id INT);\n`);
    await folder.write('3_third', 'CREATE TABLE third (id INT)');
    await migrate();
    expect(await appliedTo(db)).toEqual(['1_first', '2_second', '3_third']);
    expect(await tablesOf(db)).toEqual(['first', 'second', 'third']);
  });
});

describe('a migration with a record', () => {
  beforeEach(() => migrate());

  it('ends the run if prisma migrate failed, with an error that says how to continue', async () => {
    await folder.write('3_third', 'CREATE TABLE third (id INT)');
    await db.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, logs, started_at)
       VALUES ('x', 'x', '3_third', 'out of disk', '2026-01-02T03:04:05Z')`,
    );
    const failure = migrate();
    await expect(failure).rejects.toThrow(/^Migration 3_third was started by "prisma migrate" at 2026-01-02T03:04:05/);
    await expect(failure).rejects.toThrow(
      /prisma migrate resolve --rolled-back 3_third.*--applied 3_third.*out of disk/,
    );
    expect(await tablesOf(db)).toEqual(['first', 'second']);
  });

  it('is applied again after its record was marked as rolled back', async () => {
    await folder.write('3_third', 'CREATE TABLE third (id INT)');
    await db.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, rolled_back_at) VALUES ('x', 'x', '3_third', now())`,
    );
    expect(await migrate()).toEqual({ applied: ['3_third'] });
  });

  it('causes a warning if its file was changed later', async () => {
    await folder.write('2_second', `${second}CREATE TABLE more (id INT);\n`);
    const { logger, warnings } = recordingLogger();
    expect(await migrate(logger)).toEqual({ applied: [] });
    expect(warnings()).toMatchObject([
      { migration: '2_second', msg: expect.stringContaining('was changed') as string },
    ]);
    expect(await tablesOf(db)).toEqual(['first', 'second']);
  });

  it('causes no warning if its file differs only in line ends', async () => {
    await folder.write('1_first', first.replaceAll('\n', '\r\n'));
    await db.query(`UPDATE _prisma_migrations SET checksum = $1 WHERE migration_name = '2_second'`, [
      checksumOf(second.replaceAll('\n', '\r\n')),
    ]);
    const { logger, warnings } = recordingLogger();
    await migrate(logger);
    expect(warnings()).toEqual([]);
  });

  it('causes a warning if its file does not exist', async () => {
    const older = await migrationsFolder({ '1_first': first });
    const { logger, warnings } = recordingLogger();
    expect(await migrate(logger, older.path)).toEqual({ applied: [] });
    expect(warnings()).toMatchObject([{ migration: '2_second', msg: expect.stringContaining('lacks') as string }]);
    await older.remove();
  });
});

describe('a migrations folder', () => {
  it('causes an error if it is empty or missing', async () => {
    const empty = await migrationsFolder({});
    await expect(migrate(undefined, empty.path)).rejects.toThrow(
      /^There are no migrations in .*: is the package complete/,
    );
    await empty.remove();
    await expect(migrate(undefined, empty.path)).rejects.toThrow(/cannot be read: ENOENT/);
  });
});
