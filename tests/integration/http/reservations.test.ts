import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestUser } from '../../helpers/app.js';
import {
  as,
  buy,
  editDrop,
  expectMembers,
  expectProblem,
  expectSuccess,
  hold,
  ISO_UTC,
  MEMBERS,
  nextMillisecond,
  UNKNOWN_ID,
} from './support.js';

const TTL_SECONDS = 90;
let app: TestApp;
let user: TestUser;

beforeAll(async () => {
  app = await startTestApp({ env: { RESERVATION_TTL_SECONDS: String(TTL_SECONDS) } });
  user = await app.createUser();
});
afterAll(async () => {
  expect(await app.mismatches()).toEqual([]);
  await app.close();
});

const stockOf = async (dropId: string) => (await app.http.get(`/api/drops/${dropId}`)).body.data as object;

async function mine(by: TestUser) {
  const { data } = expectSuccess(await as(by, app.http.get('/api/reservations')), 200);
  return data as { id: string }[];
}

describe('a reservation', () => {
  it('returns the reservation, the stock after it and the server time', async () => {
    const dropId = await app.createDrop({ total_stock: 5 });
    const { data } = expectSuccess(await app.reserve(user, dropId), 201);
    expectMembers(data, MEMBERS.hold);
    expectMembers(data.reservation, MEMBERS.reservation);
    expect(data.reservation).toMatchObject({ userId: user.id, dropId, status: 'active' });
    expect(data.availableStock).toBe(4);
    const { createdAt, expiresAt, updatedAt } = data.reservation as Record<string, string>;
    for (const time of [createdAt, expiresAt, updatedAt, data.serverTime]) expect(time).toMatch(ISO_UTC);
    expect(await stockOf(dropId)).toMatchObject({ availableStock: 4, reservedStock: 1, soldStock: 0, version: 2 });
  });

  it('lasts for RESERVATION_TTL_SECONDS by the database’s clock, which serverTime shows', async () => {
    const { data } = expectSuccess(await app.reserve(user, await app.createDrop()), 201);
    const [created, expires, server] = [data.reservation.createdAt, data.reservation.expiresAt, data.serverTime].map(
      (time: string) => Date.parse(time),
    ) as [number, number, number];
    expect(expires - created).toBe(TTL_SECONDS * 1000);
    const { rows } = await app.database.query<{ now: Date }>('SELECT clock_timestamp() AS now');
    // Columns round to the millisecond, so that createdAt can be up to half a millisecond ahead.
    expect(server).toBeGreaterThanOrEqual(created - 1);
    expect(server).toBeLessThanOrEqual(rows[0]?.now.getTime() ?? 0);
  });
});

describe('a reservation is refused', () => {
  it('for an unknown drop', async () => {
    expectProblem(await app.reserve(user, UNKNOWN_ID), 'drop-not-found');
  });

  it('before the start of the drop, with the start', async () => {
    const dropId = await app.createDrop({ drop_starts_at: '2100-01-31T18:00:00Z' });
    const problem = expectProblem(await app.reserve(user, dropId), 'drop-not-started');
    expect(problem).toMatchObject({ startsAt: '2100-01-31T18:00:00.000Z' });
    expect(problem.detail).toBe('This drop has not started yet');
  });

  it('while the user has an active one for the drop, which is returned', async () => {
    const dropId = await app.createDrop();
    const own = await hold(app, user, dropId);
    const problem = expectProblem(await app.reserve(user, dropId), 'already-reserved');
    expect(problem.reservation).toEqual(own);
    expect(await stockOf(dropId)).toMatchObject({ reservedStock: 1 });
  });

  it('after as many purchases as the limit per user', async () => {
    const dropId = await app.createDrop({ limit_per_user: 2 });
    await buy(app, user, dropId);
    await buy(app, user, dropId);
    expect(expectProblem(await app.reserve(user, dropId), 'limit-reached')).toMatchObject({ limitPerUser: 2 });
    expectSuccess(await app.reserve(await app.createUser(), dropId), 201);
  });

  it('while nothing is left, and granted after a hold expired', async () => {
    const dropId = await app.createDrop({ total_stock: 1 });
    const { id } = await hold(app, user, dropId);
    const other = await app.createUser();
    expect(expectProblem(await app.reserve(other, dropId), 'sold-out').detail).toBe('Out of stock');
    await app.expireHolds({ reservationId: id });
    expectSuccess(await app.reserve(other, dropId), 201);
  });

  it('without any change to the stock', async () => {
    const dropId = await app.createDrop({ paused_at: '2020-01-01' });
    expectProblem(await app.reserve(user, dropId), 'drop-paused');
    expect(await stockOf(dropId)).toMatchObject({ availableStock: 10, version: 1 });
  });
});

describe('after a reservation', () => {
  it.each(['expired', 'released', 'completed'])('that was %s, the user can reserve again', async (how) => {
    const dropId = await app.createDrop();
    const { id } = await hold(app, user, dropId);
    if (how === 'expired') await app.expireHolds({ reservationId: id });
    if (how === 'released') expectSuccess(await app.release(user, id), 200);
    if (how === 'completed') expectSuccess(await app.purchase(user, id), 201);
    expect((await hold(app, user, dropId)).id).not.toBe(id);
  });
});

