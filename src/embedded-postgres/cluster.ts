import { chmod, lchown, mkdir, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Logger } from '../lib/logger.js';
import { locateBinaries, majorVersion, unusableBinaries, type Binaries } from './binaries.js';
import { createCluster, removeLeftovers } from './create-cluster.js';
import { EmbeddedPostgresError, USE_DATABASE_URL } from './errors.js';
import { findHome, planHome, readState, type Home, type HomeState } from './paths.js';
import { canEnter, choosePlainUser, runsAsRoot } from './unprivileged-user.js';
import type { PlainUser } from './run.js';
import { findSharedPlace, shareBinaries } from './shared-directory.js';

/** A cluster on disk and what is needed to run it. */
export interface Cluster {
  readonly home: Home;
  readonly binaries: Binaries;
  /** Who its programs run as; undefined: as this process. */
  readonly user: PlainUser | undefined;
  readonly state: HomeState;
}

interface PrepareOptions {
  readonly dataDir: string;
  /** false: a new cluster need not survive a power cut. */
  readonly durable: boolean;
  readonly logger: Logger;
}

/** Finds the cluster of a data folder, or makes it. Throws an EmbeddedPostgresError that says what to do. */
export async function prepareCluster({ dataDir, durable, logger }: PrepareOptions): Promise<Cluster> {
  await mkdir(dataDir, { recursive: true }).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EmbeddedPostgresError(`The folder for the data cannot be made: ${reason}. Set DATA_DIR to another one.`, {
      cause,
    });
  });
  // One name for the folder, whatever links lead to it.
  const folder = await realpath(dataDir);
  const present = await findHome(folder);
  const user = await chooseUser(present?.data ?? folder, present !== null);
  const { binaries, major } = await runnableBinaries(user);
  if (present) {
    const state = await readState(present);
    await assertVersion(present, major);
    if (user) await handOver(present, user);
    await removeLeftovers(present);
    return { home: present, binaries, user, state };
  }

  const home = await planHome(folder, user);
  assertPlainPath(home.folder);
  logger.info(
    { folder: home.folder, ...(user ? { user: user.name } : {}) },
    dirname(home.folder) === folder
      ? 'making the embedded PostgreSQL'
      : `making the embedded PostgreSQL outside ${folder}, which its user may not enter`,
  );
  await createCluster({ home, binaries, user, durable });
  return { home, binaries, user, state: await readState(home) };
}

/** The cluster of a data folder if there is one; makes and changes nothing. */
export async function findCluster(dataDir: string): Promise<Pick<Cluster, 'home' | 'state'> | null> {
  const folder = await realpath(dataDir).catch(() => null);
  const home = folder === null ? null : await findHome(folder);
  return home && { home, state: await readState(home) };
}

async function chooseUser(ownedFolder: string, exists: boolean): Promise<PlainUser | undefined> {
  return runsAsRoot() ? choosePlainUser(await stat(ownedFolder), !exists) : undefined;
}

async function runnableBinaries(user: PlainUser | undefined): Promise<{ binaries: Binaries; major: number }> {
  const packaged = await locateBinaries();
  assertPlainPath(packaged.root);
  const version = await majorVersion(packaged, user);
  if ('major' in version) return { binaries: packaged, major: version.major };
  if (!user) throw unusableBinaries(packaged, version.problem);

  // As root first: a copy does not help binaries that nobody can run.
  const asRoot = await majorVersion(packaged);
  if ('problem' in asRoot) throw unusableBinaries(packaged, asRoot.problem);
  const binaries = await shareBinaries(packaged, await findSharedPlace(user), user);
  const again = await majorVersion(binaries, user);
  if ('problem' in again) throw unusableBinaries(binaries, again.problem);
  return { binaries, major: again.major };
}

async function assertVersion({ data }: Home, major: number): Promise<void> {
  const found = await readFile(join(data, 'PG_VERSION'), 'utf8').catch(() => '');
  if (Number(found) === major) return;
  throw new EmbeddedPostgresError(
    found.trim()
      ? `The data in ${data} is of PostgreSQL ${found.trim()}, and this version of the service brings PostgreSQL ${major}. ` +
          'Nothing was changed. Either go back to the version of the service that made it, and move the data over with ' +
          `pg_dump; or ${USE_DATABASE_URL}; or move the folder away to start with an empty database.`
      : `The folder ${data} holds no PostgreSQL data (PG_VERSION is missing). Nothing was changed. ` +
          'Restore it, or move it away to start with an empty database.',
  );
}

// A project copied by root belongs to root altogether, and PostgreSQL wants its data to be its own user's.
async function handOver({ folder, data }: Home, user: PlainUser): Promise<void> {
  if ((await stat(data)).uid !== user.uid) {
    for (const entry of await readdir(data, { recursive: true })) await lchown(join(data, entry), user.uid, user.gid);
    await chmod(data, 0o700);
    await lchown(data, user.uid, user.gid);
    await chmod(folder, 0o755);
  }
  if (await canEnter(user, data)) return;
  throw new EmbeddedPostgresError(
    `PostgreSQL runs as "${user.name}" when the service runs as root, and "${user.name}" may not enter ${folder}, ` +
      `where the data is. Open the way to it (chmod o+x), or move it to another place, or ${USE_DATABASE_URL}.`,
  );
}

// initdb and pg_ctl put paths between double quotes in a shell command.
function assertPlainPath(path: string): void {
  if (process.platform === 'win32' || !/["$`\\\n]/.test(path)) return;
  throw new EmbeddedPostgresError(
    `The path ${path} has a character that the programs of PostgreSQL cannot cope with (one of " $ \` \\). ` +
      `Rename the folder, or ${USE_DATABASE_URL}.`,
  );
}
