import { get, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { until } from '../../helpers/locks.js';
import { interceptStatements } from '../../helpers/statements.js';
import { as, buy, dataOf, hold } from './support.js';

const LISTS = ['reservations', 'purchases'] as const;
type List = (typeof LISTS)[number];
const CHUNK_SIZE = 500;
/** Part of the statements that read these lists. */
const READS_LIST = 'AS "isMatch"';

let app: TestApp;
let admin: TestUser;
let dropId: string;
let sent: string[] = [];

beforeAll(async () => {
  const onSent = ({ text }: { text: string }) => sent.push(text);
  app = await startTestApp({ PgClient: interceptStatements({ onSent }) });
  admin = await app.createUser('admin');
});
beforeEach(async () => {
  dropId = await app.createDrop({ total_stock: 100_000 });
  sent = [];
});
afterAll(() => app.close());

const pathOf = (name: List, query = '') => `/api/admin/drops/${dropId}/${name}${query}`;
const reads = () => sent.filter((text) => text.includes(READS_LIST)).length;

async function csv(name: List, query = '') {
  const response = await as(admin, app.http.get(pathOf(name, query)))
    .set('Accept', 'text/csv')
    .buffer(true)
    .expect(200);
  expect(response.headers['content-type']).toBe('text/csv; charset=utf-8; header=present');
  expect(response.headers['content-disposition']).toBe(`attachment; filename="${name}-${dropId}.csv"`);
  expect(response.headers['cache-control']).toBe('no-store');
  const [header = '', ...lines] = response.text.split('\r\n');
  expect(lines.pop()).toBe('');
  return { header, lines };
}

const firstCells = (lines: readonly string[]) => lines.map((line) => line.split(',')[0]?.replaceAll('"', ''));

/** Adds rows by SQL, three of each millisecond. */
async function insertPast(count: number, owner = admin): Promise<void> {
  await app.database.query(
    `WITH past AS (
       INSERT INTO reservations (user_id, drop_id, status, settled_at, created_at)
       SELECT $1, $2, 'completed', now(), now() - n / 3 * interval '1 ms' FROM generate_series(1, $3::int) n
       RETURNING id, created_at
     )
     INSERT INTO purchases (user_id, drop_id, reservation_id, price, created_at)
     SELECT $1, $2, id, 1, created_at FROM past`,
    [owner.id, dropId, count],
  );
}

describe.each(LISTS)('the list of %s in CSV', (name) => {
  it('has the items of the list in the same order', async () => {
    for (const user of await app.createUsers(3)) await buy(app, user, dropId);
    await hold(app, await app.createUser(), dropId);
    const items = dataOf<{ id: string; createdAt: string; user: TestUser }[]>(
      await as(admin, app.http.get(pathOf(name))),
    );
    const { header, lines } = await csv(name);
    expect(header).toBe(
      name === 'reservations'
        ? '"id","status","createdAt","expiresAt","settledAt","price","currency","userId","username","email"'
        : '"id","createdAt","price","currency","reservationId","userId","username","email"',
    );
    expect(firstCells(lines)).toEqual(items.map(({ id }) => id));
    for (const [index, { createdAt, user }] of items.entries()) {
      // A time with its zone, and text in quotes.
      expect(lines[index]).toContain(`,${createdAt},`);
      expect(lines[index]).toMatch(new RegExp(`"${user.id}","${user.username}","${user.email}"$`));
    }
  });

  it('shows names as text: a spreadsheet runs no formula, and quotes do not end a cell', async () => {
    const user = await app.createUser();
    const formula = `=HYPERLINK("https://evil.example","x,y")`;
    await app.database.query('UPDATE users SET username = $2, email = $3 WHERE id = $1', [
      user.id,
      `-2+${name.length}`,
      `${formula}@${name}.example`,
    ]);
    await buy(app, user, dropId);
    const { lines } = await csv(name);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/,"'-2\+\d+","'=HYPERLINK\(""https:\/\/evil\.example"",""x,y""\)@\w+\.example"$/);
  });

  it('is complete with more items than are read at a time, each once', async () => {
    const count = 2 * CHUNK_SIZE + 250;
    await insertPast(count);
    // The page has no effect.
    const { lines } = await csv(name, '?page=2&pageSize=10');
    expect(lines).toHaveLength(count);
    expect(new Set(firstCells(lines)).size).toBe(count);
    expect(reads()).toBe(3);
  });

  it('has those that match a search, from all chunks', async () => {
    const [first, last] = await app.createUsers(2);
    if (!first || !last) throw new Error('two users');
    await insertPast(1, first);
    await insertPast(2 * CHUNK_SIZE);
    await buy(app, last, dropId);
    expect((await csv(name, `?q=${first.username.toUpperCase()}`)).lines).toHaveLength(1);
    expect((await csv(name, `?q=${last.email}`)).lines).toHaveLength(1);
    expect((await csv(name, `?q=${admin.username}`)).lines).toHaveLength(2 * CHUNK_SIZE);
    expect((await csv(name, '?q=no-match')).lines).toEqual([]);
  });

  it('is read only as far as the client takes it, and not after it has disconnected', async () => {
    const count = 60_000;
    await insertPast(count);
    const headers = { authorization: `Bearer ${admin.token}`, accept: 'text/csv' };
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      get(app.url + pathOf(name), { headers }, resolve).on('error', reject);
    });
    response.pause();
    // The buffers of the connection fill up.
    let before = -1;
    await until('the export to pause', async () => {
      const known = before;
      before = reads();
      await new Promise((resolve) => setTimeout(resolve, 500));
      return before > 1 && known === before;
    });
    expect(reads()).toBeLessThan(count / CHUNK_SIZE / 2);
    response.destroy();
    // Another export proves that time has passed, and that the place of the first one is free.
    await csv(name, '?q=no-match');
    const after = reads();
    await csv(name, '?q=no-match');
    expect(reads() - after).toBe(Math.ceil((count + 1) / CHUNK_SIZE));
  });
});

describe('reservations that change while they are sent in CSV', () => {
  /** Reads the list, and releases the oldest and the newest hold after its first chunk. */
  async function exportDuringReleases() {
    const users = await app.createUsers(2);
    const [oldest, newest] = users;
    if (!oldest || !newest) throw new Error('two users');
    const { id: first } = await hold(app, oldest, dropId);
    await app.database.query(`UPDATE reservations SET created_at = now() - interval '1 day' WHERE id = $1`, [first]);
    await insertPast(3 * CHUNK_SIZE);
    const { id: last } = await hold(app, newest, dropId);
    const response = await fetch(app.url + pathOf('reservations'), {
      headers: { authorization: `Bearer ${admin.token}`, accept: 'text/csv' },
    });
    await app.release(oldest, first).expect(200);
    await app.release(newest, last).expect(200);
    const lines = (await response.text()).split('\r\n').slice(1, -1);
    return { lines, first, last };
  }

  it('are there once', async () => {
    const { lines, first, last } = await exportDuringReleases();
    expect(lines).toHaveLength(3 * CHUNK_SIZE + 2);
    expect(new Set(firstCells(lines)).size).toBe(lines.length);
    expect(firstCells(lines)[0]).toBe(last);
    expect(firstCells(lines).at(-1)).toBe(first);
  });
});
