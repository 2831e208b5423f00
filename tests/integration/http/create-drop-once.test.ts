import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { untilWaiting, whileLocked } from '../../helpers/locks.js';
import { listenTo, receivedAll } from '../../helpers/sockets.js';
import { as, buy, expectInvalid, expectMembers, expectProblem, expectSuccess, MEMBERS } from './support.js';

let app: TestApp;
/** A second process on the same database. */
let other: TestApp;
let admin: TestUser;

beforeAll(async () => {
  app = await startTestApp();
  other = await startTestApp({ database: app.database });
});
afterAll(async () => {
  await other.close();
  await app.close();
});
beforeEach(async () => {
  admin = await app.createUser('admin');
});

const BODY = { name: 'Aurora', price: '175.00', totalStock: 100 };
const KEY = 'key';

function create(body: object = BODY, key = KEY, user = admin, service = app) {
  return as(user, service.http.post('/api/drops')).set('Idempotency-Key', key).send(body);
}

type CreateResponse = Awaited<ReturnType<typeof create>>;

/** Expects a 201 with a drop that is replayed or new, and returns the drop. */
function expectDrop(response: CreateResponse, replayed: boolean) {
  const drop = expectSuccess(response, 201).data as { id: string } & Record<string, unknown>;
  expect(response.headers['idempotency-replayed']).toBe(replayed ? 'true' : undefined);
  expectMembers(drop, MEMBERS.drop);
  return drop;
}

async function dropsOf({ id }: TestUser): Promise<number> {
  const { rows } = await app.database.query<{ drops: number }>(
    'SELECT count(*)::int AS drops FROM drops WHERE created_by = $1',
    [id],
  );
  return rows[0]?.drops ?? -1;
}

describe('creating a drop with the same key', () => {
  it('returns the same drop and creates one', async () => {
    const drop = expectDrop(await create(), false);
    expect(expectDrop(await create(), true)).toEqual(drop);
    expect(await dropsOf(admin)).toBe(1);
  });

  it('returns the current state of the drop', async () => {
    const { id } = expectDrop(await create(), false);
    const buyer = await app.createUser();
    const { createdAt } = await buy(app, buyer, id);
    await app.database.query(`UPDATE drops SET name = 'Renamed', cancelled_at = now() WHERE id = $1`, [id]);
    const now = expectDrop(await create(), true);
    expect(now).toMatchObject({ id, name: 'Renamed', status: 'cancelled', availableStock: 99, soldStock: 1 });
    expect(now.topPurchasers).toMatchObject([{ username: buyer.username, purchasedAt: createdAt }]);
    expect((await app.http.get(`/api/drops/${id}`)).body.data).toEqual(now);
  });

  it('works after the end of the drop', async () => {
    const ends = await app.database.query<{ at: Date }>(`SELECT clock_timestamp() + interval '1 second' AS at`);
    const body = { ...BODY, dropEndsAt: ends.rows[0]?.at.toISOString() };
    const { id } = expectDrop(await create(body), false);
    await app.database.query(`SELECT pg_sleep(extract(epoch FROM drop_ends_at - clock_timestamp()) + 0.01) FROM drops WHERE id = $1`, [id]); // prettier-ignore
    expect(expectDrop(await create(body), true)).toMatchObject({ id, status: 'ended' });
  });

  it.each([
    ['the price as a number', { price: 175 }],
    ['blanks around the name', { name: ' Aurora ' }],
    ['null for optional members', { imageUrl: null, dropStartsAt: null, dropEndsAt: null, limitPerUser: null }],
    ['an empty imageUrl', { imageUrl: '' }],
  ])('is the same request with %s', async (_what, changes) => {
    const { id } = expectDrop(await create(), false);
    expect(expectDrop(await create({ ...BODY, ...changes }), true).id).toBe(id);
  });

  it('is the same request with another order of members and another offset of times', async () => {
    const times = { dropStartsAt: '2100-01-01T12:00:00Z', dropEndsAt: '2100-02-01T12:00:00Z' };
    const { id } = expectDrop(await create({ ...BODY, ...times }), false);
    const again = { dropEndsAt: '2100-02-01T12:00:00.000Z', dropStartsAt: '2100-01-01T14:00:00+02:00', ...BODY };
    expect(expectDrop(await create(again), true).id).toBe(id);
  });

  it.each([
    { name: 'Borealis' },
    { price: '175.01' },
    { totalStock: 101 },
    { imageUrl: '/images/a.svg' },
    { dropStartsAt: '2100-01-01T00:00:00Z' },
    { dropEndsAt: '2100-01-01T00:00:00Z' },
    { limitPerUser: 1 },
  ])('and another body is 422: %o', async (changes) => {
    const drop = expectDrop(await create(), false);
    expectProblem(await create({ ...BODY, ...changes }), 'idempotency-key-reused');
    expect(expectDrop(await create(), true)).toEqual(drop);
    expect(await dropsOf(admin)).toBe(1);
  });

  it('compares the requests, not the current state of the drop', async () => {
    const { id } = expectDrop(await create(), false);
    await app.database.query(`UPDATE drops SET name = 'Renamed' WHERE id = $1`, [id]);
    expectProblem(await create({ ...BODY, name: 'Renamed' }), 'idempotency-key-reused');
  });

  it('publishes the drop once', async () => {
    const listener = await listenTo(app);
    const { id } = expectDrop(await create(), false);
    expectDrop(await create(), true);
    await receivedAll(app, listener);
    listener.close();
    const published = listener.received('new_drop').filter((drop) => drop.id === id);
    expect(published).toHaveLength(1);
    expectMembers(published[0] ?? {}, MEMBERS.drop);
  });
});

