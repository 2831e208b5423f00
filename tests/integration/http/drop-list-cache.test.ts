import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { recordedStatements } from '../../helpers/statements.js';
import { withPause } from '../../helpers/without-protection.js';
import { editDrop, expectSuccess } from './support.js';

/** The maximum age of the list that the API promises, in ms. */
const MAX_AGE_MS = 250;

interface ListedDrop {
  readonly id: string;
  readonly name: string;
  readonly availableStock: number;
}

async function list(app: TestApp, query = ''): Promise<ListedDrop[]> {
  return expectSuccess(await app.http.get(`/api/drops${query}`), 200).data as ListedDrop[];
}

async function listed(app: TestApp, dropId: string): Promise<ListedDrop> {
  const drop = (await list(app)).find(({ id }) => id === dropId);
  if (!drop) throw new Error('the drop is not in the list');
  return drop;
}

/** Runs `work`; with `invalidates` false, changes do not clear the cache meanwhile. */
async function withInvalidation<T>(app: TestApp, invalidates: boolean, work: () => Promise<T>): Promise<T> {
  const { dropLists } = app.context;
  const { clear } = dropLists;
  if (!invalidates) Object.assign(dropLists, { clear: () => undefined });
  try {
    return await work();
  } finally {
    Object.assign(dropLists, { clear });
  }
}

describe('after a change by this process', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());

  /** Reserves unit by unit while other clients read the list; counts the responses with the old stock. */
  async function countStaleLists(dropId: string): Promise<number> {
    let done = false;
    const reader = async () => {
      while (!done) await list(app);
    };
    const readers = Promise.all([reader(), reader(), reader()]);
    let staleCount = 0;
    try {
      for (const user of await app.createUsers(20)) {
        const { availableStock } = expectSuccess(await app.reserve(user, dropId), 201).data;
        if ((await listed(app, dropId)).availableStock !== availableStock) staleCount += 1;
      }
    } finally {
      done = true;
      await readers;
    }
    return staleCount;
  }

  it('the list shows the change, with any number of readers', async () => {
    expect(await countStaleLists(await app.createDrop({ total_stock: 20 }))).toBe(0);
  });

  it('the list has a new drop', async () => {
    await list(app);
    const admin = await app.createUser('admin');
    const body = { name: 'New', price: 1, totalStock: 1 };
    const { data } = expectSuccess(
      await app.http.post('/api/drops').auth(admin.token, { type: 'bearer' }).send(body),
      201,
    );
    expect(await listed(app, data.id)).toMatchObject({ name: 'New' });
  });

  it('the list would be old without clear()', async () => {
    const dropId = await app.createDrop({ total_stock: 20 });
    expect(await withInvalidation(app, false, () => countStaleLists(dropId))).toBeGreaterThan(0);
  });
});

describe('a list whose read overlaps a change', () => {
  // The statement takes its snapshot first, and sleeps afterwards.
  const withSlowList = () => withPause('FROM (SELECT * FROM drops d', 'FROM pg_sleep(0.15), (SELECT * FROM drops d');

  async function readAcrossChange(app: TestApp, invalidates: boolean) {
    const [user, dropId] = [await app.createUser(), await app.createDrop({ total_stock: 5 })];
    return withInvalidation(app, invalidates, async () => {
      const listAfterReserving = async () => {
        expectSuccess(await app.reserve(user, dropId), 201);
        return listed(app, dropId);
      };
      const [during, after] = await Promise.all([listed(app, dropId), listAfterReserving()]);
      return { during: during.availableStock, after: after.availableStock };
    });
  }

  it('is not sent to later requests and not cached', async () => {
    const PgClient = withSlowList();
    const app = await startTestApp({ PgClient });
    try {
      expect((await readAcrossChange(app, true)).after).toBe(4);
      PgClient.assertUsed();
    } finally {
      await app.close();
    }
  });

  it('would be sent without clear()', async () => {
    const app = await startTestApp({ PgClient: withSlowList() });
    try {
      const stocks = [];
      for (let time = 0; time < 5; time += 1) stocks.push(await readAcrossChange(app, false));
      expect(stocks).toContainEqual({ during: 5, after: 5 });
    } finally {
      await app.close();
    }
  });
});

