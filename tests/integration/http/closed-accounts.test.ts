import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, TEST_PASSWORD, type TestApp, type TestUser } from '../../helpers/app.js';
import { as, buy, dataOf, expectProblem, hold, ISO_UTC, UNKNOWN_ID } from './support.js';

let app: TestApp;
let admin: TestUser;

beforeAll(async () => {
  app = await startTestApp();
  admin = await app.createUser('admin');
});
afterAll(() => app.close());

const disable = (id: string, body?: object, by = admin) => as(by, app.http.post(`/api/users/${id}/disable`)).send(body);
const enable = (id: string, body?: object) => as(admin, app.http.post(`/api/users/${id}/enable`)).send(body);
const erase = (user: TestUser, password = TEST_PASSWORD) =>
  as(user, app.http.delete('/api/users/me')).send({ password });
const me = (user: TestUser) => as(user, app.http.get('/api/users/me'));
const login = ({ email }: TestUser) => app.http.post('/api/users/login').send({ email, password: TEST_PASSWORD });

interface Profile {
  readonly disabledAt: string | null;
  readonly disabledReason: string | null;
}

describe('disabling an account', () => {
  it('refuses its tokens and its password, and says so to the right password only', async () => {
    const user = await app.createUser();
    const profile = dataOf<Profile>(await disable(user.id, { reason: 'Stolen card' }));
    expect(profile).toMatchObject({
      id: user.id,
      disabledReason: 'Stolen card',
      disabledAt: expect.any(String) as string,
    });
    const refused = await me(user);
    expectProblem(refused, 'unauthenticated');
    expect((refused.body as { message: string }).message).toBe('Your account is disabled');
    expectProblem(await app.reserve(user, await app.createDrop()), 'unauthenticated');
    expectProblem(await login(user), 'unauthenticated');
    const { email } = user;
    expectProblem(await app.http.post('/api/users/login').send({ email, password: 'wrong' }), 'invalid-credentials');
    expect(dataOf(await as(admin, app.http.get(`/api/users/${user.id}`)))).toEqual(profile);
  });

  it('again changes nothing', async () => {
    const user = await app.createUser();
    const first = dataOf<Profile>(await disable(user.id, { reason: 'First' }));
    expect(dataOf<Profile>(await disable(user.id, { reason: 'Second' }))).toEqual(first);
    expect(dataOf<Profile>(await disable(user.id))).toEqual(first);
  });

  it('releases its active holds, of every drop, and nothing of others', async () => {
    const [user, bystander] = [await app.createUser(), await app.createUser()];
    const dropIds = await Promise.all([app.createDrop({ total_stock: 2 }), app.createDrop({ total_stock: 2 })]);
    const holds = await Promise.all(dropIds.map((dropId) => hold(app, user, dropId)));
    await hold(app, bystander, dropIds[0]);
    await disable(user.id).expect(200);
    const { rows } = await app.database.query(
      `SELECT r.id, r.status, d.reserved_stock, u.has_holds_to_release FROM reservations r JOIN drops d ON d.id = r.drop_id
       JOIN users u ON u.id = r.user_id WHERE r.user_id = $1 ORDER BY d.reserved_stock`,
      [user.id],
    );
    const released = { status: 'released', has_holds_to_release: false };
    expect(rows).toEqual([
      { id: holds[1]?.id, ...released, reserved_stock: 0 },
      { id: holds[0]?.id, ...released, reserved_stock: 1 },
    ]);
    expect(await app.mismatches()).toEqual([]);
  });

  it('by another writer is as effective; the worker releases the holds', async () => {
    const [user, dropId] = [await app.createUser(), await app.createDrop()];
    await hold(app, user, dropId);
    await app.database.query("UPDATE users SET disabled_at = '2020-01-01' WHERE id = $1", [user.id]);
    expectProblem(await me(user), 'unauthenticated');
    await app.context.accountWorker.runOnce();
    const { body } = await app.http.get(`/api/drops/${dropId}`).expect(200);
    expect((body as { data: { reservedStock: number } }).data.reservedStock).toBe(0);
    expect(await app.mismatches()).toEqual([]);
  });

  it('is refused for the own account, an unknown one, and without the role', async () => {
    expectProblem(await disable(admin.id), 'own-account');
    expectProblem(await disable(UNKNOWN_ID), 'user-not-found');
    expectProblem(await enable(UNKNOWN_ID), 'user-not-found');
    const user = await app.createUser();
    expectProblem(await disable(admin.id, {}, user), 'forbidden');
    expectProblem(await disable(user.id, { reason: ' ' }), 'validation-failed');
  });

  it('leaves one of two admins who disable each other at the same time', async () => {
    const admins = [await app.createUser('admin'), await app.createUser('admin')] as const;
    const attempts = [disable(admins[1].id, {}, admins[0]), disable(admins[0].id, {}, admins[1])];
    const statuses = (await Promise.all(attempts)).map(({ status }) => status);
    expect(statuses.sort()).toEqual([200, 401]);
  });

  it('ends with enabling it: the user signs in again, and the tokens from before stay ended', async () => {
    const user = await app.createUser();
    await disable(user.id, { reason: 'Mistake' }).expect(200);
    const profile = dataOf<Profile>(await enable(user.id));
    expect(profile).toMatchObject({ disabledAt: null, disabledReason: null, enabledReason: null });
    expect(dataOf(await enable(user.id))).toEqual(profile);
    expectProblem(await me(user), 'unauthenticated');
    const { token } = dataOf<{ token: string }>(await login(user));
    await me({ ...user, token }).expect(200);
  });
});

