import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { packageMigrationsDirectory, readMigrationFiles } from '../../src/lib/db/migrations/migration-files.js';
import { findFreePort } from '../helpers/free-port.js';
import { startProgram } from '../helpers/processes.js';
import { prepareCommands } from './command-files.js';

const { folder, database, run } = prepareCommands();

test.each([
  ['commands/seed', ['--reset']],
  ['commands/migrate', ['dev']],
  ['commands/verify', ['--fix', 'now']],
  ['commands/db-url', ['x']],
  ['commands/demo', ['1000']],
  ['commands/cluster-local', ['-n', '3']],
  ['commands/studio', ['x']],
  ['commands/studio', ['--prot', '5555']],
  ['main', ['--port', '8080']],
])('%s with the arguments %j is refused before it does anything', async (name, args) => {
  // Not even the settings are read.
  const program = startProgram(name, { DATABASE_URL: 'no address' }, folder(), args);
  expect(await program.ended()).toBe(1);
  expect(program.stdout()).toBe('');
  expect(program.output()).toContain(args[0]);
  expect(program.output()).not.toMatch(/DATABASE_URL| {4}at /);
});

describe.sequential('with DATABASE_URL the command', () => {
  const env = () => ({ DATABASE_URL: database().url });

  test('migrate applies pending migrations, and nothing in a second run', async () => {
    const first = await run('migrate', env());
    expect(first).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Applied: \d{14}_init/m) as string });
    const second = await run('migrate', env());
    expect(second).toMatchObject({ code: 0, stdout: expect.stringContaining('Nothing to apply') as string });
    const { rows } = await database().query('SELECT migration_name AS name FROM _prisma_migrations');
    expect(rows.length).toBeGreaterThan(0);
    expect(rows).toEqual((await readMigrationFiles(packageMigrationsDirectory)).map(({ name }) => ({ name })));
  });

  test('seed reports what it added, can be repeated, and is refused in production', async () => {
    const first = await run('seed', env());
    expect(first.stdout).toContain('added 5 users, 20 drops, 10 purchases');
    expect((await run('seed', env())).code).toBe(0);
    const { rows } = await database().query('SELECT count(*)::int AS purchases FROM purchases');
    expect(rows).toEqual([{ purchases: 10 }]);
    const refused = await run('seed', { ...env(), NODE_ENV: 'production' });
    expect(refused.code).toBe(1);
    expect(refused.output).toContain('production');
  });

  test('verify accepts consistent data, and names the drop and the difference otherwise', async () => {
    const consistent = await run('verify', env());
    expect(consistent.code).toBe(0);
    expect(consistent.output).toContain('All 20 drops agree');

    const { rows } = await database().query<{ id: string }>(
      `UPDATE drops SET available_stock = available_stock - 1, reserved_stock = reserved_stock + 1
       WHERE id = (SELECT id FROM drops WHERE available_stock > 0 LIMIT 1) RETURNING id`,
    );
    const inconsistent = await run('verify', env());
    expect(inconsistent.code).toBe(1);
    expect(inconsistent.output).toContain(`drop ${rows[0]?.id}`);
    expect(inconsistent.output).toContain('active holds against reserved stock: 0, expected 1');
  });

  test('db:url prints only the address, without parameters that only Prisma accepts', async () => {
    const url = 'postgresql://me:secret@db.example:5433/shop';
    const { code, stdout } = await run('db-url', { DATABASE_URL: `${url}?schema=public&connection_limit=3` });
    expect(code).toBe(0);
    expect(stdout).toBe(`${url}\n`);
    const other = await run('db-url', { DATABASE_URL: `${url}?schema=our+shop` });
    expect(new URL(other.stdout.trim()).searchParams.get('options')).toBe('-csearch_path="our\\ shop"');
  });

  test('studio serves its page, and exits with 0 at SIGINT', async () => {
    const port = await findFreePort();
    const page = `http://localhost:${port}`;
    const studio = startProgram('commands/studio', env(), folder(), ['--port', String(port), '--browser', 'none']);
    await studio.printed(page);
    expect((await fetch(page)).status).toBe(200);

    studio.signal('SIGINT');
    expect(await studio.ended()).toBe(0);
    await expect(fetch(page)).rejects.toThrow();
  });
});

describe.sequential('with the embedded server the command', () => {
  const env = () => ({ DATA_DIR: join(folder(), 'data') });

  test('db:url fails if no server is running', async () => {
    const { code, stdout, output } = await run('db-url', env());
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(output).toContain('npm start');
  });

  test('seed, verify or db:url uses the database of a running service and leaves it running', async () => {
    const port = await findFreePort();
    const service = startProgram('main', { ...env(), PORT: String(port) }, folder());
    await service.printed('Ctrl-C stops it.');

    const { stdout } = await run('db-url', env());
    expect((await run('seed', env())).code).toBe(0);
    expect((await run('verify', env())).code).toBe(0);
    const client = new pg.Client({ connectionString: stdout.trim() });
    await client.connect();
    expect((await client.query('SELECT count(*)::int AS drops FROM drops')).rows).toEqual([{ drops: 20 }]);
    await client.end();
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);

    service.signal('SIGTERM');
    expect(await service.ended()).toBe(0);
  });

  test('demo sells exactly the available units, restocked and paused meanwhile, on a separate server', async () => {
    const { code, output } = await run('demo', { ...env(), PORT: String(await findFreePort()) });
    expect(output).toContain('= 50 + 10 + 10');
    expect(output).toContain('✓ no unit was reserved during the pause');
    expect(output).toContain('✓ the ledger has each change of the organiser, with name and reason');
    expect(output).not.toContain('NOT TRUE');
    expect(code).toBe(0);
  });
});
