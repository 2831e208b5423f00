import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findFreePort } from '../helpers/free-port.js';
import { startProgram } from '../helpers/processes.js';
import { startServiceProcess, type ServiceProcess } from '../helpers/service-process.js';
import { prepareCommands } from './command-files.js';

// npm run admin as a process, on a database that DATABASE_URL names and on the embedded one.

const PASSWORD = `first-${randomBytes(6).toString('hex')}`;
const JWT_SECRET = randomBytes(32).toString('base64url');
const USAGE = /^Usage:\n {2}npm run admin -- create EMAIL \[USERNAME\]/m;

const { folder, database, run } = prepareCommands();

/** Runs the command with these arguments. Its stdin is the password, or empty. */
const admin = (args: readonly string[], env: Readonly<Record<string, string>>, input = '') =>
  run('admin', env, args, input);

/** Creating a drop needs the role: its status and the code of its problem. */
async function createDrop(service: ServiceProcess, token: string): Promise<number | string> {
  const { status, body } = await service.post('/api/drops', { name: 'Lamp', price: 1, totalStock: 1 }, token);
  return body.code ?? status;
}

async function signIn(service: ServiceProcess, path: string, account: object): Promise<string> {
  const { body } = await service.post(`/api/users/${path}`, account);
  return (body.data as { token: string }).token;
}

describe.sequential('in production, with DATABASE_URL, the command', () => {
  const env = () => ({ DATABASE_URL: database().url, NODE_ENV: 'production', JWT_SECRET });

  test('creates the first admin in an empty database, which a service then accepts', async () => {
    expect((await admin(['list'], env())).stdout).toContain('There is no admin');
    const created = await admin(['create', 'ada@example.com'], env(), `${PASSWORD}\n`);
    expect(created).toMatchObject({ code: 0, stdout: 'Created the admin ada (ada@example.com).\n' });
    expect(created.output).not.toContain(PASSWORD);
    expect((await admin(['list'], env())).stdout).toBe('ada@example.com  ada\n');
  });

  test('has the rules of a registration, and changes nothing otherwise', async () => {
    const refusals: readonly [args: readonly string[], input: string, message: string][] = [
      [['create', 'no-address'], PASSWORD, 'Email must be an e-mail address'],
      [['create', 'a+b@example.com'], PASSWORD, 'Username must be 3 to 32 letters'],
      [['create', 'bob@example.com', '?'], PASSWORD, 'Username must be 3 to 32 letters'],
      [['create', 'bob@example.com'], 'short', 'Password must have at least 6 characters'],
      [['create', 'bob@example.com'], 'x'.repeat(73), 'Password must be at most 72 bytes'],
      [['create', 'bob@example.com'], 'password1', 'is one of the most common'],
      [['create', 'bob@example.com'], '', 'No password on stdin'],
      [['create', 'ADA@example.com', 'other'], PASSWORD, 'npm run admin -- grant ADA@example.com'],
      [['create', 'bob@example.com', 'ADA'], PASSWORD, 'The username ADA is taken'],
      [['grant', 'nobody@example.com'], '', 'No account has the e-mail nobody@example.com'],
      [['revoke', 'nobody@example.com'], '', 'No account has the e-mail nobody@example.com'],
      [['revoke', 'ada@example.com'], '', 'ada@example.com is the last admin'],
    ];
    for (const [args, input, message] of refusals) {
      const { code, stdout, output } = await admin(args, env(), input);
      expect([args, code, stdout]).toEqual([args, 1, '']);
      expect(output).toContain(message);
      expect(output, 'no stack trace').not.toContain('    at ');
    }
    const { rows } = await database().query('SELECT username, role FROM users');
    expect(rows).toEqual([{ username: 'ada', role: 'admin' }]);
  });

  test.each([
    [[]],
    [['create']],
    [['grant']],
    [['revoke']],
    [['promote', 'ada@example.com']],
    [['toString', 'ada@example.com']],
    [['grant', 'ada@example.com', 'bob@example.com']],
    [['list', 'ada@example.com']],
    [['list', '--json']],
    [['create', 'ada@example.com', 'ada', 'admin']],
  ])('prints its usage on stderr and exits with 1 for the arguments %j', async (args) => {
    const { code, stdout, output } = await admin(args, env(), PASSWORD);
    expect([code, stdout]).toEqual([1, '']);
    expect(output).toMatch(USAGE);
  });

  test.each([[['--help']], [['-h']], [['create', '--help']]])(
    'prints its usage and exits with 0 for %j',
    async (args) => {
      // Help needs no settings and no database.
      const { code, stdout } = await admin(args, { NODE_ENV: 'production' });
      expect(code).toBe(0);
      expect(stdout).toMatch(USAGE);
    },
  );
});

