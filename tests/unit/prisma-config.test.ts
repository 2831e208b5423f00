import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');

function prisma(args: string[], settings: object): Promise<{ failed: boolean; output: string }> {
  const { PRISMA_SCHEMA_ENGINE_BINARY: _, ...inherited } = process.env;
  // Nothing listens there: no engine can be downloaded. An empty URL hides one that a .env may hold.
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
])('prisma %s works where the schema engine cannot be downloaded', async (command, answer) => {
  const { failed, output } = await prisma(command.split(' '), {});
  expect(output).toContain(answer);
  expect(failed).toBe(false);
});

test('a command that needs a database names what to do where there is none', async () => {
  const { failed, output } = await prisma(['migrate', 'status'], { DATA_DIR: join(root, 'no-such-folder') });
  expect(failed).toBe(true);
  expect(output).toContain('`npm start` starts it');
});
