import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createTestDatabase } from '../../helpers/database.js';

const PROGRAM = join(import.meta.dirname, 'service-that-stops.ts');

it('stop() leaves no handle of API, sockets, worker or threads that keeps the process alive', async () => {
  const database = await createTestDatabase();
  const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, database.url], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // A handle that is left keeps the process running; then the timeout kills it, and the signal is not null.
    timeout: 120_000,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (output += text.toString()));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  await database.drop();
  expect({ code, signal, output }).toEqual({ code: 0, signal: null, output: 'stopped\n' });
});
