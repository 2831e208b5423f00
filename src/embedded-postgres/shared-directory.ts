import { randomBytes } from 'node:crypto';
import { chmod, cp, lstat, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { binariesIn, majorVersion, type Binaries } from './binaries.js';
import { EmbeddedPostgresError, errorCode, USE_DATABASE_URL } from './errors.js';
import { canEnter } from './unprivileged-user.js';
import type { UnprivilegedUser } from './run.js';

const NAME = 'drop-inventory';

/** Errors of rename if the target is a folder that is not empty. */
const NOT_EMPTY = ['ENOTEMPTY', 'EEXIST'];

/**
 * A folder outside the project that an unprivileged user can enter and only root can write to. It contains what PostgreSQL needs
 * if the project is in a folder that only root can enter, such as root's home or a private temporary folder.
 */
export async function findSharedDirectory(user: UnprivilegedUser): Promise<string> {
  const candidates = ['/var/lib', '/var/tmp', tmpdir()].map((parent) => join(parent, NAME));
  for (const folder of candidates) {
    if ((await isOurs(folder)) && (await canEnter(user, folder))) return folder;
  }
  throw new EmbeddedPostgresError(
    `PostgreSQL runs as "${user.name}", who cannot enter the folder of this project, and none of ` +
      `${candidates.join(', ')} can be used instead. Move the project to a folder that "${user.name}" may enter, ` +
      `or start the service as an unprivileged user, or ${USE_DATABASE_URL}.`,
  );
}

/** Binaries that the user can run: a copy in the shared directory, created once a version. */
export async function shareBinaries(binaries: Binaries, directory: string, user: UnprivilegedUser): Promise<Binaries> {
  const folder = join(directory, `postgresql-${binaries.build}`);
  const copy = binariesIn(folder, binaries);
  if ('major' in (await majorVersion(copy, user))) return copy;
  const fresh = `${folder}.new-${randomBytes(6).toString('hex')}`;
  try {
    // Links are copied as links: the libraries load each other by them.
    await cp(binaries.root, fresh, { recursive: true, verbatimSymlinks: true });
    await makeReadable(fresh);
    await rename(fresh, folder).catch(async (error: unknown) => {
      // Another process may have created its copy at the same moment, and may be running from it.
      if ('major' in (await majorVersion(copy, user))) return;
      if (!NOT_EMPTY.includes(errorCode(error) ?? '')) throw error;
      await rm(folder, { recursive: true, force: true });
      await rename(fresh, folder);
    });
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  return copy;
}

// Any user may create files in the temporary folders: a folder that another user has created there is not trusted.
async function isOurs(folder: string): Promise<boolean> {
  try {
    await mkdir(folder, { mode: 0o755 });
    await chmod(folder, 0o755);
  } catch {
    // It exists, or cannot be created: checked below.
  }
  const stats = await lstat(folder).catch(() => undefined);
  return stats?.isDirectory() === true && stats.uid === 0 && (stats.mode & 0o022) === 0;
}

async function makeReadable(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await makeReadable(path);
    else if (entry.isFile()) await chmod(path, (await lstat(path)).mode & 0o100 ? 0o755 : 0o644);
  }
}
