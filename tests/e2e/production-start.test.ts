import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildIfNeeded } from '../../scripts/build-if-needed.mjs';
import { openEmbeddedPostgres } from '../../src/embedded-postgres/index.js';
import { checkSession } from '../../src/lib/db/check-session.js';
import { applyMigrations } from '../../src/lib/db/migrations/migrate.js';
import { DEMO_USERS } from '../../src/seed/demo-data.js';
import { seedDemoData } from '../../src/seed/seed-demo-data.js';
import { openDatabaseProxy } from '../helpers/database-proxy.js';
import { findFreePort } from '../helpers/free-port.js';
import { until } from '../helpers/locks.js';
import { launchService, type ServiceProcess } from '../helpers/service-process.js';
import { listenTo } from '../helpers/sockets.js';

// The built service in production, on a PostgreSQL of its own: other tests use one without fsync, which production refuses.

const JWT_SECRET = randomBytes(32).toString('base64url');

let folder: string;
let server: Awaited<ReturnType<typeof openEmbeddedPostgres>>;
let client: pg.Client;
let service: ServiceProcess | undefined;

const start = async (env: Readonly<Record<string, string>> = {}) => {
  service = await launchService({ NODE_ENV: 'production', DATABASE_URL: server.url, JWT_SECRET, ...env });
  return service;
};

beforeAll(async () => {
  await buildIfNeeded();
  folder = await mkdtemp(join(tmpdir(), 'drop-inventory-e2e-'));
  // If only root can enter the folder, the data is kept elsewhere.
  await chmod(folder, 0o755);
  const logger = pino({ level: 'silent' });
  server = await openEmbeddedPostgres({ dataDir: folder, logger });
  await applyMigrations({ connectionString: server.url, logger });
  client = new pg.Client({ connectionString: server.url });
  await client.connect();
});

afterAll(async () => {
  service?.signal('SIGKILL');
  await client.end();
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

test('production names demo accounts and missing durability together, and starts after the statements that it prints', async () => {
  await seedDemoData(client);
  await client.query('ALTER SYSTEM SET fsync = off');
  await client.query('SELECT pg_reload_conf()');
  await until('fsync to be off', async () => (await client.query('SHOW fsync')).rows[0]?.fsync === 'off');
  const database = pg.escapeIdentifier(client.database ?? '');
  await client.query(`ALTER DATABASE ${database} SET synchronous_commit = off`);

  const refused = await start();
  expect(await refused.ended()).toBe(1);
  const output = refused.output();
  for (const { email } of DEMO_USERS) expect(output).toContain(email);
  expect(output).toContain("fsync is 'off' and has to be 'on'");
  expect(output).toContain("synchronous_commit is 'off' and has to be 'on'");
  expect(output, 'no stack trace').not.toContain('    at ');

  const statements = output.split('\n').filter((line) => /^ {2}(ALTER|SELECT|UPDATE) .*;$/.test(line));
  expect(statements).toHaveLength(4);
  for (const statement of statements) await client.query(statement);
  // Commits that are on the disk of this server, and not yet on a standby, survive a crash.
  await client.query(`ALTER ROLE CURRENT_USER IN DATABASE ${database} SET synchronous_commit = local`);
  await until('fsync to be on', async () => (await client.query('SHOW fsync')).rows[0]?.fsync === 'on');
  const started = await start();
  await started.printed('Ctrl-C stops it.');
  started.signal('SIGTERM');
  expect(await started.ended()).toBe(0);
});

test('other environments start without durability, and warn if the server has fsync', async () => {
  const lines: string[] = [];
  const logger = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) });
  await client.query('SET synchronous_commit = off');
  const read = async ({ text, values }: { text: string; values: readonly unknown[] }) =>
    (await client.query<object>(text, [...values])).rows;
  await checkSession(read, { url: server.url, logger });
  expect(lines.filter((line) => line.includes('synchronous_commit'))).toHaveLength(1);
  await expect(checkSession(read, { url: server.url, logger, requireDurability: true })).rejects.toThrow(/durab|lost/);
});

