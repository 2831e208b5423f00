import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AlreadyReservedError } from '../../../src/inventory/inventory-errors.js';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { outcomesOf, servicesOf, tally, type Services } from './support.js';

let app: TestApp;
let services: Services;

beforeAll(async () => {
  app = await startTestApp();
  services = servicesOf(app);
});

afterAll(() => app.close());

/** A user with a hold of a new drop. */
async function holder() {
  const [user, dropId] = await Promise.all([app.createUser(), app.createDrop()]);
  const { reservation } = await services.reserve(user, dropId);
  return { user, hold: reservation.id };
}

describe('two requests of one user at the same moment', () => {
  it('are a hold, and the answer that there is one, with it', async () => {
    const [user, dropId] = await Promise.all([app.createUser(), app.createDrop()]);
    const first = services.reserve(user, dropId);
    const second = services.reserve(user, dropId).catch((error: unknown) => error);
    const { reservation } = await first;
    expect(await second).toBeInstanceOf(AlreadyReservedError);
    expect(await second).toMatchObject({ members: { reservation } });
    expect(await app.mismatches()).toEqual([]);
  });

  it('are the same hold if they share a key', async () => {
    const [user, dropId] = await Promise.all([app.createUser(), app.createDrop()]);
    const [first, second] = await Promise.all([1, 2].map(() => services.reserve(user, dropId, 'mine')));
    expect([first?.replayed, second?.replayed]).toEqual([false, true]);
    expect(second?.reservation).toEqual(first?.reservation);
  });

  it('are a purchase, and the answer that the hold is settled', async () => {
    const { user, hold } = await holder();
    const outcomes = await outcomesOf([1, 2].map(() => services.purchase(user, hold)));
    expect(outcomes).toEqual(['done', 'reservation-settled']);
  });

  it('are the same purchase if they share a key', async () => {
    const { user, hold } = await holder();
    const [first, second] = await Promise.all([1, 2].map(() => services.purchase(user, hold, 'mine')));
    expect([first?.replayed, second?.replayed]).toEqual([false, true]);
    expect(second?.purchase).toEqual(first?.purchase);
    expect(await app.mismatches()).toEqual([]);
  });

  it('are a release, and the same again', async () => {
    const { user, hold } = await holder();
    const [first, second] = await Promise.all([1, 2].map(() => services.release(user, hold)));
    expect(first?.reservation).toMatchObject({ id: hold, status: 'released' });
    expect(second?.reservation).toEqual(first?.reservation);
    expect(await app.mismatches()).toEqual([]);
  });
});

describe('the units of a batch', () => {
  it('go to those who came first', async () => {
    const [users, dropId] = await Promise.all([app.createUsers(40), app.createDrop({ total_stock: 15 })]);
    const outcomes = await outcomesOf(users.map((user) => services.reserve(user, dropId)));
    expect(outcomes).toEqual(users.map((_, index) => (index < 15 ? 'done' : 'sold-out')));
  });

  it('are not lost to who is refused', async () => {
    const [[first, second, third], dropId] = await Promise.all([
      app.createUsers(3),
      app.createDrop({ total_stock: 2, limit_per_user: 1 }),
    ]);
    if (!first || !second || !third) throw new Error('three users');
    const { reservation } = await services.reserve(first, dropId);
    await services.purchase(first, reservation.id);
    const outcomes = await outcomesOf([first, second, third].map((user) => services.reserve(user, dropId)));
    expect(outcomes).toEqual(['limit-reached', 'done', 'sold-out']);
  });

  it('are one change of the drop and one line in the ledger', async () => {
    const [users, dropId] = await Promise.all([app.createUsers(30), app.createDrop({ total_stock: 20 })]);
    expect(tally(await outcomesOf(users.map((user) => services.reserve(user, dropId))))).toEqual({ done: 20, 'sold-out': 10 }); // prettier-ignore
    const { rows } = await app.database.query(
      'SELECT version, delta_available AS available, delta_reserved AS reserved FROM stock_movements WHERE drop_id = $1 AND version > 1',
      [dropId],
    );
    expect(rows).toEqual([{ version: 2, available: -20, reserved: 20 }]);
  });
});