test('a role that was granted or revoked takes effect at the next request of a running service', async () => {
  const env = { DATABASE_URL: database().url };
  const service = await startServiceProcess(env);
  try {
    const account = { username: 'grace', email: 'grace@example.com', password: PASSWORD };
    const token = await signIn(service, 'register', account);
    const first = await signIn(service, 'login', { email: 'ada@example.com', password: PASSWORD });
    expect(await createDrop(service, first)).toBe(201);

    expect(await createDrop(service, token)).toBe('forbidden');
    expect(await admin(['grant', 'Grace@example.com'], env)).toMatchObject({ code: 0 });
    expect(await createDrop(service, token)).toBe(201);
    expect(await admin(['revoke', account.email], env)).toMatchObject({ code: 0 });
    expect(await createDrop(service, token)).toBe('forbidden');
    // Again: nothing happens.
    expect(await admin(['revoke', account.email], env)).toMatchObject({ code: 0 });
    expect((await admin(['list'], env)).stdout).toBe('ada@example.com  ada\n');

    await database().query("UPDATE users SET disabled_at = now() WHERE username = 'grace'");
    const disabled = await admin(['grant', account.email], env);
    expect(disabled.code).toBe(1);
    expect(disabled.output).toContain('is disabled. Enable it first');

    // The placeholder of an account that its owner closed, and the e-mail that it had.
    await database().query(
      `UPDATE users SET erased_at = now(), password_hash = 'erased', username = 'deleted user 0123456789abcdef',
              email = 'deleted-0123456789abcdef@invalid' WHERE username = 'grace'`,
    );
    for (const email of ['deleted-0123456789abcdef@invalid', account.email]) {
      const erased = await admin(['grant', email], env);
      expect(erased.code).toBe(1);
      expect(erased.output).toContain(`No account has the e-mail ${email}`);
    }
    // The e-mail is free again.
    expect(await admin(['create', account.email, 'grace_2'], env, PASSWORD)).toMatchObject({ code: 0 });
    expect((await admin(['revoke', account.email], env)).stdout).toContain('is no admin');
  } finally {
    service.signal('SIGTERM');
    await service.ended();
  }
});

test('with the embedded server, the command starts it if needed, and uses that of a running service', async () => {
  const env = { DATA_DIR: join(folder(), 'data'), SEED: 'false' };
  expect(await admin(['create', 'ada@example.com', 'ada'], env, `${PASSWORD}\r\n`)).toMatchObject({ code: 0 });

  const port = await findFreePort();
  const service = startProgram('main', { ...env, PORT: String(port) }, folder());
  await service.printed('Ctrl-C stops it.');
  expect(await admin(['create', 'bob@example.com'], env, PASSWORD)).toMatchObject({ code: 0 });
  expect((await admin(['list'], env)).stdout.split('\n').sort()).toEqual(
    expect.arrayContaining(['ada@example.com  ada', 'bob@example.com  bob']),
  );
  const signedIn = await fetch(`http://127.0.0.1:${port}/api/users/login`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email: 'bob@example.com', password: PASSWORD }),
  });
  expect(await signedIn.json()).toMatchObject({ data: { user: { role: 'admin' } } });
  expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
  service.signal('SIGTERM');
  expect(await service.ended()).toBe(0);
});
