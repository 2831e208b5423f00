import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDisposalStack } from '../../src/lib/disposal-stack.js';
import type { Logger } from '../../src/lib/logger.js';
import type { Bench } from '../question.js';
import { createChildren } from './children.js';
import { writeTokens } from './crowd.js';
import { openBenchPostgres } from './database.js';
import { findPgbench } from './pgbench.js';

/** More than can call while one variant is measured, so that nobody calls twice. */
const CROWD = 200_000;
const CROWD_QUICK = 100_000;
const CONNECTIONS = 256;
const TIMING = { warmUp: 1_000, window: 3_000 };
const TIMING_QUICK = { warmUp: 400, window: 1_000 };

interface OpenBenchOptions {
  readonly quick: boolean;
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

/** Prepares what all questions need: a PostgreSQL with the crowd in it, and the crowd's tokens. */
export async function openBench({
  quick,
  signal,
  logger,
}: OpenBenchOptions): Promise<Bench & { close(): Promise<void> }> {
  const crowd = quick ? CROWD_QUICK : CROWD;
  const closers = createDisposalStack(logger);
  try {
    const folder = await mkdtemp(join(tmpdir(), 'drop-inventory-bench-'));
    closers.add('temporary folder', () => rm(folder, { recursive: true, force: true }));
    const tokensFile = join(folder, 'tokens');
    await writeTokens(tokensFile, crowd);
    const postgres = await openBenchPostgres(logger, crowd);
    closers.add('PostgreSQL', () => postgres.close());
    const children = createChildren();
    signal.addEventListener('abort', () => {
      children.killAll();
    });
    const timing = quick ? TIMING_QUICK : TIMING;
    const pgbench = await findPgbench();
    return {
      postgres,
      children,
      signal,
      crowd,
      tokensFile,
      pgbench,
      quick,
      connections: CONNECTIONS,
      ...timing,
      close: closers.closeAll,
    };
  } catch (error) {
    await closers.closeAll();
    throw error;
  }
}
