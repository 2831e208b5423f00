import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { availableParallelism, cpus, totalmem, type as osType, release } from 'node:os';
import { promisify } from 'node:util';

/** Where and of what a measurement was made. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly os: string;
  readonly node: string;
}

export async function describeMachine(): Promise<Machine> {
  const release_ = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const distribution = /^PRETTY_NAME="?([^"\n]*)/m.exec(release_)?.[1];
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    os: [distribution, `${osType()} ${release()}`].filter(Boolean).join(', '),
    node: process.version,
  };
}

/** The commit that was measured, and whether files differed from it; without git, or outside of a clone: unknown. */
export async function describeCommit(folder: string): Promise<string> {
  const git = async (...args: string[]) => (await promisify(execFile)('git', args, { cwd: folder })).stdout.trim();
  try {
    // What a run itself writes is no change to what it measures.
    const changes = await git('status', '--porcelain', '--', '.', ':!bench/results');
    return `${await git('rev-parse', 'HEAD')}${changes ? ' with local changes' : ''}`;
  } catch {
    return 'unknown';
  }
}
