import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, totalmem, type as osType, release } from 'node:os';
import { promisify } from 'node:util';
import type { Bench } from '../benchmark.js';
import { SERVER_SETTINGS } from '../harness/database.js';

interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly os: string;
  readonly node: string;
  /** Load average of the minute before the run. */
  readonly busy: number;
}

/** When, where and on which commit a benchmark ran. */
export interface RunEnvironment {
  readonly date: string;
  readonly commit: string;
  readonly machine: Machine;
  readonly postgres: { readonly version: string; readonly settings: Readonly<Record<string, string>> };
  readonly warmUpMs: number;
  readonly windowMs: number;
  readonly quick: boolean;
}

export async function describeEnvironment(
  { postgres, warmUpMs, windowMs, quick }: Bench,
  machine: Machine,
  root: string,
): Promise<RunEnvironment> {
  return {
    date: new Date().toISOString(),
    commit: await describeCommit(root),
    machine,
    postgres: { version: postgres.version, settings: SERVER_SETTINGS },
    warmUpMs,
    windowMs,
    quick,
  };
}

export async function describeMachine(): Promise<Machine> {
  const distributionFile = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const distribution = /^PRETTY_NAME="?([^"\n]*)/m.exec(distributionFile)?.[1];
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    os: [distribution, `${osType()} ${release()}`].filter(Boolean).join(', '),
    node: process.version,
    busy: loadavg()[0] ?? 0,
  };
}

/** The measured commit, and whether the working tree differs from it. `unknown` without git or outside a clone. */
export async function describeCommit(folder: string): Promise<string> {
  const git = async (...args: string[]) => (await promisify(execFile)('git', args, { cwd: folder })).stdout.trim();
  try {
    // A run writes its own results; they do not count as changes.
    const changes = await git('status', '--porcelain', '--', '.', ':!bench/results');
    return `${await git('rev-parse', 'HEAD')}${changes ? ' with local changes' : ''}`;
  } catch {
    return 'unknown';
  }
}
