import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const DEBIAN = '/usr/lib/postgresql';
const run = promisify(execFile);

/** Programs that some benchmarks use if they are installed. */
export type Program = 'pgbench' | 'redis-server' | 'wrk';

/** The path of each program, or null if it is not installed. */
export type Programs = Readonly<Record<Program, string | null>>;

/** What is printed if a program is missing. */
export const MISSING: Readonly<Record<Program, string>> = {
  pgbench: `!!! SKIPPED: all comparisons with PostgreSQL's own limits, because pgbench was not found.
!!! It is part of PostgreSQL: apt-get install postgresql (Debian), brew install postgresql (macOS).`,
  'redis-server': `!!! SKIPPED: the comparison with a handler on Redis, because redis-server was not found.
!!! apt-get install redis-server (Debian), brew install redis (macOS).`,
  wrk: `!!! wrk was not found. The project's own load generator replaces it, and may be slower than the measured server.
!!! apt-get install wrk (Debian), brew install wrk (macOS).`,
};

export async function findPrograms(): Promise<Programs> {
  const [pgbench, redisServer, wrk] = await Promise.all([findPgbench(), find(['redis-server']), find(['wrk'])]);
  return { pgbench, 'redis-server': redisServer, wrk };
}

/** The pgbench in PATH, or else the newest version in Debian's folder. */
async function findPgbench(): Promise<string | null> {
  const versions = await readdir(DEBIAN).catch(() => []);
  const debian = versions.sort((a, b) => Number(b) - Number(a)).map((version) => join(DEBIAN, version, 'bin'));
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...debian];
  // Debian's pgbench in PATH is a wrapper that exists even without a server, so its existence proves nothing.
  return find(folders.map((folder) => join(folder, 'pgbench')));
}

/** The first of the files that prints its version. */
async function find(files: readonly string[]): Promise<string | null> {
  for (const file of files) {
    // wrk prints its version and exits with 1.
    const { stdout, stderr } = await run(file, ['--version']).catch((error: unknown) => error as Output);
    if (/\d\.\d/.test(`${stdout ?? ''}${stderr ?? ''}`)) return file;
  }
  return null;
}

interface Output {
  readonly stdout?: string;
  readonly stderr?: string;
}
