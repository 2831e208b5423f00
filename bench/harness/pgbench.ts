import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Variant } from '../benchmark.js';

const run = promisify(execFile);

interface PgbenchVariant extends Pick<Variant, 'name' | 'title'> {
  readonly clients: number;
  /** SQL that runs once. */
  readonly setUp: string;
  /** SQL of one transaction. */
  readonly transaction: string;
  readonly rowsPerTransaction: number;
}

/** Rows per second that pgbench writes: prepared statements, no vacuum, without the time to connect. */
export function pgbenchVariant({ name, title, clients, setUp, ...load }: PgbenchVariant): Variant {
  return {
    name,
    title,
    needs: 'pgbench',
    async run({ programs: { pgbench }, windowMs, signal }, database) {
      if (pgbench === null) throw new Error('pgbench is not installed');
      await database.query(setUp);
      const folder = await mkdtemp(join(tmpdir(), 'drop-inventory-pgbench-'));
      try {
        const script = join(folder, 'script.sql');
        await writeFile(script, load.transaction);
        // pgbench takes whole seconds.
        const seconds = String(Math.max(1, Math.round(windowMs / 1000)));
        const args = ['-n', '-M', 'prepared', '-c', String(clients), '-j', '1', '-T', seconds, '-f', script];
        const { stdout } = await run(pgbench, [...args, database.url], { signal });
        const perSecond = /^tps = ([\d.]+)/m.exec(stdout)?.[1];
        if (!perSecond) throw new Error(`pgbench printed no tps:\n${stdout}`);
        return { value: load.rowsPerTransaction * Number(perSecond), metrics: {}, violations: [] };
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}
