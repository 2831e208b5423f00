import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DropResponse } from '../../../src/modules/drops/drops.schema.js';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { until } from '../../helpers/locks.js';
import { listenTo, receivedAll } from '../../helpers/sockets.js';
import { as, buy, dataOf, expectInvalid, expectProblem, expectSuccess, hold, UNKNOWN_ID } from './support.js';

const TTL_SECONDS = 77;
const PAST = '2020-01-01T00:00:00.000Z';
const FUTURE = '2100-01-01T00:00:00.000Z';

let app: TestApp;
let admin: TestUser;
let dropId: string;

beforeAll(async () => {
  app = await startTestApp({
    env: { RESERVATION_TTL_SECONDS: String(TTL_SECONDS), PUBLIC_URL: 'https://drops.example' },
  });
  admin = await app.createUser('admin');
});
beforeEach(async () => {
  dropId = await app.createDrop({
    description: 'Before',
    drop_starts_at: PAST,
    image_url: '/images/a.svg',
    limit_per_user: 2,
  });
});
afterAll(() => app.close());

const change = (body: object, id = dropId) => as(admin, app.http.patch(`/api/drops/${id}`)).send(body);
const read = async (id = dropId): Promise<DropResponse> => dataOf(await app.http.get(`/api/drops/${id}`));

describe('a change of details', () => {
  it.each<[object, Partial<DropResponse>]>([
    [{ name: '  Renamed ' }, { name: 'Renamed' }],
    [{ price: 9.5 }, { price: '9.50' }],
    [{ currency: 'EUR' }, { currency: 'EUR' }],
    [{ description: 'One\r\nTwo' }, { description: 'One\nTwo' }],
    [{ description: '' }, { description: null }],
    [{ description: null }, { description: null }],
    [{ imageUrl: '/images/b.svg' }, { imageUrl: 'https://drops.example/images/b.svg' }],
    [{ imageUrl: null }, { imageUrl: null }],
    [{ imageUrl: '' }, { imageUrl: null }],
    [{ dropStartsAt: '2030-01-01T01:00:00+01:00' }, { dropStartsAt: '2030-01-01T00:00:00.000Z', status: 'scheduled' }],
    [{ dropEndsAt: FUTURE }, { dropEndsAt: FUTURE }],
    [{ dropEndsAt: '2020-01-02T00:00:00Z' }, { dropEndsAt: '2020-01-02T00:00:00.000Z', status: 'ended' }],
    [{ limitPerUser: 5 }, { limitPerUser: 5 }],
    [{ limitPerUser: null }, { limitPerUser: null }],
    [{ holdSeconds: 10 }, { holdSeconds: 10 }],
    [{ holdSeconds: 900 }, { holdSeconds: 900 }],
    [
      { name: 'All', price: '1.00', limitPerUser: null, imageUrl: null, holdSeconds: 30 },
      { name: 'All', price: '1.00', limitPerUser: null, imageUrl: null, holdSeconds: 30 },
    ],
  ])('%o changes these and nothing else', async (body, expected) => {
    const before = await read();
    const changed = dataOf<DropResponse>(await change(body));
    const { status = before.status } = expected;
    const availability = status === 'live' ? 'available' : 'closed';
    expect(changed).toEqual({
      ...before,
      ...expected,
      availability,
      version: before.version + 1,
      updatedAt: changed.updatedAt,
    });
    expect(await read()).toEqual(changed);
    // The same again.
    expect(dataOf(await change(body))).toEqual(changed);
  });

  it('is published once, with the latest buyers', async () => {
    const listener = await listenTo(app);
    const changed = dataOf<DropResponse>(await change({ name: 'Renamed' }));
    await change({ name: 'Renamed' }).expect(200);
    await receivedAll(app, listener);
    expect(listener.received('drop_update')).toEqual([changed]);
    expect(listener.received('new_drop')).toEqual([]);
    listener.close();
  });

  it('is recorded with its admin', async () => {
    await change({ name: 'Renamed', price: 3, currency: 'GBP', description: 'One\nTwo' }).expect(200);
    await as(admin, app.http.post(`/api/drops/${dropId}/pause`))
      .send({ reason: 'A fault' })
      .expect(200);
    const { rows } = await app.database.query(
      'SELECT cause, actor_id, actor_role, reason, changed FROM stock_movements WHERE drop_id = $1 AND version > 1 ORDER BY version',
      [dropId],
    );
    const actor = { cause: 'edit', actor_id: admin.id, actor_role: null };
    expect(rows).toEqual([
      { ...actor, reason: null, changed: { name: 'Renamed', price: '3.00', currency: 'GBP', description: 'One\nTwo' } },
      { ...actor, reason: 'A fault', changed: { paused_at: expect.any(String) } },
    ]);
  });

  it('records the holds that it returns as the service does, and those of a cancellation with the admin', async () => {
    const [first, second] = await app.createUsers(2);
    if (!first || !second) throw new Error('two users');
    await hold(app, first, dropId);
    await app.expireHolds({ dropId });
    await change({ name: 'Renamed' }).expect(200);
    await hold(app, second, dropId);
    await as(admin, app.http.post(`/api/drops/${dropId}/cancel`))
      .send({ reason: 'Recalled' })
      .expect(200);
    const { rows } = await app.database.query(
      `SELECT cause, actor_id AS actor, reason, expired_units AS expired, released_units AS released
       FROM stock_movements WHERE drop_id = $1 AND version > 1 ORDER BY version`,
      [dropId],
    );
    const none = { expired: 0, released: 0 };
    expect(rows).toEqual([
      { cause: 'reserve', actor: null, reason: null, ...none },
      { cause: 'expire', actor: null, reason: null, expired: 1, released: 0 },
      { cause: 'edit', actor: admin.id, reason: null, ...none },
      { cause: 'reserve', actor: null, reason: null, ...none },
      { cause: 'edit', actor: admin.id, reason: 'Recalled', ...none },
      { cause: 'release', actor: admin.id, reason: 'Recalled', expired: 0, released: 1 },
    ]);
    expect(await app.mismatches()).toEqual([]);
  });
});

