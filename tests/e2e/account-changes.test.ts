import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildIfNeeded } from '../../scripts/build-if-needed.mjs';
import { startTestApp, TEST_PASSWORD, type TestApp, type TestUser } from '../helpers/app.js';
import { until } from '../helpers/locks.js';
import { startServiceProcess, type ServiceProcess } from '../helpers/service-process.js';
import { listenTo, type Listener } from '../helpers/sockets.js';

// Two processes of the service on one database: what one of them does to an account takes effect in the other one.

/** The contract promises one second; the rest is a margin for a busy machine. */
const MAX_DELAY_MS = 10_000;

/** Creates accounts. No request is sent to it. */
let app: TestApp;
let first: ServiceProcess;
let second: ServiceProcess;
let admin: TestUser;

beforeAll(async () => {
  await buildIfNeeded();
  app = await startTestApp();
  const env = { DATABASE_URL: app.database.url };
  [first, second] = await Promise.all([startServiceProcess(env), startServiceProcess(env)]);
  admin = await app.createUser('admin');
});

afterAll(async () => {
  for (const service of [first, second]) {
    service.signal('SIGTERM');
    await service.ended();
  }
  await app.close();
});

async function request(service: ServiceProcess, user: TestUser, method: string, path: string, body?: object) {
  const { status } = await fetch(`${service.url}${path}`, {
    method,
    headers: { Authorization: `Bearer ${user.token}`, 'Content-Type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  return status;
}

const meStatus = (user: TestUser) => request(second, user, 'GET', '/api/users/me');

type Change = (user: TestUser) => Promise<number>;
const CHANGES: readonly (readonly [name: string, code: string, change: Change])[] = [
  ['is disabled', 'disabled', (user) => request(first, admin, 'POST', `/api/users/${user.id}/disable`, {})],
  ['signs out', 'signed-out', (user) => request(first, user, 'POST', '/api/users/logout')],
  ['signs out everywhere', 'signed-out', (user) => request(first, user, 'POST', '/api/users/logout-all')],
  [
    'gets another password',
    'signed-out',
    (user) => {
      const body = { currentPassword: TEST_PASSWORD, newPassword: 'another password 8' };
      return request(first, user, 'PATCH', '/api/users/me/password', body);
    },
  ],
  ['is erased', 'deleted', (user) => request(first, user, 'DELETE', '/api/users/me', { password: TEST_PASSWORD })],
];

describe('an account that one process', () => {
  test.each(CHANGES)(
    '%s ends at the other one: its requests at once, its sockets within a second',
    async (_name, code, change) => {
      const [user, bystander] = [await app.createUser(), await app.createUser()];
      const [socket, other] = await Promise.all([user, bystander].map(({ token }) => listenTo(second, { token })));
      if (!socket || !other) throw new Error('two sockets');
      expect(await meStatus(user)).toBe(200);

      expect(await change(user)).toBe(200);
      // The very next request.
      expect(await meStatus(user)).toBe(401);
      await until('the cut', () => !socket.socket.connected, MAX_DELAY_MS);
      expect(socket.received('account_closed')).toMatchObject([{ code }]);
      await expect(listenTo(second, { token: user.token })).rejects.toMatchObject({
        data: { code: 'unauthenticated' },
      });
      expect([other.socket.connected, await meStatus(bystander)]).toEqual([true, 200]);
      other.close();
    },
  );
});

test('a role that is granted or revoked takes effect for requests at once, and for sockets within a second', async () => {
  const user = await app.createUser();
  const listener = await listenTo(second, { token: user.token });
  const isAdmin = async () => (await request(second, user, 'GET', `/api/users/${admin.id}`)) === 200;
  const setRole = (role: string) =>
    app.database.query('UPDATE users SET role = $2::user_role WHERE id = $1', [user.id, role]);

  expect(await isAdmin()).toBe(false);
  await setRole('admin');
  expect(await isAdmin()).toBe(true);
  await until('the statistics of an admin', () => listener.received('stats').length > 0, MAX_DELAY_MS);
  await setRole('user');
  expect(await isAdmin()).toBe(false);
  await until('no more statistics', () => hasNoStats(listener));
  listener.close();
});

/** Whether no statistics arrive for longer than their interval of a second. */
async function hasNoStats(listener: Listener): Promise<boolean> {
  const before = listener.received('stats').length;
  await sleep(3_000);
  return listener.received('stats').length === before;
}

test('a hold of an account that is disabled by one process is released, which the sockets of the other one receive', async () => {
  const [user, dropId] = [await app.createUser(), await app.createDrop({ total_stock: 1 })];
  const listener = await listenTo(second);
  expect(await request(first, user, 'POST', '/api/reservations', { dropId })).toBe(201);
  expect(await request(first, admin, 'POST', `/api/users/${user.id}/disable`, {})).toBe(200);
  // If the other process reads the drop for the first time after the release, it publishes the drop with this state.
  await until('the unit to be available', () =>
    [
      ...listener.received('inventory_update').filter((update) => update.dropId === dropId),
      ...listener.received('new_drop').filter((drop) => drop.id === dropId),
    ].some(({ version, availableStock }) => version === 3 && availableStock === 1),
  );
  expect(await request(second, await app.createUser(), 'POST', '/api/reservations', { dropId })).toBe(201);
  listener.close();
});
