import { createHash, randomBytes } from 'node:crypto';
import { chown, link, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { EmbeddedPostgresError, errorCode } from './errors.js';
import { canEnter, runsAsRoot } from './unprivileged-user.js';
import type { PlainUser } from './run.js';
import { findSharedPlace } from './shared-directory.js';

/** Everything of one embedded PostgreSQL. It appears as a whole, by one rename, and never half made. */
export interface Home {
  readonly folder: string;
  /** The cluster itself: PostgreSQL's own data folder. */
  readonly data: string;
  readonly log: string;
}

/** What is kept about the cluster, beside it. */
export interface HomeState {
  readonly password: string;
  /** The port it had last. */
  readonly port?: number;
}

/** In the data folder of the service: tells that the home is elsewhere. */
const POINTER = 'embedded-postgres.json';
const STATE = 'state.json';

/** The layout of a home. */
export function homeAt(folder: string): Home {
  return { folder, data: join(folder, 'data'), log: join(folder, 'server.log') };
}

/** The home that belongs to this data folder, if one has been made. */
export async function findHome(dataDir: string): Promise<Home | null> {
  const home = homeAt((await readPointer(dataDir)) ?? localFolder(dataDir));
  try {
    await stat(home.data);
    return home;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw unreadable(home.folder, error);
  }
}

/** Where a new home goes: under the data folder, or where `user` can reach it, which is then recorded there. */
export async function planHome(dataDir: string, user: PlainUser | undefined): Promise<Home> {
  const recorded = await readPointer(dataDir);
  if (recorded) return homeAt(recorded);
  if (!user || (await canEnter(user, dataDir))) return homeAt(localFolder(dataDir));

  // A fresh name each time, so that deleting the data folder means starting anew here too.
  const hash = createHash('sha256').update(dataDir).digest('hex').slice(0, 12);
  const folder = join(await findSharedPlace(user), `${hash}-${randomBytes(4).toString('hex')}`);
  return homeAt(await recordPointer(dataDir, folder));
}

/** Deletes the cluster of a data folder with all data, wherever it is. No server may be running on it. */
export async function removeHome(dataDir: string): Promise<void> {
  const elsewhere = await readPointer(dataDir);
  const folders = [...(elsewhere ? [elsewhere] : []), localFolder(dataDir), join(dataDir, POINTER)];
  for (const folder of folders) await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}

/** What is kept about the cluster. Throws an EmbeddedPostgresError if it cannot be read. */
export async function readState(home: Home): Promise<HomeState> {
  const file = join(home.folder, STATE);
  let state: Partial<HomeState> | null;
  try {
    state = JSON.parse(await readFile(file, 'utf8')) as Partial<HomeState> | null;
  } catch (error) {
    throw unreadable(file, error);
  }
  if (typeof state?.password !== 'string') throw unreadable(file, new Error('there is no password in it'));
  return { password: state.password, ...(typeof state.port === 'number' ? { port: state.port } : {}) };
}

/** Replaces what is kept about the cluster; only the owner of the home may read it. */
export async function writeState(home: Home, state: HomeState): Promise<void> {
  await replaceFile(join(home.folder, STATE), state);
}

function localFolder(dataDir: string): string {
  return join(dataDir, 'postgres');
}

// A copied project must not share the data of the original; a moved one keeps its own.
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

// Of two first starts at once the first one's place counts for both.
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
    // A copied project brought it along; it names the original's data.
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
    // Root may be at work in a plain user's project, who has to read it next time.
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