describe('a change of the start or the end', () => {
  const reserve = async () => app.reserve(await app.createUser(), dropId);

  it('takes effect for the next reservation', async () => {
    await reserve().then((response) => expectSuccess(response, 201));
    await change({ dropStartsAt: FUTURE }).expect(200);
    expectProblem(await reserve(), 'drop-not-started');
    await change({ dropStartsAt: PAST, dropEndsAt: '2020-01-02T00:00:00Z' }).expect(200);
    expectProblem(await reserve(), 'drop-ended');
    await change({ dropEndsAt: null }).expect(200);
    expectSuccess(await reserve(), 201);
  });

  it('of null opens a drop now, by the clock of the database', async () => {
    await change({ dropStartsAt: FUTURE }).expect(200);
    expect(dataOf<DropResponse>(await change({ dropStartsAt: null }))).toMatchObject({ status: 'live' });
    expectSuccess(await reserve(), 201);
    const { rows } = await app.database.query(
      `SELECT drop_starts_at BETWEEN clock_timestamp() - interval '10 min' AND clock_timestamp() AS now FROM drops WHERE id = $1`,
      [dropId],
    );
    expect(rows).toEqual([{ now: true }]);
  });

  it('opens a drop again that was ended', async () => {
    await as(admin, app.http.post(`/api/drops/${dropId}/end`)).expect(200);
    expect(dataOf<DropResponse>(await change({ dropEndsAt: FUTURE }))).toMatchObject({ status: 'live' });
    expectSuccess(await reserve(), 201);
  });

  it('is refused if the drop would end before its start, at the time that was sent', async () => {
    expectInvalid(await change({ dropEndsAt: PAST }), 'body.dropEndsAt');
    await change({ dropEndsAt: FUTURE }).expect(200);
    expectInvalid(await change({ dropStartsAt: FUTURE }), 'body.dropStartsAt');
    expectInvalid(await change({ dropStartsAt: FUTURE, dropEndsAt: PAST }), 'body.dropEndsAt');
    expect(await read()).toMatchObject({ dropStartsAt: PAST, dropEndsAt: FUTURE });
  });
});

describe('the currency', () => {
  const refused = async () => {
    const before = await read();
    expect(expectProblem(await change({ currency: 'EUR', name: 'Renamed' }), 'currency-in-use')).toMatchObject({
      currency: 'USD',
    });
    expect(await read()).toEqual(before);
    // The same currency again changes nothing, and everything else can be changed.
    expect(dataOf(await change({ currency: 'USD', price: 3 }))).toMatchObject({ currency: 'USD', price: '3.00' });
  };

  it('stays while a unit is held, after it was released, and after a purchase', async () => {
    const user = await app.createUser();
    const { id } = await hold(app, user, dropId);
    await refused();
    await as(user, app.http.delete(`/api/reservations/${id}`)).expect(200);
    await refused();
    dropId = await app.createDrop();
    await buy(app, user, dropId);
    await refused();
  });

  it('stays after a hold has expired, whose unit the refused request returns', async () => {
    await hold(app, await app.createUser(), dropId);
    await app.expireHolds({ dropId });
    expectProblem(await change({ currency: 'EUR' }), 'currency-in-use');
    expect(await read()).toMatchObject({ currency: 'USD', reservedStock: 0 });
    await refused();
  });

  it('is that of the purchases, the figures and the lists of the drop', async () => {
    await change({ currency: 'CHF' }).expect(200);
    const user = await app.createUser();
    await buy(app, user, dropId);
    const asAdmin = async (what: string) =>
      dataOf<Record<string, unknown>>(await as(admin, app.http.get(`/api/admin/drops/${dropId}/${what}`)));
    expect(dataOf(await as(user, app.http.get('/api/purchases/mine')))).toMatchObject([{ Drop: { currency: 'CHF' } }]);
    expect(await asAdmin('stats')).toMatchObject({ currency: 'CHF', revenue: '10.00' });
    expect(await asAdmin('purchases')).toMatchObject([{ currency: 'CHF', price: '10.00' }]);
    expect(await asAdmin('reservations')).toMatchObject([{ currency: 'CHF', price: '10.00' }]);
  });
});

