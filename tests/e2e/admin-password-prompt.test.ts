import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildIfNeeded } from '../../scripts/build-if-needed.mjs';
import { canTest } from '../helpers/can-test.js';
import { createTestDatabase, type TestDatabase } from '../helpers/database.js';
import { until } from '../helpers/locks.js';

const PASSWORD = 'typed on the terminal 7';
const COMMAND = `'${process.execPath}' '${join(import.meta.dirname, '../../dist/commands/admin.js')}'`;
const CTRL_C = '\u0003';
/** Only the script of util-linux takes the command as an option. */
const isInstalled = spawnSync('script', ['-qec', 'true', '/dev/null'], { stdio: 'ignore' }).status === 0;
const isTestable = canTest('the prompt for a password', isInstalled, 'The program script of util-linux is missing.');

let database: TestDatabase;

beforeAll(async () => {
  await buildIfNeeded();
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** Runs the command on a terminal, and types each line when the prompt with its number has appeared. */
async function onTerminal(args: string, ...lines: readonly string[]) {
  const child = spawn('script', ['-qec', `${COMMAND} ${args}`, '/dev/null'], {
    cwd: tmpdir(),
    env: { PATH: process.env.PATH, HOME: process.env.HOME, DATABASE_URL: database.url, TERM: 'xterm' },
  });
  const ended = once(child, 'close') as Promise<[number]>;
  let screen = '';
  child.stdout.on('data', (chunk: Buffer) => {
    screen += String(chunk);
  });
  for (const [index, line] of lines.entries()) {
    const prompt = index === 0 ? 'Password: ' : 'The same again: ';
    await until(`"${prompt}"`, () => screen.includes(prompt) || child.exitCode !== null);
    child.stdin.write(line);
  }
  const [code] = await ended;
  return { code, screen };
}

const adminCount = async () => (await database.query("SELECT FROM users WHERE role = 'admin'")).rowCount;

describe.skipIf(!isTestable)('on a terminal, the command', () => {
  test('asks for the password twice, and shows no character of it', async () => {
    const { code, screen } = await onTerminal('create ada@example.com', `${PASSWORD}\r`, `${PASSWORD}\r`);
    expect(screen).toContain('Created the admin ada (ada@example.com).');
    expect(screen).not.toContain(PASSWORD.slice(0, 5));
    expect(screen).not.toContain('*');
    expect(code).toBe(0);
    expect(await adminCount()).toBe(1);
  });

  test('changes nothing if the two differ', async () => {
    const { code, screen } = await onTerminal('create bob@example.com', `${PASSWORD}\r`, `${PASSWORD}8\r`);
    expect(screen).toContain('The two passwords differ.');
    expect(screen).not.toContain(PASSWORD.slice(0, 5));
    expect(code).toBe(1);
    expect(await adminCount()).toBe(1);
  });

  test('changes nothing after Ctrl-C', async () => {
    const { code, screen } = await onTerminal('create bob@example.com', CTRL_C);
    expect(screen).toContain('nothing was changed');
    expect(code).not.toBe(0);
    expect(await adminCount()).toBe(1);
  });
});
