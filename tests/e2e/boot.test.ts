import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildIfNeeded } from '../../scripts/build-if-needed.mjs';
import { createTestDatabase, type TestDatabase } from '../helpers/database.js';
import { openDatabaseProxy, type DatabaseProxy } from '../helpers/database-proxy.js';
import { launchService } from '../helpers/service-process.js';

const READY_MESSAGE = 'Ctrl-C stops it.';
const WAITING_MESSAGE = '"msg":"Waiting for the database"';

let database: TestDatabase;
let proxy: DatabaseProxy;

beforeAll(async () => {
  await buildIfNeeded();
  database = await createTestDatabase({ migrated: false });
  proxy = await openDatabaseProxy(database.url);
});

afterAll(async () => {
  await proxy.close();
  await database.drop();
});

it('the service waits for an unreachable database, logs that it waits, and exits with 0 at SIGTERM', async () => {
  await proxy.cut();
  const service = await launchService({ DATABASE_URL: proxy.url });
  await service.printed(WAITING_MESSAGE);
  expect(service.output()).toContain(`127.0.0.1:${new URL(proxy.url).port}`);
  expect(service.output()).toContain('ECONNREFUSED');
  service.signal('SIGTERM');
  expect(await service.ended()).toBe(0);
});

it('the start continues once the database is reachable, and two concurrent first starts migrate and seed once', async () => {
  await proxy.cut();
  const env = { DATABASE_URL: proxy.url, NODE_ENV: 'development' };
  const services = await Promise.all([launchService(env), launchService(env)]);
  try {
    await Promise.all(services.map((service) => service.printed(WAITING_MESSAGE)));
    await proxy.restore();
    await Promise.all(services.map((service) => service.printed(READY_MESSAGE)));
    const { rows } = await database.query(
      `SELECT (SELECT count(*)::int FROM _prisma_migrations WHERE finished_at IS NOT NULL) AS migrations,
              (SELECT count(DISTINCT migration_name)::int FROM _prisma_migrations) AS names,
              (SELECT count(*)::int FROM drops) AS drops, (SELECT count(*)::int FROM purchases) AS purchases`,
    );
    expect(rows).toMatchObject([{ drops: 20, purchases: 10 }]);
    expect(rows[0]?.migrations).toBe(rows[0]?.names);
    for (const service of services) expect((await service.get('/readyz')).status).toBe(200);
  } finally {
    for (const service of services) service.signal('SIGTERM');
  }
  expect(await Promise.all(services.map((service) => service.ended()))).toEqual([0, 0]);
});

it('the service does not wait if the user or the database does not exist', async () => {
  const wrongUser = new URL(database.url);
  [wrongUser.username, wrongUser.password] = ['unknown_user', 'guessed'];
  const missingDatabase = new URL(database.url);
  missingDatabase.pathname = '/drop_inventory_test_nowhere';
  for (const url of [wrongUser, missingDatabase]) {
    const service = await launchService({ DATABASE_URL: url.toString() });
    expect(await service.ended()).toBe(1);
    expect(service.output()).toContain('Cannot connect to PostgreSQL at');
    expect(service.output(), 'neither stack trace nor password').not.toMatch(/ {4}at |guessed/);
  }
});