describe('the time of a hold', () => {
  async function secondsOfHold(id: string): Promise<number> {
    const { id: reservationId } = await hold(app, await app.createUser(), id);
    const { rows } = await app.database.query<{ seconds: number }>(
      'SELECT extract(epoch FROM expires_at - created_at)::float8 AS seconds FROM reservations WHERE id = $1',
      [reservationId],
    );
    return rows[0]?.seconds ?? NaN;
  }

  it('is that of the drop, and without one that of the setting', async () => {
    expect((await read()).holdSeconds).toBe(TTL_SECONDS);
    expect(await secondsOfHold(dropId)).toBe(TTL_SECONDS);
    await change({ holdSeconds: 300 }).expect(200);
    expect(await secondsOfHold(dropId)).toBe(300);
    await change({ holdSeconds: null }).expect(200);
    expect(await read()).toMatchObject({ holdSeconds: TTL_SECONDS });
    expect(await secondsOfHold(dropId)).toBe(TTL_SECONDS);
  });

  it('is that of a new drop', async () => {
    const body = { name: 'Long', price: 1, totalStock: 3, holdSeconds: 600 };
    const { data } = expectSuccess(await as(admin, app.http.post('/api/drops')).send(body), 201);
    expect(data).toMatchObject({ holdSeconds: 600, status: 'live' });
    expect(await secondsOfHold((data as DropResponse).id)).toBe(600);
  });

  it('is the time after which the worker returns the unit', async () => {
    const worker = await startTestApp({ database: app.database, env: { ROLE: 'all' } });
    await change({ holdSeconds: 10 }).expect(200);
    const other = await app.createDrop({ hold_seconds: 600 });
    const [user] = await app.createUsers(1);
    if (!user) throw new Error('a user');
    await Promise.all([hold(worker, user, dropId), hold(worker, user, other)]);
    await until('the shorter hold to expire', async () => (await read()).reservedStock === 0);
    expect(await read(other)).toMatchObject({ reservedStock: 1 });
    const { rows } = await app.database.query(
      'SELECT status::text, settled_at >= expires_at AS "inTime" FROM reservations WHERE drop_id = $1',
      [dropId],
    );
    expect(rows).toEqual([{ status: 'expired', inTime: true }]);
    await worker.close();
  });
});

describe('a request', () => {
  it.each<[object, string]>([
    [{}, 'body'],
    [{ name: ' ' }, 'body.name'],
    [{ name: null }, 'body.name'],
    [{ price: -1 }, 'body.price'],
    [{ price: null }, 'body.price'],
    [{ currency: null }, 'body.currency'],
    [{ currency: 'usd' }, 'body.currency'],
    [{ currency: 'QQQ' }, 'body.currency'],
    [{ description: 'x'.repeat(2001) }, 'body.description'],
    [{ description: 'a\u0007b' }, 'body.description'],
    [{ imageUrl: 'ftp://example.com/a.svg' }, 'body.imageUrl'],
    [{ dropStartsAt: 'tomorrow' }, 'body.dropStartsAt'],
    [{ dropEndsAt: 'never' }, 'body.dropEndsAt'],
    [{ limitPerUser: 0 }, 'body.limitPerUser'],
    [{ holdSeconds: 9 }, 'body.holdSeconds'],
    [{ holdSeconds: 901 }, 'body.holdSeconds'],
    [{ holdSeconds: 60.5 }, 'body.holdSeconds'],
    [{ totalStock: 5 }, 'body.totalStock'],
    [{ published: true }, 'body.published'],
    [{ status: 'paused' }, 'body.status'],
  ])('with %o is refused', async (body, path) => {
    const before = await read();
    expectInvalid(await change(body), path);
    expect(await read()).toEqual(before);
  });

  it.each([
    ['opensAt', 'dropStartsAt'],
    ['closesAt', 'dropEndsAt'],
    ['title', 'name'],
    ['cost', 'price'],
    ['currencyCode', 'currency'],
    ['about', 'description'],
    ['ttl', 'holdSeconds'],
    ['limitPerUsr', 'limitPerUser'],
  ])('with %s is told that it probably means %s', async (sent, meant) => {
    const { errors } = expectProblem(await change({ [sent]: '1' }), 'validation-failed');
    expect(errors?.[0]?.message).toContain(`did you mean ${meant}?`);
  });

  it('names an existing drop that is not cancelled, and is for admins only', async () => {
    const user = await app.createUser();
    expectProblem(await change({ name: 'Renamed' }, UNKNOWN_ID), 'drop-not-found');
    expectProblem(await as(user, app.http.patch(`/api/drops/${dropId}`)).send({ name: 'Renamed' }), 'forbidden');
    const cancelled = await app.createDrop({ cancelled_at: PAST });
    expect(expectProblem(await change({ name: 'Renamed' }, cancelled), 'drop-state')).toMatchObject({
      state: 'cancelled',
    });
  });
});
