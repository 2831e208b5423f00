import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import type { MigrationFile } from './migration-files.js';

/** One row of Prisma's `_prisma_migrations`. */
export interface MigrationRecord {
  name: string;
  checksum: string;
  startedAt: Date;
  /** Null while `prisma migrate` runs it, and after it failed. */
  finishedAt: Date | null;
  logs: string | null;
}

/** The records, oldest first, without those that are marked as rolled back. Creates Prisma's table if it is missing. */
export async function readMigrationRecords(client: Client): Promise<MigrationRecord[]> {
  await createTableIfMissing(client);
  const { rows } = await client.query<MigrationRecord>(
    `SELECT migration_name AS name, checksum, started_at AS "startedAt", finished_at AS "finishedAt", logs
       FROM _prisma_migrations WHERE rolled_back_at IS NULL ORDER BY started_at, migration_name COLLATE "C"`,
  );
  return rows;
}

/** Records a successful migration as `prisma migrate deploy` does. */
export async function recordApplied(client: Client, file: MigrationFile, startedAt: Date): Promise<void> {
  await client.query(
    `INSERT INTO _prisma_migrations (id, checksum, started_at, finished_at, migration_name, applied_steps_count)
     VALUES ($1, $2, $3, $4, $5, 1)`,
    [randomUUID(), file.checksum, startedAt, new Date(), file.name],
  );
}

/** Reads before it creates: on a database that is up to date, the role needs no right to create tables. */
async function createTableIfMissing(client: Client): Promise<void> {
  const { rows } = await client.query<{ exists: boolean }>(
    `SELECT to_regclass('_prisma_migrations') IS NOT NULL AS exists`,
  );
  if (rows[0]?.exists === true) return;
  await client.query(`
    CREATE TABLE _prisma_migrations (
      id                  VARCHAR(36)  PRIMARY KEY NOT NULL,
      checksum            VARCHAR(64)  NOT NULL,
      finished_at         TIMESTAMPTZ,
      migration_name      VARCHAR(255) NOT NULL,
      logs                TEXT,
      rolled_back_at      TIMESTAMPTZ,
      started_at          TIMESTAMPTZ  NOT NULL DEFAULT now(),
      applied_steps_count INTEGER      NOT NULL DEFAULT 0
    )`);
}