test('at LOG_LEVEL=trace no query, token, password, e-mail, key or URL with a password is logged', async () => {
  const database = await openDatabaseProxy(server.url);
  const port = await findFreePort();
  const secrets = {
    redisPassword: randomBytes(12).toString('hex'),
    databasePassword: new URL(server.url).password,
    password: `correct-${randomBytes(8).toString('hex')}`,
    wrongPassword: `wrong-${randomBytes(8).toString('hex')}`,
    key: `key-${randomBytes(8).toString('hex')}`,
    search: `search-${randomBytes(8).toString('hex')}`,
    email: `ada.${randomBytes(4).toString('hex')}@private.example`,
    secondEmail: `bob.${randomBytes(4).toString('hex')}@private.example`,
    jwtSecret: JWT_SECRET,
  };
  const service = await start({
    LOG_LEVEL: 'trace',
    DATABASE_URL: database.url,
    // Nothing listens there.
    REDIS_URL: `redis://cache:${secrets.redisPassword}@127.0.0.1:${port}`,
  });
  await service.printed('Ctrl-C stops it.');

  const { email, password, wrongPassword, secondEmail, search } = secrets;
  const register = (username: string, address = email) =>
    service.post('/api/users/register', { username, email: address, password });
  const registered = await register('ada_trace');
  expect(registered.status).toBe(201);
  expect((await register('another')).body.code).toBe('email-taken');
  expect((await register('ada_trace', secondEmail)).body.code).toBe('username-taken');
  expect((await register('!', 'no address')).status).toBe(400);
  for (const refusedPassword of ['123456', 'PassWord', 'ada_trace', email.toUpperCase()]) {
    const body = { username: 'ada_trace', email, password: refusedPassword };
    const refused = await service.post('/api/users/register', body);
    expect(refused.body).toMatchObject({ code: 'validation-failed', errors: [{ path: 'body.password' }] });
  }
  const signedIn = await service.post('/api/users/login', { email, password });
  const { token } = signedIn.body.data as unknown as { token: string };
  const changed = await fetch(`${service.url}/api/users/me/password`, {
    method: 'PATCH',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ currentPassword: password, newPassword: 'PassWord' }),
  });
  expect(await changed.json()).toMatchObject({ errors: [{ path: 'body.newPassword' }] });
  expect((await service.post('/api/users/login', { email, password: wrongPassword })).status).toBe(401);
  expect((await service.post('/api/users/login', { email: secondEmail, password })).status).toBe(401);

  expect((await service.get(`/api/drops?q=${search}`)).status).toBe(200);
  expect((await service.get(`/api/drops?access_token=${token}&email=${email}`)).status).toBe(400);
  for (const path of [`/${email}`, `/${encodeURIComponent(email)}`, `/${token}`]) {
    expect((await service.get(path)).status).toBe(404);
  }
  await fetch(`${service.url}/livez`, { headers: { 'X-Request-Id': email, Referer: `https://a.example/?${search}` } });

  await client.query("UPDATE users SET role = 'admin' WHERE username = 'ada_trace'");
  const drop = { name: 'Lamp', price: 1, totalStock: 5 };
  const withKey = (path: string, body: object) => service.post(path, body, token, { 'Idempotency-Key': secrets.key });
  const created = await withKey('/api/drops', drop);
  expect(created.status).toBe(201);
  expect((await withKey('/api/drops', { ...drop, price: 2 })).body.code).toBe('idempotency-key-reused');
  const dropId = created.body.data?.id;
  expect((await withKey('/api/reservations', { dropId })).status).toBe(201);

  const socket = await listenTo(service, { token });
  await socket.socket.emitWithAck('drops:subscribe', { dropIds: [dropId], token });
  socket.close();
  await expect(listenTo(service, { token: `${token}x`, query: { access_token: token } })).rejects.toThrow();

  // A defect, whose error quotes the whole row.
  await client.query(`ALTER TABLE users ADD CONSTRAINT "unforeseen" CHECK (username <> 'unlucky')`);
  expect((await register('unlucky', secondEmail)).status).toBe(500);
  await client.query('ALTER TABLE users DROP CONSTRAINT "unforeseen"');

  await database.cut();
  await until('the outage', async () => (await withKey('/api/reservations', { dropId })).status === 503);
  expect((await service.post('/api/users/login', { email, password })).status).toBe(503);
  await database.restore();
  await until('the end of the outage', async () => (await service.get('/readyz')).status === 200);
  service.signal('SIGTERM');
  expect(await service.ended()).toBe(0);
  await database.close();

  const output = service.output();
  for (const text of [
    '"path":"/api/users/login"',
    '"path":"/api/drops"',
    'Redis is away',
    'an outage begins',
    'because of a defect',
    'A socket connected',
    'A socket was refused',
  ]) {
    expect(output).toContain(text);
  }
  const hashes = await client.query<{ hash: string }>('SELECT password_hash AS hash FROM users');
  const forbidden = {
    ...secrets,
    token,
    encoded: encodeURIComponent(email),
    domain: 'private.example',
    row: 'unlucky',
    query: 'access_token',
  };
  const values = [...Object.entries(forbidden), ...hashes.rows.map(({ hash }) => ['hash', hash] as const)];
  for (const [name, value] of values) {
    expect(value.length).toBeGreaterThan(5);
    expect([name, output.split('\n').filter((line) => line.includes(value))]).toEqual([name, []]);
  }
});
