import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { untilWaiting, waitingSessions, whileLocked } from '../../helpers/locks.js';
import { withPause } from '../../helpers/without-protection.js';
import { expectInvalid, expectSuccess } from './support.js';

let app: TestApp;

const NAMES = [
  ...['Aurora Runner', 'aurora cap', 'Moth and Lantern', '100% Wool', '100 Wools', 'under_score', 'underXscore'],
  ...['back\\slash', "Bob's", 'Émile Œuvre', 'ÉMILE two', 'İstanbul', '限定 sneaker', '"quoted"', 'a  b'],
];

beforeAll(async () => {
  app = await startTestApp();
  for (const [index, name] of NAMES.entries()) {
    await app.createDrop({ name, created_at: `2020-01-01T00:00:${String(index).padStart(2, '0')}Z` });
  }
});
afterAll(() => app.close());

async function search(q: string, query = '') {
  const response = await app.http.get(`/api/drops?pageSize=100&q=${encodeURIComponent(q)}${query}`);
  const { data, meta } = expectSuccess(response, 200);
  return { names: (data as { name: string }[]).map(({ name }) => name), meta };
}

describe('a search by name', () => {
  it.each([
    ['aurora', ['aurora cap', 'Aurora Runner']],
    ['AURORA', ['aurora cap', 'Aurora Runner']],
    ['ora r', ['Aurora Runner']],
    ['  aurora cap\t', ['aurora cap']],
    ['émile', ['ÉMILE two', 'Émile Œuvre']],
    ['İstan', ['İstanbul']],
    ['限定', ['限定 sneaker']],
    ['nothing like it', []],
    [NAMES.join(' ').slice(0, 200), []],
  ])('matches any part of the name, ignores case and returns the newest first: %j', async (q, names) => {
    const found = await search(q);
    expect(found.names).toEqual(names);
    expect(found.meta).toMatchObject({ totalItems: names.length });
  });

  it.each([
    ['%', ['100% Wool']],
    ['0% W', ['100% Wool']],
    ['_', ['under_score']],
    ['r_s', ['under_score']],
    ['\\', ['back\\slash']],
    ["'", ["Bob's"]],
    ['"', ['"quoted"']],
    ["' OR true --", []],
    ['.*', []],
    ['a b', []],
    ['a  b', ['a  b']],
  ])('treats every character literally: %j', async (q, names) => {
    expect((await search(q)).names).toEqual(names);
  });

  it('can be combined with a status', async () => {
    const cancelled = await app.createDrop({ name: 'Aurora of old', cancelled_at: '2021-01-01' });
    expect((await search('aurora', '&status=cancelled')).names).toEqual(['Aurora of old']);
    expect((await search('aurora', '&status=live')).names).toEqual(['aurora cap', 'Aurora Runner']);
    await app.database.query('DELETE FROM drops WHERE id = $1', [cancelled]);
    app.context.dropLists.clear();
  });

  it('returns pages', async () => {
    const pages = [];
    for (const page of [1, 2, 3]) {
      const { data, meta } = expectSuccess(await app.http.get(`/api/drops?q=aurora&pageSize=1&page=${page}`), 200);
      expect(meta).toEqual({ totalItems: 2, totalPages: 2, currentPage: page, pageSize: 1 });
      pages.push((data as { name: string }[]).map(({ name }) => name));
    }
    expect(pages).toEqual([['aurora cap'], ['Aurora Runner'], []]);
  });

  it('requires 1 to 200 characters', async () => {
    for (const q of ['', '%20', '%09%0A', 'x'.repeat(201), 'a%00b'])
      expectInvalid(await app.http.get(`/api/drops?q=${q}`), 'query.q');
    expectInvalid(await app.http.get('/api/drops?q=a&q=b'), 'query.q');
    expect((await search('x'.repeat(200))).names).toEqual([]);
  });

  it('includes a new drop at once', async () => {
    expect((await search('Brand new')).names).toEqual([]);
    const admin = await app.createUser('admin');
    const drop = { name: 'A brand new one', price: 1, totalStock: 1 };
    expectSuccess(await app.http.post('/api/drops').auth(admin.token, { type: 'bearer' }).send(drop), 201);
    expect((await search('Brand new')).names).toEqual(['A brand new one']);
  });
});

describe('many concurrent searches', () => {
  it('leave connections for other requests', async () => {
    // Every search waits while the test holds an advisory lock.
    const PgClient = withPause(
      'strpos(search_key(d.name)',
      'pg_advisory_xact_lock_shared(1) IS NOT NULL AND strpos(search_key(d.name)',
    );
    const slow = await startTestApp({ PgClient });
    try {
      await slow.createDrop();
      const lock = { sql: 'SELECT pg_advisory_xact_lock(1)', params: [] };
      await whileLocked(slow.database, lock, async ({ unlock }) => {
        let completed = 0;
        // The pool has twenty connections, which thirty searches could occupy.
        const searches = Array.from({ length: 30 }, async (_, number) => {
          await slow.http.get(`/api/drops?q=word${number}`).expect(200);
          completed += 1;
        });
        // One search at a time.
        await untilWaiting(slow.database, 1);
        await sleep(200);
        expect(await waitingSessions(slow.database)).toBe(1);
        await slow.http.get('/api/drops').expect(200);
        await slow.http.get('/readyz').expect(200);
        expect(completed).toBe(0);
        await unlock();
        await Promise.all(searches);
      });
      PgClient.assertUsed();
    } finally {
      await slow.close();
    }
  });
});
