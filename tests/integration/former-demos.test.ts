import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Api } from '../../src/commands/demo/api.js';
import { clearFormerDrops, DEMO_DROP_NAME } from '../../src/commands/demo/former-drops.js';
import { DEMO_EMAIL_DOMAIN } from '../../src/commands/demo/participants.js';
import { verifyStock } from '../../src/inventory/verify.js';
import { startTestApp, type TestApp, type TestUser } from '../helpers/app.js';
import type { DropColumns } from '../helpers/drop.js';
import { as, buy, hold } from './http/support.js';

const OVER: DropColumns = { drop_starts_at: '2020-01-01T00:00:00Z', drop_ends_at: '2100-01-01T00:00:00Z' };

let app: TestApp;
let admin: TestUser;
let api: Api;

beforeAll(async () => {
  app = await startTestApp();
  admin = await app.createUser('admin');
  // What the demo sends over HTTP, to this service.
  api = {
    async get(path) {
      const { status, body } = await as(admin, app.http.get(path));
      return { status, body: body as object };
    },
    async post(path, _token, sent) {
      const { status, body } = await as(admin, app.http.post(path)).send(sent);
      return { status, body: body as object };
    },
  };
});
beforeEach(() => app.database.query('DELETE FROM purchases; DELETE FROM reservations; DELETE FROM drops'));
afterAll(() => app.close());

/** A drop of a run, which has ended unless `columns` say otherwise. Two buyers of the demo took part. */
async function runOnce(columns: DropColumns = {}, others: readonly TestUser[] = []): Promise<string> {
  const id = await app.createDrop({ name: DEMO_DROP_NAME, ...OVER, ...columns });
  const [first, second] = await app.createUsers(2);
  if (!first || !second) throw new Error('two users');
  await app.database.query(`UPDATE users SET email = id || $1 WHERE id = ANY ($2)`, [
    DEMO_EMAIL_DOMAIN,
    [first.id, second.id],
  ]);
  await buy(app, first, id);
  await hold(app, second, id);
  for (const other of others) await buy(app, other, id);
  if (columns.drop_ends_at === undefined) {
    await app.database.query(`UPDATE drops SET drop_ends_at = now() WHERE id = $1`, [id]);
  }
  return id;
}

const clear = () => clearFormerDrops(app.context.db, api, admin);
const drops = async () =>
  (await app.database.query(`SELECT id, drop_status(d) AS status FROM drops d ORDER BY created_at`)).rows;
const demoUsers = async () =>
  (await app.database.query(`SELECT FROM users WHERE email LIKE '%' || $1`, [DEMO_EMAIL_DOMAIN])).rowCount;

describe('a new run of the demo', () => {
  it('removes the drops of former runs, with their buyers', async () => {
    const other = await app.createDrop();
    await runOnce();
    await runOnce();
    expect(await demoUsers()).toBe(4);
    await clear();
    expect(await drops()).toMatchObject([{ id: other }]);
    expect(await demoUsers()).toBe(0);
    expect(await verifyStock(app.context.db)).toEqual([]);
  });

  it('removes the drop of a run that was killed, and leaves one that may still run', async () => {
    await runOnce({ drop_ends_at: null, created_at: new Date(Date.now() - 3_600_000) });
    const running = await runOnce({ drop_ends_at: null });
    await clear();
    expect(await drops()).toMatchObject([{ id: running, status: 'live' }]);
  });

  it('cancels a drop in which another account took part, whose purchase stays', async () => {
    const id = await runOnce({}, [await app.createUser()]);
    await clear();
    expect(await drops()).toEqual([{ id, status: 'cancelled' }]);
    expect((await app.database.query('SELECT FROM purchases')).rowCount).toBe(2);
  });

  it('leaves the drop of an admin who chose the same name', async () => {
    const id = await runOnce({ created_by: admin.id });
    await clear();
    expect(await drops()).toMatchObject([{ id, status: 'ended' }]);
  });
});