describe('my reservations', () => {
  it('are the user’s own, active and not expired, newest first', async () => {
    const by = await app.createUser();
    expect(await mine(by)).toEqual([]);
    const holds: { id: string }[] = [];
    for (let i = 0; i < 6; i += 1) {
      holds.push(await hold(app, by, await app.createDrop()));
      await nextMillisecond();
    }
    const [oldest, released, completed, expired, overdue, newest] = holds as [{ id: string }, ...{ id: string }[]];
    await app.release(by, released?.id ?? '');
    await app.purchase(by, completed?.id ?? '');
    await app.expireHolds({ reservationId: expired?.id ?? '' });
    await app.context.worker.runOnce();
    await app.expireHolds({ reservationId: overdue?.id ?? '' }); // Expired, but not reclaimed by the worker.
    await hold(app, user, await app.createDrop());

    const list = await mine(by);
    expect(list).toEqual([newest, oldest]);
    expectMembers(list[0] ?? {}, MEMBERS.reservation);
  });
});

describe('releasing', () => {
  it('returns the unit to stock at once and can be repeated', async () => {
    const dropId = await app.createDrop({ total_stock: 1 });
    const { id } = await hold(app, user, dropId);
    const first = expectSuccess(await app.release(user, id), 200).data;
    expectMembers(first, MEMBERS.hold);
    expect(first).toMatchObject({ reservation: { id, status: 'released' }, availableStock: 1 });
    expect(await stockOf(dropId)).toMatchObject({ availableStock: 1, reservedStock: 0, version: 3 });

    const again = expectSuccess(await app.release(user, id), 200).data;
    expect(again.reservation).toEqual(first.reservation);
    expect(await stockOf(dropId)).toMatchObject({ availableStock: 1, version: 3 });

    await hold(app, await app.createUser(), dropId);
    expect(expectSuccess(await app.release(user, id), 200).data.availableStock).toBe(0);
  });

  it.each(['reservation-not-found', 'not-your-reservation'] as const)('is refused with %s', async (code) => {
    const id = code === 'reservation-not-found' ? UNKNOWN_ID : (await hold(app, user, await app.createDrop())).id;
    expectProblem(await app.release(await app.createUser(), id), code);
  });

  it('another user’s reservation is refused, also for an admin', async () => {
    const { id } = await hold(app, user, await app.createDrop());
    expectProblem(await app.release(await app.createUser('admin'), id), 'not-your-reservation');
  });

  it.each(['swept', 'not swept'])('an expired reservation is 410: %s', async (how) => {
    const { id, dropId } = await hold(app, user, await app.createDrop());
    await app.expireHolds({ dropId });
    if (how === 'swept') await app.context.worker.runOnce();
    expectProblem(await app.release(user, id), 'reservation-expired');
    expect(await stockOf(dropId)).toMatchObject({ availableStock: 10, reservedStock: 0 });
  });

  it('a purchased reservation is 410', async () => {
    const { reservationId } = await buy(app, user, await app.createDrop());
    const problem = expectProblem(await app.release(user, reservationId), 'reservation-settled');
    expect(problem.detail).toBe('This reservation was already purchased');
  });
});

describe('a reservation', () => {
  it.each([
    ['a pause', 'paused_at = now()'],
    ['the end', "drop_starts_at = '2020-01-01', drop_ends_at = '2020-01-02'"],
    ['a start moved to later', "drop_starts_at = '2100-01-01'"],
    ['a lower limit', 'limit_per_user = 1'],
  ])('can be purchased after %s', async (_what, edit) => {
    const { id, dropId } = await hold(app, user, await app.createDrop());
    await editDrop(app, dropId, edit);
    expect(await mine(user)).toContainEqual(expect.objectContaining({ id, status: 'active' }));
    expectSuccess(await app.purchase(user, id), 201);
  });

  it('can be released during a pause', async () => {
    const { id, dropId } = await hold(app, user, await app.createDrop());
    await editDrop(app, dropId, 'paused_at = now()');
    expectSuccess(await app.release(user, id), 200);
  });
});

describe('cancelling a drop releases its holds', () => {
  it.each(['swept', 'not swept'])('permanently: %s', async (how) => {
    const dropId = await app.createDrop();
    const { id } = await hold(app, user, dropId);
    await editDrop(app, dropId, 'cancelled_at = now()');
    if (how === 'swept') await app.context.worker.runOnce();
    const problem = expectProblem(await app.purchase(user, id), 'reservation-settled');
    expect(problem.detail).toBe('This reservation was released');
    expect(await stockOf(dropId)).toMatchObject({ status: 'cancelled', availableStock: 10, reservedStock: 0 });
    expect(expectSuccess(await app.release(user, id), 200).data.reservation.status).toBe('released');
    expect(await mine(user)).not.toContainEqual(expect.objectContaining({ id }));
  });
});