describe('after a change by another process', () => {
  let app: TestApp;
  let dropId: string;
  beforeAll(async () => {
    app = await startTestApp();
    dropId = await app.createDrop({ name: 'Before' });
  });
  afterAll(() => app.close());

  const rename = (name: string) => app.database.query('UPDATE drops SET name = $2 WHERE id = $1', [dropId, name]);

  it('the list is at most a quarter of a second old', async () => {
    await list(app);
    await rename('After');
    const changedAt = performance.now();
    let requestedAt: number;
    const names: { late: boolean; name: string }[] = [];
    do {
      requestedAt = performance.now();
      names.push({ late: requestedAt - changedAt > MAX_AGE_MS, name: (await listed(app, dropId)).name });
    } while (requestedAt - changedAt < 2 * MAX_AGE_MS);
    const late = names.filter((entry) => entry.late);
    expect(late.length).toBeGreaterThan(0);
    expect(late.filter(({ name }) => name !== 'After')).toEqual([]);
  });

  it('the list can be that old, and a single drop cannot', async () => {
    const stale: boolean[] = [];
    for (let time = 0; time < 10; time += 1) {
      const name = `Name ${time}`;
      await listed(app, dropId);
      await app.http.get(`/api/drops/${dropId}`);
      await rename(name);
      stale.push((await listed(app, dropId)).name !== name);
      expect((await app.http.get(`/api/drops/${dropId}`)).body.data.name).toBe(name);
    }
    expect(stale).toContain(true);
  });
});

describe('the number of queries', () => {
  const PgClient = recordedStatements();
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp({ PgClient });
    for (let number = 0; number < 30; number += 1) await app.createDrop();
  });
  afterAll(() => app.close());

  it.each([1, 10, 30])('is two for a page of %i', async (pageSize) => {
    PgClient.take();
    expect(await list(app, `?pageSize=${pageSize}`)).toHaveLength(pageSize);
    expect(PgClient.take()).toHaveLength(2);
  });

  it('does not grow with concurrent requests', async () => {
    app.context.dropLists.clear();
    PgClient.take();
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: 100 }, () => list(app)));
    const reads = 1 + Math.ceil((performance.now() - startedAt) / MAX_AGE_MS);
    expect(PgClient.take().length).toBeLessThanOrEqual(2 * reads);
  });

  it('does not grow with other notations of the same query', async () => {
    app.context.dropLists.clear();
    PgClient.take();
    const startedAt = performance.now();
    const queries = [
      '',
      '?',
      '?page=1',
      '?pageSize=10&page=1',
      '?page=01',
      '?page=1&pageSize=010',
      '?%70age=1',
      '?&page=1&',
    ];
    await Promise.all(queries.map((query) => list(app, query)));
    const reads = 1 + Math.ceil((performance.now() - startedAt) / MAX_AGE_MS);
    expect(PgClient.take().length).toBeLessThanOrEqual(2 * reads);
  });
});

describe('the ETag', () => {
  let app: TestApp;
  let etag: string;
  let dropId: string;
  beforeAll(async () => {
    app = await startTestApp();
    dropId = await app.createDrop();
    etag = (await app.http.get('/api/drops')).headers.etag ?? '';
  });
  afterAll(() => app.close());

  const ifNoneMatch = (value: string) => app.http.get('/api/drops').set('If-None-Match', value);

  it('is strong', () => {
    expect(etag).toMatch(/^"[^"]+"$/);
  });

  it.each([
    ['it', () => etag],
    ['it, weakened by a proxy that compressed the response', () => `W/${etag}`],
    ['it among others', () => `"other", ${etag}`],
    ['anything', () => '*'],
  ])('results in a 304 from the cache and from the database: %s', async (_what, value) => {
    for (const kept of [true, false]) {
      if (kept) await list(app);
      else app.context.dropLists.clear();
      const { status, text, headers } = await ifNoneMatch(value());
      expect([status, text, headers.etag]).toEqual([304, '', etag]);
      expect(headers).not.toHaveProperty('content-type');
      expect(headers).toMatchObject({ 'x-request-id': expect.any(String), vary: 'Origin' });
    }
  });

  it('differs between pages and after a change', async () => {
    const other = await app.http.get('/api/drops?pageSize=1&page=2').set('If-None-Match', etag);
    expect(other.status).toBe(200);
    await editDrop(app, dropId, "name = 'Changed'");
    const changed = await ifNoneMatch(etag);
    expect([changed.status, changed.body.data[0].name]).toEqual([200, 'Changed']);
    expect(new Set([etag, other.headers.etag, changed.headers.etag]).size).toBe(3);
  });
});
