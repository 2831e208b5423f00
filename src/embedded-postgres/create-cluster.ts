import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Binaries } from './binaries.js';
import { EmbeddedPostgresError } from './errors.js';
import { clusterPathsAt, writeState, type ClusterPaths } from './paths.js';
import { run, type UnprivilegedUser } from './run.js';

interface CreateClusterOptions {
  /** The final paths: the cluster is created elsewhere and renamed. */
  readonly paths: ClusterPaths;
  readonly binaries: Binaries;
  /** The owner of the cluster when this process is root. */
  readonly user: UnprivilegedUser | undefined;
  /** false: a temporary cluster, created faster, that may be lost in a power failure. */
  readonly durable: boolean;
}

/** An incomplete cluster older than this was left by a killed process. */
const LEFTOVER_AFTER_MS = 10 * 60_000;

/**
 * Creates a cluster with a random password, under another name, and renames it when it is complete. A killed process therefore
 * leaves no incomplete cluster, and two processes at once use the one that was renamed first.
 */
export async function createCluster({ paths, binaries, user, durable }: CreateClusterOptions): Promise<void> {
  const parent = dirname(paths.folder);
  const draft = clusterPathsAt(join(parent, draftPrefix(paths) + randomBytes(6).toString('hex')));
  const password = randomBytes(24).toString('base64url');
  const passwordFile = join(draft.folder, 'initdb-password');
  try {
    await makeFolders(draft, parent, user);
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
    if (user) await chown(passwordFile, user.uid, user.gid);
    // Sorting and case folding by code point: the same on every system, whatever locales are installed.
    const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
    const login = ['--username=postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
    const speed = durable ? [] : ['--no-sync'];
    const args = ['-D', draft.data, ...locale, ...login, ...speed, '--no-instructions'];
    const { code, output } = await run(binaries.initdb, args, user);
    if (code !== 0)
      throw new EmbeddedPostgresError(`initdb could not create a PostgreSQL in ${draft.data}:\n${output}`);
    await rm(passwordFile);
    await writeState(draft, { password });
    await moveInto(draft, paths);
  } finally {
    await rm(draft.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Removes incomplete clusters that killed processes have left. */
export async function removeLeftovers(paths: ClusterPaths): Promise<void> {
  const parent = dirname(paths.folder);
  for (const name of await readdir(parent)) {
    if (!name.startsWith(draftPrefix(paths))) continue;
    const folder = join(parent, name);
    const stats = await stat(folder).catch(() => null);
    if (stats && Date.now() - stats.mtimeMs > LEFTOVER_AFTER_MS) await rm(folder, { recursive: true, force: true });
  }
}

function draftPrefix(paths: ClusterPaths): string {
  return `${basename(paths.folder)}.new-`;
}

async function makeFolders(draft: ClusterPaths, parent: string, user: UnprivilegedUser | undefined): Promise<void> {
  await mkdir(draft.folder, { mode: 0o700 });
  if (user) {
    // The user has to pass through the folder; secret files in it have their own mode. Its owner is the owner of the parent.
    const { uid, gid } = await stat(parent);
    await chown(draft.folder, uid, gid);
    await chmod(draft.folder, 0o755);
  }
  await mkdir(draft.data, { mode: 0o700 });
  if (user) await chown(draft.data, user.uid, user.gid);
}

async function moveInto(draft: ClusterPaths, paths: ClusterPaths): Promise<void> {
  try {
    await rename(draft.folder, paths.folder);
  } catch (error) {
    // Another process was first: its cluster is used.
    const present = await stat(paths.data).catch(() => null);
    if (!present) throw error;
  }
}