it('the reason of enabling is kept, for admins and the owner, until the account is disabled again', async () => {
  const user = await app.createUser();
  // Of an account that is not disabled, nothing changes.
  const unchanged = dataOf(await enable(user.id, { reason: 'No' }));
  expect(unchanged).toMatchObject({ enabledAt: null, enabledReason: null });

  expect(dataOf(await disable(user.id))).toMatchObject({ enabledAt: null, enabledReason: null });
  const profile = dataOf(await enable(user.id, { reason: 'The card was found' }));
  expect(profile).toMatchObject({ enabledAt: expect.stringMatching(ISO_UTC), enabledReason: 'The card was found' });
  expect(dataOf(await enable(user.id, { reason: 'Again' }))).toEqual(profile);
  expect(dataOf(await as(admin, app.http.get(`/api/users/${user.id}`)))).toEqual(profile);
  const { token } = dataOf<{ token: string }>(await login(user));
  expect(dataOf(await me({ ...user, token }))).toEqual(profile);
  const { rows } = await app.database.query('SELECT enabled_by FROM users WHERE id = $1', [user.id]);
  expect(rows).toEqual([{ enabled_by: admin.id }]);

  for (const reason of [' ', 'x'.repeat(501), 7]) {
    expectProblem(await enable(user.id, { reason }), 'validation-failed');
  }
  expect(dataOf(await disable(user.id))).toMatchObject({ enabledAt: null, enabledReason: null });
});

describe('deleting the own account', () => {
  it('leaves the history without the person', async () => {
    const [user, dropId] = [await app.createUser(), await app.createDrop({ total_stock: 3 })];
    await buy(app, user, dropId);
    const held = await hold(app, user, dropId);
    dataOf(await erase(user));

    expectProblem(await me(user), 'unauthenticated');
    expectProblem(await login(user), 'invalid-credentials');
    expectProblem(await as(admin, app.http.get(`/api/users/${user.id}`)), 'user-not-found');
    expectProblem(await disable(user.id), 'user-not-found');
    expectProblem(await enable(user.id), 'user-not-found');

    app.context.dropLists.clear();
    const { body } = await app.http.get(`/api/drops/${dropId}`).expect(200);
    const drop = (body as { data: { topPurchasers: { username: string }[]; reservedStock: number; soldStock: number } })
      .data;
    expect(drop).toMatchObject({ reservedStock: 0, soldStock: 1 });
    expect(drop.topPurchasers[0]?.username).toMatch(/^deleted user [0-9a-f]{16}$/);

    const { rows } = await app.database.query<{ everything: string; status: string }>(
      `SELECT u::text || p::text || r::text AS everything, r.status FROM users u
       JOIN purchases p ON p.user_id = u.id JOIN reservations r ON r.user_id = u.id WHERE u.id = $1 AND r.id = $2`,
      [user.id, held.id],
    );
    expect(rows[0]?.status).toBe('released');
    expect(rows[0]?.everything).not.toContain(user.username);
    expect(await app.mismatches()).toEqual([]);
  });

  it('frees the username and the e-mail, and cannot be undone', async () => {
    const user = await app.createUser();
    await erase(user).expect(200);
    const { username, email } = user;
    await app.http.post('/api/users/register').send({ username, email, password: 'secret word 9' }).expect(201);
    const undo = app.database.query('UPDATE users SET erased_at = NULL, disabled_at = NULL WHERE id = $1', [user.id]);
    await expect(undo).rejects.toMatchObject({ constraint: 'users_erased_for_good' });
  });

  it('needs the password', async () => {
    const user = await app.createUser();
    expectProblem(await erase(user, 'wrong'), 'invalid-credentials');
    expectProblem(await as(user, app.http.delete('/api/users/me')), 'validation-failed');
    await me(user).expect(200);
  });

  it('is refused for the last admin', async () => {
    await app.database.query("UPDATE users SET role = 'user' WHERE role = 'admin' AND id <> $1", [admin.id]);
    expectProblem(await erase(admin), 'last-admin');
    const second = await app.createUser('admin');
    await erase(second).expect(200);
    const { rows } = await app.database.query('SELECT role FROM users WHERE id = $1', [second.id]);
    expect(rows).toEqual([{ role: 'user' }]);
  });
});
