import { get } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import {
  as,
  buy,
  dataOf,
  editDrop,
  expectInvalid,
  expectProblem,
  expectSuccess,
  hold,
  ISO_UTC,
  UNKNOWN_ID,
} from './support.js';

interface Entry extends Readonly<Record<string, unknown>> {
  readonly version: number;
  readonly cause: string;
}

let app: TestApp;
let admin: TestUser;
let users: TestUser[];
let dropId: string;

beforeAll(async () => {
  app = await startTestApp();
  admin = await app.createUser('admin');
});
beforeEach(async () => {
  [users, dropId] = await Promise.all([app.createUsers(3), app.createDrop({ total_stock: 10 })]);
});
afterAll(() => app.close());

const request = (query = '', { id = dropId, by = admin } = {}) =>
  as(by, app.http.get(`/api/admin/drops/${id}/ledger${query}`));
const csv = async (query = '') => {
  const response = await request(query).set('Accept', 'text/csv').buffer(true).expect(200);
  expect(response.headers['content-type']).toBe('text/csv; charset=utf-8; header=present');
  return response.text;
};
const ledger = async () => dataOf<Entry[]>(await request());

/** A purchase, a release, an expired hold whose unit is reserved again, and a change by the admin and one by SQL. */
async function createHistory(): Promise<void> {
  const [buyer, releaser, other] = users;
  if (!buyer || !releaser || !other) throw new Error('three users');
  await buy(app, buyer, dropId);
  await app.release(releaser, (await hold(app, releaser, dropId)).id).expect(200);
  await hold(app, releaser, dropId);
  await app.expireHolds({ dropId });
  await hold(app, other, dropId);
  const body = { delta: 5, reason: '=HYPERLINK("https://example.com")' };
  await as(admin, app.http.post(`/api/drops/${dropId}/stock`))
    .send(body)
    .expect(200);
  await editDrop(app, dropId, "name = 'Boot', price = 180");
}

