import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '../lib/logger.js';
import { prepareCluster } from './cluster.js';
import { openEmbeddedPostgres, type DatabaseServer } from './embedded-postgres.js';
import { findClusterPaths, removeCluster } from './paths.js';
import { runsAsRoot } from './unprivileged-user.js';
import { isAlive } from './postmaster.js';
import { stopServer } from './server.js';

interface TemporaryPostgresOptions {
  readonly logger: Logger;
  /** More server settings, such as max_connections. */
  readonly settings?: Readonly<Record<string, string>>;
}

const PREFIX = 'drop-inventory-pg-';
/** A file with the id of the process that uses the folder. */
const OWNER = 'owner';
// A temporary server need not survive a crash.
const FAST = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

/**
 * Starts a server in a temporary folder, on a free port, for tests and the demo. close() removes it with its data. Opening one
 * removes the servers that killed processes have left.
 */
export async function openTemporaryPostgres({ logger, settings }: TemporaryPostgresOptions): Promise<DatabaseServer> {
  await removeOrphans(logger);
  const folder = await mkdtemp(join(tmpdir(), PREFIX));
  await writeFile(join(folder, OWNER), String(process.pid));
  // The unprivileged user that PostgreSQL runs as has to pass; secret files in it have their own mode.
  if (runsAsRoot()) await chmod(folder, 0o755);
  let server: DatabaseServer;
  try {
    server = await openEmbeddedPostgres({ dataDir: folder, settings: { ...FAST, ...settings }, logger });
  } catch (error) {
    await removeWithData(folder);
    throw error;
  }
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await server.close();
    await removeWithData(folder);
  };
  return { ...server, close: () => (closing ??= close()) };
}

async function removeOrphans(logger: Logger): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue;
    const folder = join(tmpdir(), name);
    try {
      if (!(await isOrphan(folder))) continue;
      if (await findClusterPaths(folder))
        await stopServer(await prepareCluster({ dataDir: folder, durable: false, logger }));
      await removeWithData(folder);
      logger.info({ folder }, 'Removed the temporary PostgreSQL of a process that was killed');
    } catch (error) {
      // Another process may be removing it too. If it stays, it only takes up space.
      logger.debug({ err: error, folder }, 'A temporary PostgreSQL could not be removed');
    }
  }
}

async function isOrphan(folder: string): Promise<boolean> {
  if ((await stat(folder)).uid !== (process.getuid?.() ?? 0)) return false;
  const owner = Number(await readFile(join(folder, OWNER), 'utf8'));
  return Number.isInteger(owner) && owner > 0 && !(await isAlive(owner));
}

async function removeWithData(folder: string): Promise<void> {
  await removeCluster(folder);
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}
