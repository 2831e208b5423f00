import { chmod, lchown, mkdir, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Logger } from '../lib/logger.js';
import { locateBinaries, majorVersion, unusableBinaries, type Binaries } from './binaries.js';
import { createCluster, removeLeftovers } from './create-cluster.js';
import { EmbeddedPostgresError, USE_DATABASE_URL } from './errors.js';
import { findClusterPaths, planClusterPaths, readState, type ClusterPaths, type ClusterState } from './paths.js';
import { canEnter, chooseUnprivilegedUser, runsAsRoot } from './unprivileged-user.js';
import type { UnprivilegedUser } from './run.js';
import { findSharedDirectory, shareBinaries } from './shared-directory.js';

/** A cluster on disk, and what is needed to run it. */
export interface Cluster {
  readonly paths: ClusterPaths;
  readonly binaries: Binaries;
  /** The user of its programs; undefined: the user of this process. */
  readonly user: UnprivilegedUser | undefined;
  readonly state: ClusterState;
}

interface PrepareOptions {
  readonly dataDir: string;
  /** false: a new cluster may be lost in a power failure. */
  readonly durable: boolean;
  readonly logger: Logger;
}

/** Finds the cluster of a data folder, or creates it. @throws {EmbeddedPostgresError} says what to do. */
export async function prepareCluster({ dataDir, durable, logger }: PrepareOptions): Promise<Cluster> {
  await mkdir(dataDir, { recursive: true }).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EmbeddedPostgresError(
      `The folder for the data cannot be created: ${reason}. Set DATA_DIR to another one.`,
      {
        cause,
      },
    );
  });
  // One name for the folder, through any symbolic link.
  const folder = await realpath(dataDir);
  const present = await findClusterPaths(folder);
  const user = await chooseUser(present?.data ?? folder, present !== null);
  const { binaries, major } = await runnableBinaries(user);
  if (present) {
    const state = await readState(present);
    await assertVersion(present, major);
    if (user) await handOver(present, user);
    await removeLeftovers(present);
    return { paths: present, binaries, user, state };
  }

  const paths = await planClusterPaths(folder, user);
  assertPlainPath(paths.folder);
  logger.info(
    { folder: paths.folder, ...(user ? { user: user.name } : {}) },
    dirname(paths.folder) === folder
      ? 'Creating the embedded PostgreSQL'
      : `Creating the embedded PostgreSQL outside ${folder}, which its user may not enter`,
  );
  await createCluster({ paths, binaries, user, durable });
  return { paths, binaries, user, state: await readState(paths) };
}

/** The cluster of a data folder, or null. Creates and changes nothing. */
export async function findCluster(dataDir: string): Promise<Pick<Cluster, 'paths' | 'state'> | null> {
  const folder = await realpath(dataDir).catch(() => null);
  const paths = folder === null ? null : await findClusterPaths(folder);
  return paths && { paths, state: await readState(paths) };
}

async function chooseUser(ownedFolder: string, exists: boolean): Promise<UnprivilegedUser | undefined> {
  return runsAsRoot() ? chooseUnprivilegedUser(await stat(ownedFolder), !exists) : undefined;
}

async function runnableBinaries(user: UnprivilegedUser | undefined): Promise<{ binaries: Binaries; major: number }> {
  const packaged = await locateBinaries();
  assertPlainPath(packaged.root);
  const version = await majorVersion(packaged, user);
  if ('major' in version) return { binaries: packaged, major: version.major };
  if (!user) throw unusableBinaries(packaged, version.problem);

  // If they do not run as root either, a copy does not help.
  const asRoot = await majorVersion(packaged);
  if ('problem' in asRoot) throw unusableBinaries(packaged, asRoot.problem);
  const binaries = await shareBinaries(packaged, await findSharedDirectory(user), user);
  const again = await majorVersion(binaries, user);
  if ('problem' in again) throw unusableBinaries(binaries, again.problem);
  return { binaries, major: again.major };
}

async function assertVersion({ data }: ClusterPaths, major: number): Promise<void> {
  const found = await readFile(join(data, 'PG_VERSION'), 'utf8').catch(() => '');
  if (Number(found) === major) return;
  throw new EmbeddedPostgresError(
    found.trim()
      ? `The data in ${data} is of PostgreSQL ${found.trim()}, and this version of the service contains PostgreSQL ${major}. ` +
          'Nothing was changed. Either return to the version of the service that created the data, and move the data with ' +
          `pg_dump; or ${USE_DATABASE_URL}; or move the folder away to start with an empty database.`
      : `The folder ${data} holds no PostgreSQL data (PG_VERSION is missing). Nothing was changed. ` +
          'Restore it, or move it away to start with an empty database.',
  );
}

// All files of a project that root has copied belong to root, and PostgreSQL requires data that belong to its user.
async function handOver({ folder, data }: ClusterPaths, user: UnprivilegedUser): Promise<void> {
  if ((await stat(data)).uid !== user.uid) {
    for (const entry of await readdir(data, { recursive: true })) await lchown(join(data, entry), user.uid, user.gid);
    await chmod(data, 0o700);
    await lchown(data, user.uid, user.gid);
    await chmod(folder, 0o755);
  }
  if (await canEnter(user, data)) return;
  throw new EmbeddedPostgresError(
    `PostgreSQL runs as "${user.name}" when the service runs as root, and "${user.name}" may not enter ${folder}, ` +
      `which contains the data. Permit it (chmod o+x), or move the folder, or ${USE_DATABASE_URL}.`,
  );
}

// initdb and pg_ctl write paths between double quotes into a shell command.
function assertPlainPath(path: string): void {
  if (process.platform === 'win32' || !/["$`\\\n]/.test(path)) return;
  throw new EmbeddedPostgresError(
    `The path ${path} has a character that the programs of PostgreSQL do not support (one of " $ \` \\). ` +
      `Rename the folder, or ${USE_DATABASE_URL}.`,
  );
}
