import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { buildIfNeeded } from '../../scripts/build-if-needed.mjs';
import { createTestDatabase, type TestDatabase } from '../helpers/database.js';
import { startProgram } from '../helpers/processes.js';

interface CommandFiles {
  /** An empty folder, in which the commands run. */
  readonly folder: () => string;
  /** A database without tables. */
  readonly database: () => TestDatabase;
  /** Runs a command to its end. Its stdin is empty if `input` is left out. */
  run(
    command: string,
    env: Readonly<Record<string, string>>,
    args?: readonly string[],
    input?: string,
  ): Promise<{ readonly code: number | string; readonly output: string; readonly stdout: string }>;
}

/** Prepares what the commands of a test file need, before its first test, and removes it after the last. */
export function prepareCommands(): CommandFiles {
  let folder = '';
  let database: TestDatabase;

  beforeAll(async () => {
    await buildIfNeeded();
    folder = await mkdtemp(join(tmpdir(), 'drop-inventory-e2e-'));
    // If only root can enter the folder, the data is kept elsewhere.
    await chmod(folder, 0o755);
    database = await createTestDatabase({ migrated: false });
  });
  afterAll(async () => {
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  });

  return {
    folder: () => folder,
    database: () => database,
    async run(command, env, args = [], input = '') {
      const program = startProgram(`commands/${command}`, env, folder, args, { input });
      const code = await program.ended();
      return { code, output: program.output(), stdout: program.stdout() };
    },
  };
}
