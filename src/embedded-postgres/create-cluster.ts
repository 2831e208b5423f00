import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Binaries } from './binaries.js';
import { EmbeddedPostgresError } from './errors.js';
import { homeAt, writeState, type Home } from './paths.js';
import { run, type PlainUser } from './run.js';

interface CreateClusterOptions {
  /** Where it has to be in the end. */
  readonly home: Home;
  readonly binaries: Binaries;
  /** Who it belongs to, when this process is root. */
  readonly user: PlainUser | undefined;
  /** false: it may be lost in a power cut (throw-away clusters), which saves some time. */
  readonly durable: boolean;
}

/** After this long a half-made cluster is a leftover of a killed process and not the work of a running one. */
const LEFTOVER_AFTER_MS = 10 * 60_000;

/**
 * Makes a cluster with a random password. It is made under another name and renamed when it is complete: a process
 * that is killed half way leaves no half cluster, and of two that do this at once one wins, and both use that one.
 */
export async function createCluster({ home, binaries, user, durable }: CreateClusterOptions): Promise<void> {
  const parent = dirname(home.folder);
  const draft = homeAt(join(parent, draftPrefix(home) + randomBytes(6).toString('hex')));
  const password = randomBytes(24).toString('base64url');
  const passwordFile = join(draft.folder, 'initdb-password');
  try {
    await makeFolders(draft, parent, user);
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
    if (user) await chown(passwordFile, user.uid, user.gid);
    // Text sorts and folds the same on every system, by code point: nothing depends on the locales installed.
    const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
    const login = ['--username=postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
    const speed = durable ? [] : ['--no-sync'];
    const args = ['-D', draft.data, ...locale, ...login, ...speed, '--no-instructions'];
    const { code, output } = await run(binaries.initdb, args, user);
    if (code !== 0) throw new EmbeddedPostgresError(`initdb could not make a PostgreSQL in ${draft.data}:\n${output}`);
    await rm(passwordFile);
    await writeState(draft, { password });
    await moveInto(draft, home);
  } finally {
    await rm(draft.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Removes what processes left behind that were killed while they made the cluster. */
export async function removeLeftovers(home: Home): Promise<void> {
  const parent = dirname(home.folder);
  for (const name of await readdir(parent)) {
    if (!name.startsWith(draftPrefix(home))) continue;
    const folder = join(parent, name);
    const stats = await stat(folder).catch(() => null);
    if (stats && Date.now() - stats.mtimeMs > LEFTOVER_AFTER_MS) await rm(folder, { recursive: true, force: true });
  }
}

function draftPrefix(home: Home): string {
  return `${basename(home.folder)}.new-`;
}

async function makeFolders(draft: Home, parent: string, user: PlainUser | undefined): Promise<void> {
  await mkdir(draft.folder, { mode: 0o700 });
  if (user) {
    // The user passes through; what is secret in there has its own mode. It belongs to whom the parent belongs to.
    const { uid, gid } = await stat(parent);
    await chown(draft.folder, uid, gid);
    await chmod(draft.folder, 0o755);
  }
  await mkdir(draft.data, { mode: 0o700 });
  if (user) await chown(draft.data, user.uid, user.gid);
}

async function moveInto(draft: Home, home: Home): Promise<void> {
  try {
    await rename(draft.folder, home.folder);
  } catch (error) {
    // Somebody else's cluster came first: that one is used.
    const present = await stat(home.data).catch(() => null);
    if (!present) throw error;
  }
}
