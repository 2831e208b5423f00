import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');

function prisma(args: string[], settings: object): Promise<{ failed: boolean; output: string }> {
  const { PRISMA_SCHEMA_ENGINE_BINARY: _, ...inherited } = process.env;
  // No server listens on this port, so no engine can be downloaded. The empty URL overrides one from .env.
  const env = { ...inherited, PRISMA_ENGINES_MIRROR: 'http://127.0.0.1:9', DATABASE_URL: '', ...settings };
  return new Promise((resolve) => {
    const command = [join(root, 'node_modules/prisma/build/index.js'), ...args];
    execFile(process.execPath, command, { cwd: root, env }, (error, stdout, stderr) => {
      resolve({ failed: error !== null, output: stdout + stderr });
    });
  });
}

test.each([
  ['validate', 'is valid'],
  ['format --check', 'formatted correctly'],
  ['version', 'Query Compiler'],
])('prisma %s works where the schema engine cannot be downloaded', async (command, expected) => {
  const { failed, output } = await prisma(command.split(' '), {});
  expect(output).toContain(expected);
  expect(failed).toBe(false);
});

test('without a database, a command that needs one explains how to start it', async () => {
  const { failed, output } = await prisma(['migrate', 'status'], { DATA_DIR: join(root, 'no-such-folder') });
  expect(failed).toBe(true);
  expect(output).toContain('`npm start` starts it');
});
