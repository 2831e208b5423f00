import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, TEST_PASSWORD, type TestApp, type TestUser } from '../../helpers/app.js';
import { until } from '../../helpers/locks.js';
import { listenTo, receivedAll, type Listener } from '../../helpers/sockets.js';
import { delayingStatements } from '../../helpers/statements.js';
import { withClient } from '../../helpers/test-server.js';
import { as, hold } from '../http/support.js';

/** Two processes on one database: what one does, the other one's sockets follow. */
let app: TestApp;
let other: TestApp;
let admin: TestUser;

beforeAll(async () => {
  app = await startTestApp();
  other = await startTestApp({ database: app.database });
  admin = await app.createUser('admin');
});
afterAll(async () => {
  await other.close();
  await app.close();
});

const isCut = ({ socket }: Listener) => !socket.connected;

/** Expects each socket to be cut, after one event that says why. */
async function expectCut(code: string, ...listeners: Listener[]): Promise<void> {
  await until('the sockets to be closed', () => listeners.every(isCut));
  for (const listener of listeners) expect(listener.received('account_closed')).toMatchObject([{ code }]);
}

const socketsOf = (user: TestUser) => Promise.all([app, other].map((each) => listenTo(each, { token: user.token })));

describe('the sockets of every process are closed, with the reason,', () => {
  it('when their token is ended, and those of another token stay', async () => {
    const user = await app.createUser();
    const second = { ...user, token: app.context.tokens.sign(user) };
    const [own, others] = [await socketsOf(user), await socketsOf(second)];
    await as(user, app.http.post('/api/users/logout')).expect(200);
    await expectCut('signed-out', ...own);
    // Twice, because the account is marked already.
    await as(second, other.http.post('/api/users/logout')).expect(200);
    await expectCut('signed-out', ...others);
  });

  it.each([
    ['all tokens end', (user: TestUser) => as(user, app.http.post('/api/users/logout-all')), 'signed-out'],
    [
      'the password changes',
      (user: TestUser) =>
        as(user, app.http.patch('/api/users/me/password')).send({
          currentPassword: TEST_PASSWORD,
          newPassword: 'another password 8',
        }),
      'signed-out',
    ],
    [
      'the account is disabled',
      (user: TestUser) => as(admin, app.http.post(`/api/users/${user.id}/disable`)),
      'disabled',
    ],
    [
      'the account is erased',
      (user: TestUser) => as(user, app.http.delete('/api/users/me')).send({ password: TEST_PASSWORD }),
      'deleted',
    ],
  ])('when %s; other users stay connected', async (_case, request, code) => {
    const [user, bystander] = [await app.createUser(), await app.createUser()];
    const [own, others] = [await socketsOf(user), await socketsOf(bystander)];
    await request(user).expect(200);
    await expectCut(code, ...own);
    expect(others.some(isCut)).toBe(false);
    others.forEach(({ close }) => {
      close();
    });
    await expect(listenTo(other, { token: user.token })).rejects.toMatchObject({ data: { code: 'unauthenticated' } });
  });

  it.each([
    ['disabled', 'UPDATE users SET disabled_at = now() WHERE id = $1'],
    ['deleted', 'DELETE FROM users WHERE id = $1'],
  ])('when the account is %s by hand, in a transaction that commits late', async (code, sql) => {
    const user = await app.createUser();
    const sockets = await socketsOf(user);
    await withClient(app.database.url, async (client) => {
      await client.query('BEGIN');
      await client.query(sql, [user.id]);
      // Later changes commit before it, and are processed.
      const [next] = [await app.createUser()];
      const nextSockets = await socketsOf(next);
      await as(next, app.http.post('/api/users/logout-all')).expect(200);
      await expectCut('signed-out', ...nextSockets);
      expect(sockets.some(isCut)).toBe(false);
      await client.query('COMMIT');
    });
    await expectCut(code, ...sockets);
  });
});

it('the owner of a released hold gets the release, in a process that has not closed the socket yet; others do not learn why', async () => {
  let mayFindClosed = Promise.resolve();
  let openGate = () => undefined as void;
  const gated = await startTestApp({
    database: app.database,
    PgClient: delayingStatements('FROM account_changes', () => mayFindClosed),
  });
  try {
    const [user, dropId] = [await app.createUser(), await app.createDrop()];
    const owner = await listenTo(gated, { token: user.token });
    const follower = await listenTo(gated);
    const { id } = await hold(gated, user, dropId);
    mayFindClosed = new Promise((resolve) => (openGate = resolve));
    await as(admin, gated.http.post(`/api/users/${user.id}/disable`)).expect(200);
    await until('the release', () => owner.received('reservation_update').length > 0);
    expect(owner.received('reservation_update')).toMatchObject([
      { reservationId: id, status: 'released', reason: 'account-closed' },
    ]);
    openGate();
    await expectCut('disabled', owner);
    await receivedAll(gated, follower);
    const [update] = follower.received('reservation_update').filter(({ reservationId }) => reservationId === id);
    expect(update).toMatchObject({ userId: user.id, status: 'released' });
    expect(update).not.toHaveProperty('reason');
    follower.close();
  } finally {
    openGate();
    await gated.close();
  }
});

it('the role of a socket follows the database', async () => {
  const user = await app.createUser();
  const listener = await listenTo(other, { token: user.token });
  await app.database.query("UPDATE users SET role = 'admin' WHERE id = $1", [user.id]);
  await until('the statistics of an admin', () => listener.received('stats').length > 0);
  const former = await listenTo(other, { token: app.context.tokens.sign({ id: user.id, role: 'user' }) });
  await until('the statistics of an admin', () => former.received('stats').length > 0);
  await app.database.query("UPDATE users SET role = 'user' WHERE id = $1", [user.id]);
  let count = -1;
  await until('no more statistics', async () => {
    const before = listener.received('stats').length;
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    count = listener.received('stats').length;
    return count === before;
  });
  expect(count).toBeGreaterThan(0);
  const demoted = await listenTo(other, { token: app.context.tokens.sign({ id: user.id, role: 'admin' }) });
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  expect(demoted.received('stats')).toEqual([]);
  [listener, former, demoted].forEach(({ close }) => {
    close();
  });
});
