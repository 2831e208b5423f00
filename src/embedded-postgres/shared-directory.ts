import { randomBytes } from 'node:crypto';
import { chmod, cp, lstat, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { binariesIn, majorVersion, type Binaries } from './binaries.js';
import { EmbeddedPostgresError, errorCode, USE_DATABASE_URL } from './errors.js';
import { canEnter } from './unprivileged-user.js';
import type { PlainUser } from './run.js';

const NAME = 'drop-inventory';

/** What rename answers when the target is a folder with something in it. */
const HOLDS_SOMETHING = ['ENOTEMPTY', 'EEXIST'];

/**
 * A folder outside the project that a plain user can enter and only root can write to, for what PostgreSQL needs when
 * root keeps the project in a folder of its own (root's home, a private temporary folder).
 */
export async function findSharedPlace(user: PlainUser): Promise<string> {
  const candidates = ['/var/lib', '/var/tmp', tmpdir()].map((parent) => join(parent, NAME));
  for (const folder of candidates) {
    if ((await isOurs(folder)) && (await canEnter(user, folder))) return folder;
  }
  throw new EmbeddedPostgresError(
    `PostgreSQL runs as "${user.name}", who cannot enter the folder of this project, and none of ` +
      `${candidates.join(', ')} can be used instead. Move the project to where "${user.name}" may enter, ` +
      `or start the service as a plain user, or ${USE_DATABASE_URL}.`,
  );
}

/** Binaries the user can run: a copy in the shared place, made once a version. */
export async function shareBinaries(binaries: Binaries, place: string, user: PlainUser): Promise<Binaries> {
  const folder = join(place, `postgresql-${binaries.build}`);
  const copy = binariesIn(folder, binaries);
  if ('major' in (await majorVersion(copy, user))) return copy;
  const fresh = `${folder}.new-${randomBytes(6).toString('hex')}`;
  try {
    // Links stay links: the libraries name each other through them.
    await cp(binaries.root, fresh, { recursive: true, verbatimSymlinks: true });
    await makeReadable(fresh);
    await rename(fresh, folder).catch(async (error: unknown) => {
      // Another start may have put its copy there at the same moment, and may be running from it.
      if ('major' in (await majorVersion(copy, user))) return;
      if (!HOLDS_SOMETHING.includes(errorCode(error) ?? '')) throw error;
      await rm(folder, { recursive: true, force: true });
      await rename(fresh, folder);
    });
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  return copy;
}

// The temporary folders are open to all: what somebody else has put there under our name must not be run or trusted.
async function isOurs(folder: string): Promise<boolean> {
  try {
    await mkdir(folder, { mode: 0o755 });
    await chmod(folder, 0o755);
  } catch {
    // It is there, or cannot be: looked at below.
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
