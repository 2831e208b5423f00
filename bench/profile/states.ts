import { closeSync, openSync, readSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchDatabase } from '../harness/database.js';

/** Which of the service and PostgreSQL runs, as shares of the samples. Running includes waiting for a processor or the disk. */
export type States = Readonly<Record<'service' | 'postgres' | 'both' | 'neither', number>>;

interface Sample {
  readonly service: boolean;
  readonly postgres: boolean;
}

const SAMPLE_INTERVAL_MS = 4;
/** Longer than a line of `/proc/<pid>/stat`. */
const LINE_BYTES = 512;

/**
 * Reads from `/proc` which of the two runs, until `durationMs` have passed. A process of PostgreSQL counts if it serves the
 * database; sessions that begin later do not.
 *
 * @returns null where there is no `/proc`.
 */
export async function sampleStates(servicePid: number, database: BenchDatabase, durationMs: number) {
  if (process.platform !== 'linux') return null;
  const sessions = await database.query<{ pid: number }>(
    `SELECT pid FROM pg_stat_activity
     WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()`,
  );
  const open = (pid: number) => openSync(`/proc/${pid}/stat`, 'r');
  const service = open(servicePid);
  const backends = sessions.map(({ pid }) => open(pid));
  const samples: Sample[] = [];
  try {
    for (const end = performance.now() + durationMs; performance.now() < end; await sleep(SAMPLE_INTERVAL_MS)) {
      samples.push({ service: isRunning(readLine(service)), postgres: backends.some((fd) => isRunning(readLine(fd))) });
    }
  } finally {
    for (const fd of [service, ...backends]) closeSync(fd);
  }
  return sharesOf(samples);
}

const buffer = Buffer.alloc(LINE_BYTES);

/** The line as it is now; empty once the process has ended. */
function readLine(fd: number): string {
  try {
    return buffer.toString('latin1', 0, readSync(fd, buffer, 0, LINE_BYTES, 0));
  } catch {
    return '';
  }
}

/** Whether a line of `/proc/<pid>/stat` has the state R (running or runnable) or D (waits for the disk). */
export function isRunning(line: string): boolean {
  // The name of the program comes first, in parentheses, and may contain some.
  const state = line.charAt(line.lastIndexOf(')') + 2);
  return state === 'R' || state === 'D';
}

export function sharesOf(samples: readonly Sample[]): States {
  const share = (isCounted: (sample: Sample) => boolean) => samples.filter(isCounted).length / samples.length;
  return {
    service: share(({ service, postgres }) => service && !postgres),
    postgres: share(({ service, postgres }) => postgres && !service),
    both: share(({ service, postgres }) => service && postgres),
    neither: share(({ service, postgres }) => !service && !postgres),
  };
}
