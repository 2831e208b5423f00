import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const DEBIAN = '/usr/lib/postgresql';

/** pgbench of the PATH, or the newest that Debian has put beside it; null where there is none. */
export async function findPgbench(): Promise<string | null> {
  const versions = await readdir(DEBIAN).catch(() => []);
  const debian = versions.sort((a, b) => Number(b) - Number(a)).map((version) => join(DEBIAN, version, 'bin'));
  for (const folder of [...(process.env.PATH ?? '').split(delimiter), ...debian]) {
    const file = join(folder, 'pgbench');
    // Asked for its version, since Debian's in the PATH is a wrapper that may have nothing to call.
    const found = await promisify(execFile)(file, ['--version']).then(
      () => true,
      () => false,
    );
    if (found) return file;
  }
  return null;
}

interface PgbenchRun {
  readonly program: string;
  readonly databaseUrl: string;
  /** One transaction, as SQL. */
  readonly script: string;
  readonly clients: number;
  /** ms; pgbench knows whole seconds. */
  readonly window: number;
  readonly signal: AbortSignal;
}

/** Transactions a second that pgbench gets through: prepared statements, no vacuum, connecting not counted. */
export async function runPgbench({
  program,
  databaseUrl,
  script,
  clients,
  window,
  signal,
}: PgbenchRun): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'drop-inventory-pgbench-'));
  try {
    const file = join(folder, 'script.sql');
    await writeFile(file, script);
    const seconds = String(Math.max(1, Math.round(window / 1000)));
    const args = ['-n', '-M', 'prepared', '-c', String(clients), '-j', '1', '-T', seconds, '-f', file, databaseUrl];
    const { stdout } = await promisify(execFile)(program, args, { signal });
    const perSecond = /^tps = ([\d.]+)/m.exec(stdout)?.[1];
    if (!perSecond) throw new Error(`pgbench says no tps:\n${stdout}`);
    return Number(perSecond);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