describe('the ledger of a drop', () => {
  it('has every change with its cause, its units, and who made it and why', async () => {
    await createHistory();
    const entries = await ledger();
    const nothing = { reserved: 0, purchased: 0, expired: 0, released: 0, added: 0 };
    const byRequest = { ...nothing, actor: null, role: null, reason: null, changed: null };
    const bySql = { ...byRequest, role: expect.any(String) as string };
    expect(entries).toMatchObject([
      { ...bySql, version: 1, cause: 'create', added: 10, availableStock: 10, totalStock: 10 },
      { ...byRequest, version: 2, cause: 'reserve', reserved: 1, availableStock: 9, reservedStock: 1 },
      { ...byRequest, version: 3, cause: 'purchase', purchased: 1, reservedStock: 0, soldStock: 1 },
      { ...byRequest, version: 4, cause: 'reserve', reserved: 1 },
      { ...byRequest, version: 5, cause: 'release', released: 1 },
      { ...byRequest, version: 6, cause: 'reserve', reserved: 1 },
      { ...byRequest, version: 7, cause: 'reserve', reserved: 1, expired: 1, availableStock: 8, reservedStock: 1 },
      {
        ...byRequest,
        version: 8,
        cause: 'adjust',
        added: 5,
        totalStock: 15,
        actor: { id: admin.id, username: admin.username },
        reason: '=HYPERLINK("https://example.com")',
      },
      { ...bySql, version: 9, cause: 'edit', changed: { name: 'Boot', price: '180.00' } },
    ]);
    for (const { createdAt } of entries) expect(createdAt).toMatch(ISO_UTC);
    expect(await app.mismatches()).toEqual([]);
  });

  it('is returned page by page in the order of versions', async () => {
    await createHistory();
    const versions: number[] = [];
    let after: number | null = 0;
    while (after !== null) {
      const { data, meta } = expectSuccess(await request(`?after=${after}&limit=4`), 200);
      versions.push(...(data as Entry[]).map(({ version }) => version));
      after = meta.next as number | null;
    }
    expect(versions).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('has the movements from before causes were kept', async () => {
    await app.database.query(`
      ALTER TABLE stock_movements DISABLE TRIGGER USER;
      UPDATE stock_movements SET cause = NULL, expired_units = NULL, released_units = NULL, actor_role = NULL WHERE drop_id = '${dropId}';
      ALTER TABLE stock_movements ENABLE TRIGGER USER`);
    expect(await ledger()).toMatchObject([
      { version: 1, cause: null, reserved: null, purchased: 0, expired: null, released: null, added: 10, role: null },
    ]);
    expect((await csv()).split('\r\n')[1]).toMatch(/^1,[^,]+,,,0,,,10,10,0,0,10,,,,,$/);
  });

  it('is for admins only', async () => {
    expectProblem(await request('', { by: users[0] as TestUser }), 'forbidden');
    expectProblem(await app.http.get(`/api/admin/drops/${dropId}/ledger`), 'unauthenticated');
  });

  it.each([
    ['after=-1', 'after'],
    ['after=x', 'after'],
    ['limit=0', 'limit'],
    ['limit=501', 'limit'],
    ['page=1', 'page'],
  ])('is refused with ?%s', async (query, name) => {
    expectInvalid(await request(`?${query}`), `query.${name}`);
    expectInvalid(await request(`?${query}`).set('Accept', 'text/csv'), `query.${name}`);
  });

  it('of an unknown drop does not exist', async () => {
    expectProblem(await request('', { id: UNKNOWN_ID }), 'drop-not-found');
    expectProblem(await request('', { id: UNKNOWN_ID }).set('Accept', 'text/csv'), 'drop-not-found');
  });
});

describe('the ledger in CSV', () => {
  it('has the same movements', async () => {
    await createHistory();
    const [header = '', ...lines] = (await csv()).split('\r\n');
    expect(header).toBe(
      '"version","createdAt","cause","reserved","purchased","expired","released","added","availableStock","reservedStock",' +
        '"soldStock","totalStock","actorId","actor","role","reason","changed"',
    );
    const entries = await ledger();
    expect(lines.pop()).toBe('');
    expect(lines.map((line) => line.split(',').slice(0, 3))).toEqual(
      entries.map(({ version, createdAt, cause }) => [String(version), createdAt, `"${cause}"`]),
    );
    expect(lines[7]).toContain(`"${admin.id}","${admin.username}",,"'=HYPERLINK(""https://example.com"")",`);
    expect(lines[8]).toContain('"{""name"":""Boot"",""price"":""180.00""}"');
  });

  it('begins after a version, and ends with a limit', async () => {
    await createHistory();
    const lines = (await csv('?after=3&limit=2')).split('\r\n').slice(1, -1);
    expect(lines.map((line) => line.split(',')[0])).toEqual(['4', '5']);
  });

  it('is complete with more movements than are read at a time, each once', async () => {
    await app.database.query(
      `DO $$ BEGIN FOR n IN 1..1250 LOOP UPDATE drops SET total_stock = total_stock + 1 WHERE id = '${dropId}'; END LOOP; END $$`,
    );
    const lines = (await csv()).split('\r\n').slice(1, -1);
    expect(lines.map((line) => Number(line.split(',')[0]))).toEqual(Array.from({ length: 1251 }, (_, n) => n + 1));
  });

  it('is read as the client takes it: it stops when the client leaves', async () => {
    await app.database.query(
      `DO $$ BEGIN FOR n IN 1..3000 LOOP UPDATE drops SET image_url = '/' || repeat('x', 2000) || n WHERE id = '${dropId}'; END LOOP; END $$`,
    );
    const headers = { authorization: `Bearer ${admin.token}`, accept: 'text/csv' };
    const received = await new Promise<number>((resolve, reject) => {
      const sent = get(`${app.url}/api/admin/drops/${dropId}/ledger`, { headers }, (response) => {
        response.once('data', (chunk: Buffer) => {
          response.destroy();
          resolve(chunk.length);
        });
      });
      sent.on('error', reject);
    });
    expect(received).toBeGreaterThan(0);
    expect((await csv('?limit=1')).split('\r\n')).toHaveLength(3);
  });
});
