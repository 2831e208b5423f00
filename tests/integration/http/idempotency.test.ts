import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import { as, editDrop, expectInvalid, expectProblem, expectSuccess, hold, UNKNOWN_ID } from './support.js';

let app: TestApp;
let user: TestUser;
let dropId: string;

beforeAll(async () => {
  app = await startTestApp();
});
beforeEach(async () => {
  [user, dropId] = [await app.createUser(), await app.createDrop()];
});
afterAll(async () => {
  expect(await app.mismatches()).toEqual([]);
  await app.close();
});

type ReserveResponse = Awaited<ReturnType<TestApp['reserve']>>;

/** Expects a replayed response (or, with `false`, a first one); returns its data. */
function expectReplay(response: ReserveResponse, replayed = true) {
  const { data } = expectSuccess(response, 201);
  expect(response.headers['idempotency-replayed']).toBe(replayed ? 'true' : undefined);
  return data;
}

async function count(table: 'reservations' | 'purchases'): Promise<number> {
  const { rows } = await app.database.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM ${table} WHERE user_id = $1`,
    [user.id],
  );
  return rows[0]?.n ?? NaN;
}

describe('reserving with the same key', () => {
  it('returns the same reservation, and reserves once', async () => {
    const first = expectReplay(await app.reserve(user, dropId, 'key'), false);
    const again = expectReplay(await app.reserve(user, dropId, 'key'));
    expect(again.reservation).toEqual(first.reservation);
    expect(await count('reservations')).toBe(1);
  });

  it('shows the current stock', async () => {
    expect(expectReplay(await app.reserve(user, dropId, 'key'), false).availableStock).toBe(9);
    await hold(app, await app.createUser(), dropId);
    expect(expectReplay(await app.reserve(user, dropId, 'key')).availableStock).toBe(8);
  });

  it.each(['completed', 'released', 'expired'])('shows the reservation as it is now: %s', async (status) => {
    const { id } = await hold(app, user, dropId, 'key');
    if (status === 'completed') expectSuccess(await app.purchase(user, id), 201);
    if (status === 'released') expectSuccess(await app.release(user, id), 200);
    if (status === 'expired') await app.expireHolds({ reservationId: id });
    const again = expectReplay(await app.reserve(user, dropId, 'key'));
    expect(again.reservation).toMatchObject({ id, status });
    expect(again.availableStock).toBe(status === 'completed' ? 9 : 10);
  });

  it('reserves nothing new after a release, which needs a new key', async () => {
    const { id } = await hold(app, user, dropId, 'key');
    await app.release(user, id);
    expect(expectReplay(await app.reserve(user, dropId, 'key')).reservation.id).toBe(id);
    expect(expectReplay(await app.reserve(user, dropId, 'new-key'), false).reservation.id).not.toBe(id);
  });

  it('for another drop is 422', async () => {
    await hold(app, user, dropId, 'key');
    const other = await app.createDrop();
    expectProblem(await app.reserve(user, other, 'key'), 'idempotency-key-reused');
    expect(await count('reservations')).toBe(1);
  });

  it('concurrently reserves once', async () => {
    const responses = await Promise.all(Array.from({ length: 8 }, () => app.reserve(user, dropId, 'key')));
    expect(new Set(responses.map((response) => expectSuccess(response, 201).data.reservation.id)).size).toBe(1);
    expect(responses.filter(({ headers }) => headers['idempotency-replayed'] === undefined)).toHaveLength(1);
  });

  it('concurrently for two drops grants one and refuses the other with 422', async () => {
    const other = await app.createDrop();
    const responses = await Promise.all([app.reserve(user, dropId, 'key'), app.reserve(user, other, 'key')]);
    expect(responses.map(({ status }) => status).sort()).toEqual([201, 422]);
    expect(await count('reservations')).toBe(1);
  });
});

describe('purchasing with the same key', () => {
  it('returns the same purchase, and purchases once', async () => {
    const { id } = await hold(app, user, dropId);
    const first = expectReplay(await app.purchase(user, id, 'key'), false);
    expect(expectReplay(await app.purchase(user, id, 'key'))).toEqual(first);
    expect(await count('purchases')).toBe(1);
  });

  it('returns the purchase after the drop was cancelled', async () => {
    const { id } = await hold(app, user, dropId);
    expectReplay(await app.purchase(user, id, 'key'), false);
    await editDrop(app, dropId, 'cancelled_at = now()');
    expectReplay(await app.purchase(user, id, 'key'));
  });

  it.each(['another reservation', 'an unknown one'])('with %s is 422', async (which) => {
    const { id } = await hold(app, user, dropId);
    expectReplay(await app.purchase(user, id, 'key'), false);
    const other = which === 'an unknown one' ? UNKNOWN_ID : (await hold(app, user, await app.createDrop())).id;
    expectProblem(await app.purchase(user, other, 'key'), 'idempotency-key-reused');
    expect(await count('purchases')).toBe(1);
  });

  it('concurrently purchases once', async () => {
    const { id } = await hold(app, user, dropId);
    const responses = await Promise.all(Array.from({ length: 8 }, () => app.purchase(user, id, 'key')));
    expect(new Set(responses.map((response) => expectSuccess(response, 201).data.id)).size).toBe(1);
    expect(responses.filter(({ headers }) => headers['idempotency-replayed'] === undefined)).toHaveLength(1);
  });

  it('concurrently for two reservations purchases one and refuses the other with 422', async () => {
    const [one, other] = [await hold(app, user, dropId), await hold(app, user, await app.createDrop())];
    const responses = await Promise.all([app.purchase(user, one.id, 'key'), app.purchase(user, other.id, 'key')]);
    expect(responses.map(({ status }) => status).sort()).toEqual([201, 422]);
    expect(await count('purchases')).toBe(1);
  });

  it('and then without a key or with another one is 410', async () => {
    const { id } = await hold(app, user, dropId);
    expectReplay(await app.purchase(user, id, 'key'), false);
    expectProblem(await app.purchase(user, id), 'reservation-settled');
    expectProblem(await app.purchase(user, id, 'other'), 'reservation-settled');
  });
});

describe('a key', () => {
  it('is per user', async () => {
    const other = await app.createUser();
    const mine = expectReplay(await app.reserve(user, dropId, 'key'), false);
    const theirs = expectReplay(await app.reserve(other, dropId, 'key'), false);
    expect(theirs.reservation.id).not.toBe(mine.reservation.id);
    expectReplay(await app.purchase(user, mine.reservation.id, 'key'), false);
    expectReplay(await app.purchase(other, theirs.reservation.id, 'key'), false);
  });

  it('is per endpoint', async () => {
    const { reservation } = expectReplay(await app.reserve(user, dropId, 'key'), false);
    expectReplay(await app.purchase(user, reservation.id, 'key'), false);
    expectReplay(await app.reserve(user, dropId, 'key'));
  });

  it('of a refused reservation can be reused', async () => {
    await editDrop(app, dropId, 'paused_at = now()');
    expectProblem(await app.reserve(user, dropId, 'key'), 'drop-paused');
    expectProblem(await app.reserve(user, UNKNOWN_ID, 'key'), 'drop-not-found');
    await editDrop(app, dropId, 'paused_at = NULL');
    expectReplay(await app.reserve(user, dropId, 'key'), false);
  });

  it('of a refused purchase can be reused', async () => {
    expectProblem(await app.purchase(user, UNKNOWN_ID, 'key'), 'reservation-not-found');
    const { id } = await hold(app, user, dropId);
    expectReplay(await app.purchase(user, id, 'key'), false);
  });

  it('is case-sensitive', async () => {
    const { id } = await hold(app, user, dropId, 'key');
    await app.release(user, id);
    expect(expectReplay(await app.reserve(user, dropId, 'KEY'), false).reservation.id).not.toBe(id);
  });

  it.each(['!', '~', "';--", '{"a":"b"}', 'x'.repeat(255)])('can be %j', async (key) => {
    expectReplay(await app.reserve(user, dropId, key), false);
    expectReplay(await app.reserve(user, dropId, key));
  });

  it.each(['x'.repeat(256), 'two words', 'a\tb', 'é', '\u0080'])('cannot be %j', async (key) => {
    const field = 'headers.idempotency-key';
    expectInvalid(await app.reserve(user, dropId, key), field);
    expectInvalid(await app.purchase(user, UNKNOWN_ID, key), field);
    expectInvalid(
      await as(user, app.http.post('/api/reservations')).set('Idempotency-Key', key).send({}),
      field,
      'body.dropId',
    );
  });

  it.each([[['']], [['one', 'two']]])('cannot be empty or sent twice: %j', async (keys) => {
    const headers = new Headers({ 'Content-Type': 'application/json', Authorization: `Bearer ${user.token}` });
    for (const key of keys) headers.append('Idempotency-Key', key);
    const response = await fetch(`${app.url}/api/reservations`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ dropId }),
    });
    expect([response.status, await response.json()]).toMatchObject([400, { code: 'validation-failed' }]);
  });

  it('with a control character is not valid HTTP', async () => {
    const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
    socket.write('POST /api/reservations HTTP/1.1\r\nHost: x\r\nIdempotency-Key: a\x01b\r\n\r\n');
    expect((await text(socket)).split('\r\n')[0]).toBe('HTTP/1.1 400 Bad Request');
  });
});
