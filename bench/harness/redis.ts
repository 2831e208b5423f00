import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { findFreePort } from '../../src/embedded-postgres/port.js';
import type { Bench } from '../benchmark.js';

/** As durable as Redis usually is: what it has accepted is on the disk a second later. */
const SETTINGS = ['--appendonly', 'yes', '--appendfsync', 'everysec', '--save', ''];

/** Starts a Redis server in a temporary folder, calls `use` with its URL, and stops it. */
export async function withRedis<T>(
  { programs, signal }: Pick<Bench, 'programs' | 'signal'>,
  use: (url: string) => Promise<T>,
): Promise<T> {
  const program = programs['redis-server'];
  if (program === null) throw new Error('redis-server is not installed');
  const folder = await mkdtemp(join(tmpdir(), 'drop-inventory-redis-'));
  const port = await findFreePort();
  const args = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, ...SETTINGS];
  const server = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'], signal });
  const ended = once(server, 'exit');
  // An abort rejects it.
  ended.catch(() => undefined);
  try {
    await Promise.race([untilReady(server.stdout), ended.then(() => Promise.reject(new Error('Redis did not start')))]);
    return await use(`redis://127.0.0.1:${port}`);
  } finally {
    server.kill();
    await ended.catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  }
}

async function untilReady(output: NodeJS.ReadableStream): Promise<void> {
  const lines = createInterface(output);
  for await (const line of lines) {
    if (line.includes('Ready to accept connections')) break;
  }
  // What follows is discarded, so that the pipe does not fill.
  output.resume();
}
