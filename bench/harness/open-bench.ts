import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDisposalStack } from '../../src/lib/process/disposal-stack.js';
import type { Logger } from '../../src/lib/logger.js';
import type { Bench } from '../benchmark.js';
import { createChildren } from './children.js';
import { openBenchPostgres } from './database.js';
import { writeTokens } from './load-users.js';
import { findPrograms } from './programs.js';

/** More users than requests in one run, so that no user sends two. */
const USERS = 150_000;
const USERS_QUICK = 80_000;
const CONNECTIONS = 256;
const TIMING = { warmUpMs: 1_000, windowMs: 2_000 };
const TIMING_QUICK = { warmUpMs: 600, windowMs: 1_000 };

interface OpenBenchOptions {
  readonly quick: boolean;
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

/** Prepares what all benchmarks need: PostgreSQL with the load users, and their tokens. */
export async function openBench({
  quick,
  signal,
  logger,
}: OpenBenchOptions): Promise<Bench & { close(): Promise<void> }> {
  const userCount = quick ? USERS_QUICK : USERS;
  const disposal = createDisposalStack(logger);
  try {
    const folder = await mkdtemp(join(tmpdir(), 'drop-inventory-bench-'));
    disposal.add('temporary folder', () => rm(folder, { recursive: true, force: true }));
    const tokensFile = join(folder, 'tokens');
    await writeTokens(tokensFile, userCount);
    const postgres = await openBenchPostgres(logger, userCount);
    disposal.add('PostgreSQL', () => postgres.close());
    const children = createChildren();
    signal.addEventListener('abort', () => {
      children.killAll();
    });
    return {
      postgres,
      children,
      signal,
      userCount,
      tokensFile,
      programs: await findPrograms(),
      quick,
      connections: CONNECTIONS,
      ...(quick ? TIMING_QUICK : TIMING),
      close: disposal.closeAll,
    };
  } catch (error) {
    await disposal.closeAll();
    throw error;
  }
}
