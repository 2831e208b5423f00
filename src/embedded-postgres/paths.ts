import { createHash, randomBytes } from 'node:crypto';
import { chown, link, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { EmbeddedPostgresError, errorCode } from './errors.js';
import { canEnter, runsAsRoot } from './unprivileged-user.js';
import type { UnprivilegedUser } from './run.js';
import { findSharedDirectory } from './shared-directory.js';

/** The paths of one embedded PostgreSQL. Its folder is created by one rename, and so is never incomplete. */
export interface ClusterPaths {
  readonly folder: string;
  readonly data: string;
  readonly log: string;
}

/** What the service stores about the cluster, beside it. */
export interface ClusterState {
  readonly password: string;
  /** The port of the last start. */
  readonly port?: number;
}

/** A file in the data folder of the service, if the cluster is in another folder: its path. */
const POINTER = 'embedded-postgres.json';
const STATE = 'state.json';

export function clusterPathsAt(folder: string): ClusterPaths {
  return { folder, data: join(folder, 'data'), log: join(folder, 'server.log') };
}

/** The paths of the cluster of this data folder, or null. */
export async function findClusterPaths(dataDir: string): Promise<ClusterPaths | null> {
  const paths = clusterPathsAt((await readPointer(dataDir)) ?? localFolder(dataDir));
  try {
    await stat(paths.data);
    return paths;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw unreadable(paths.folder, error);
  }
}

/** The paths for a new cluster: below the data folder, or, if `user` may not enter that, in the shared directory. */
export async function planClusterPaths(dataDir: string, user: UnprivilegedUser | undefined): Promise<ClusterPaths> {
  const recorded = await readPointer(dataDir);
  if (recorded) return clusterPathsAt(recorded);
  if (!user || (await canEnter(user, dataDir))) return clusterPathsAt(localFolder(dataDir));

  // A new name each time: after the data folder was deleted, the old data in the shared directory are not used.
  const hash = createHash('sha256').update(dataDir).digest('hex').slice(0, 12);
  const folder = join(await findSharedDirectory(user), `${hash}-${randomBytes(4).toString('hex')}`);
  return clusterPathsAt(await recordPointer(dataDir, folder));
}

/** Deletes the cluster of a data folder with all data. No server may be running on it. */
export async function removeCluster(dataDir: string): Promise<void> {
  const elsewhere = await readPointer(dataDir);
  const folders = [...(elsewhere ? [elsewhere] : []), localFolder(dataDir), join(dataDir, POINTER)];
  for (const folder of folders) await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}

/** @throws {EmbeddedPostgresError} the file cannot be read. */
export async function readState(paths: ClusterPaths): Promise<ClusterState> {
  const file = join(paths.folder, STATE);
  let state: Partial<ClusterState> | null;
  try {
    state = JSON.parse(await readFile(file, 'utf8')) as Partial<ClusterState> | null;
  } catch (error) {
    throw unreadable(file, error);
  }
  if (typeof state?.password !== 'string') throw unreadable(file, new Error('there is no password in it'));
  return { password: state.password, ...(typeof state.port === 'number' ? { port: state.port } : {}) };
}

/** Replaces the stored state. Only the owner of the folder may read it. */
export async function writeState(paths: ClusterPaths, state: ClusterState): Promise<void> {
  await replaceFile(join(paths.folder, STATE), state);
}

function localFolder(dataDir: string): string {
  return join(dataDir, 'postgres');
}

// A copied project must not use the data of the original. A moved project keeps its data.
async function readPointer(dataDir: string): Promise<string | null> {
  const file = join(dataDir, POINTER);
  let pointer: { dataDir?: unknown; folder?: unknown };
  try {
    pointer = JSON.parse(await readFile(file, 'utf8')) as typeof pointer;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw unreadable(file, error);
  }
  if (typeof pointer.folder !== 'string' || typeof pointer.dataDir !== 'string') {
    throw unreadable(file, new Error('it is damaged'));
  }
  if (pointer.dataDir === dataDir) return pointer.folder;
  const original = await readFile(join(pointer.dataDir, POINTER), 'utf8').catch(() => '');
  return original.includes(JSON.stringify(pointer.folder)) ? null : pointer.folder;
}

// Of two first starts at once, both use the folder that was recorded first.
async function recordPointer(dataDir: string, folder: string): Promise<string> {
  const file = join(dataDir, POINTER);
  const draft = `${file}.${randomBytes(4).toString('hex')}`;
  await writeFile(draft, JSON.stringify({ dataDir, folder }, null, 2) + '\n', { mode: 0o600, flag: 'wx' });
  try {
    await link(draft, file);
    return folder;
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
    const winner = await readPointer(dataDir);
    if (winner) return winner;
    // The file came with a copied project, and names the data of the original.
    await rename(draft, file);
    return folder;
  } finally {
    await rm(draft, { force: true });
  }
}

async function replaceFile(file: string, content: unknown): Promise<void> {
  const draft = `${file}.${randomBytes(4).toString('hex')}`;
  await writeFile(draft, JSON.stringify(content, null, 2) + '\n', { mode: 0o600, flag: 'wx' });
  if (runsAsRoot()) {
    // This process is root in the project of an unprivileged user, who has to read the file at the next start.
    const { uid, gid } = await stat(dirname(file));
    await chown(draft, uid, gid);
  }
  await rename(draft, file);
}

function unreadable(path: string, cause: unknown): EmbeddedPostgresError {
  const denied = ['EACCES', 'EPERM'].includes(errorCode(cause) ?? '');
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new EmbeddedPostgresError(
    denied
      ? `The embedded PostgreSQL cannot be used: ${path} belongs to another user. Start the service as that user or as root, ` +
          'or set DATA_DIR to a folder of your own.'
      : `The embedded PostgreSQL cannot be used: ${path} cannot be read (${reason}). Restore the file, or move the ` +
          `folder ${basename(dirname(path))} away to start with an empty database.`,
    { cause },
  );
}
