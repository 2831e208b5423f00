import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import type { Logger } from '../../logger.js';

/** The advisory lock of `prisma migrate`, so that this runner and Prisma exclude each other. */
export const MIGRATION_LOCK_ID = 72707369;

const POLL_INTERVAL_MS = 200;
const REPORT_INTERVAL_MS = 10_000;

/**
 * Takes the migration lock for the client's session, which holds it until it ends. While another session holds the lock, waits
 * and logs that session at once and every ten seconds. An aborted signal ends the wait with an AbortError.
 */
export async function takeMigrationLock(client: Client, logger: Logger, signal?: AbortSignal): Promise<void> {
  const start = Date.now();
  let reported: number | undefined;
  // Polled, since a session that waits in pg_advisory_lock() has a snapshot. A CREATE INDEX CONCURRENTLY in the session with
  // the lock waits for that snapshot: a deadlock.
  while (!(await tryMigrationLock(client))) {
    signal?.throwIfAborted();
    if (reported === undefined || Date.now() - reported >= REPORT_INTERVAL_MS) {
      reported = Date.now();
      const holder = await migrationLockHolder(client);
      logger.info(
        { holder, waitedMs: reported - start },
        'Waiting for the migration lock: another process is migrating this database',
      );
    }
    await sleep(POLL_INTERVAL_MS, undefined, { signal });
  }
}

async function tryMigrationLock(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>('SELECT pg_try_advisory_lock($1) AS locked', [
    MIGRATION_LOCK_ID,
  ]);
  return rows[0]?.locked === true;
}

interface LockHolder {
  pid: number;
  application: string | null;
  address: string | null;
  since: Date | null;
}

async function migrationLockHolder(client: Client): Promise<LockHolder | undefined> {
  const { rows } = await client.query<LockHolder>(
    `SELECT pid, application_name AS application, host(client_addr) AS address, backend_start AS since
       FROM pg_locks JOIN pg_stat_activity USING (pid)
      WHERE locktype = 'advisory' AND granted AND classid = 0 AND objid = $1 AND objsubid = 1
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    [MIGRATION_LOCK_ID],
  );
  return rows[0];
}
