import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '../lib/logger.js';
import { prepareCluster } from './cluster.js';
import { openEmbeddedPostgres, type DatabaseServer } from './embedded-postgres.js';
import { findHome, removeHome } from './paths.js';
import { runsAsRoot } from './unprivileged-user.js';
import { isAlive } from './postmaster.js';
import { stopServer } from './server.js';

interface TemporaryPostgresOptions {
  readonly logger: Logger;
  /** More server settings, such as max_connections. */
  readonly settings?: Readonly<Record<string, string>>;
}

const PREFIX = 'drop-inventory-pg-';
/** Holds the id of the process that the folder is for. */
const OWNER = 'owner';
// Nothing here has to survive a crash.
const FAST = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

/**
 * A server of its own in a temporary folder, on a free port: for tests and the demo. close() removes it with its
 * data. What a killed process left is removed when the next one is opened.
 */
export async function openTemporaryPostgres({ logger, settings }: TemporaryPostgresOptions): Promise<DatabaseServer> {
  await removeOrphans(logger);
  const folder = await mkdtemp(join(tmpdir(), PREFIX));
  await writeFile(join(folder, OWNER), String(process.pid));
  // So that the plain user that PostgreSQL then runs as may pass; what is secret in there has its own mode.
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
      if (await findHome(folder)) await stopServer(await prepareCluster({ dataDir: folder, durable: false, logger }));
      await removeWithData(folder);
      logger.info({ folder }, 'removed the temporary PostgreSQL of a process that was killed');
    } catch (error) {
      // Somebody else may be removing it too. It takes up room and nothing more.
      logger.debug({ err: error, folder }, 'a temporary PostgreSQL could not be removed');
    }
  }
}

async function isOrphan(folder: string): Promise<boolean> {
  if ((await stat(folder)).uid !== (process.getuid?.() ?? 0)) return false;
  const owner = Number(await readFile(join(folder, OWNER), 'utf8'));
  return Number.isInteger(owner) && owner > 0 && !(await isAlive(owner));
}

async function removeWithData(folder: string): Promise<void> {
  await removeHome(folder);
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}