describe('a key used concurrently in two processes', () => {
  const createConcurrently = (bodies: readonly object[]) =>
    Promise.all(bodies.map((body, index) => create(body, KEY, admin, index % 2 === 0 ? app : other)));

  it('creates one drop', async () => {
    const responses = await createConcurrently(Array.from({ length: 8 }, () => BODY));
    const replayed = responses.map(({ headers }) => headers['idempotency-replayed'] === 'true');
    expect(replayed.filter((each) => !each)).toHaveLength(1);
    expect(new Set(responses.map((response, index) => expectDrop(response, replayed[index] ?? false).id)).size).toBe(1);
    expect(await dropsOf(admin)).toBe(1);
  });

  it('with four different bodies creates one drop, and the other requests are 422', async () => {
    const responses = await createConcurrently(
      Array.from({ length: 4 }, (_, index) => ({ ...BODY, totalStock: index + 1 })),
    );
    expect(responses.map(({ status }) => status).sort()).toEqual([201, 422, 422, 422]);
    expect(await dropsOf(admin)).toBe(1);
  });

  const uncommittedInsert = () => ({
    sql: `INSERT INTO drops (name, price, total_stock, created_by, idempotency_key, request_hash)
          VALUES ('First', 1, 1, $1, $2, 'another')`,
    params: [admin.id, KEY],
  });

  it('waits for the uncommitted request with the same key', () =>
    whileLocked(app.database, uncommittedInsert(), async ({ unlock }) => {
      const running = Promise.resolve(create());
      await untilWaiting(app.database);
      await unlock();
      expectProblem(await running, 'idempotency-key-reused');
      expect(await dropsOf(admin)).toBe(1);
    }));

  it('creates the drop if the uncommitted request is rolled back', () =>
    whileLocked(app.database, uncommittedInsert(), async ({ client }) => {
      const running = Promise.resolve(create());
      await untilWaiting(app.database);
      await client.query('ROLLBACK');
      expectDrop(await running, false);
      expect(await dropsOf(admin)).toBe(1);
    }));
});

describe('the key of a new drop', () => {
  it('is per admin', async () => {
    const { id } = expectDrop(await create(), false);
    expect(expectDrop(await create(BODY, KEY, await app.createUser('admin')), false).id).not.toBe(id);
  });

  it('is per endpoint', async () => {
    const { id } = expectDrop(await create(), false);
    const { body } = await app.reserve(admin, id, KEY).expect(201);
    await app.purchase(admin, body.data.reservation.id, KEY).expect(201);
    expect(expectDrop(await create(), true)).toMatchObject({ id, soldStock: 1 });
  });

  it('can be reused after a refused request', async () => {
    expectInvalid(await create({ ...BODY, price: 'free' }), 'body.price');
    expectInvalid(await create({ ...BODY, dropEndsAt: '2020-01-01T00:00:00Z' }), 'body.dropEndsAt');
    expectProblem(await create(BODY, KEY, await app.createUser()), 'forbidden');
    expectDrop(await create(), false);
  });

  it('can be reused after the drop was deleted', async () => {
    const { id } = expectDrop(await create(), false);
    await app.database.query('DELETE FROM drops WHERE id = $1', [id]);
    expect(expectDrop(await create(), false).id).not.toBe(id);
  });

  it('is optional: without one, each request creates a drop', async () => {
    const createWithoutKey = () => as(admin, app.http.post('/api/drops')).send(BODY);
    const ids = [await createWithoutKey(), await createWithoutKey()].map((response) => expectDrop(response, false).id);
    expect(new Set(ids).size).toBe(2);
  });

  it.each(['!', '~', "';--", '{"a":"b"}', 'x'.repeat(255)])('can be %j', async (key) => {
    const { id } = expectDrop(await create(BODY, key), false);
    expect(expectDrop(await create(BODY, key), true).id).toBe(id);
  });

  it.each(['x'.repeat(256), 'two words', 'a\tb', 'é', ''])('cannot be %j', async (key) => {
    expectInvalid(await create(BODY, key), 'headers.idempotency-key');
    expect(await dropsOf(admin)).toBe(0);
  });
});

it('no response shows the key or its owner', async () => {
  const { id } = expectDrop(await create(BODY, 'a-secret-key'), false);
  const responses = await Promise.all(
    ['/api/drops', `/api/drops/${id}`, `/api/drops/${id}/movements`].map((path) => as(admin, app.http.get(path))),
  );
  for (const { text } of responses) for (const secret of ['a-secret-key', admin.id]) expect(text).not.toContain(secret);
});
