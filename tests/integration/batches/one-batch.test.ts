import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AlreadyReservedError } from '../../../src/inventory/inventory-errors.js';
import { startTestApp, type TestApp } from '../../helpers/app.js';
import { countOutcomes, outcomesOf, servicesOf, type Services } from './support.js';

let app: TestApp;
let services: Services;

beforeAll(async () => {
  app = await startTestApp();
  services = servicesOf(app);
});

afterAll(() => app.close());

/** Creates a user with a hold on a unit of a new drop. */
async function createHold() {
  const [user, dropId] = await Promise.all([app.createUser(), app.createDrop()]);
  const { reservation } = await services.reserve(user, dropId);
  return { user, hold: reservation.id };
}

describe('two requests of one user at the same moment', () => {
  it('make one hold, and the refusal of the second returns it', async () => {
    const [user, dropId] = await Promise.all([app.createUser(), app.createDrop()]);
    const first = services.reserve(user, dropId);
    const second = services.reserve(user, dropId).catch((error: unknown) => error);
    const { reservation } = await first;
    expect(await second).toBeInstanceOf(AlreadyReservedError);
    expect(await second).toMatchObject({ members: { reservation } });
    expect(await app.mismatches()).toEqual([]);
  });

  it('return the same hold if they share a key', async () => {
    const [user, dropId] = await Promise.all([app.createUser(), app.createDrop()]);
    const [first, second] = await Promise.all([1, 2].map(() => services.reserve(user, dropId, 'mine')));
    expect([first?.replayed, second?.replayed]).toEqual([false, true]);
    expect(second?.reservation).toEqual(first?.reservation);
  });

  it('make one purchase, and the second is refused as settled', async () => {
    const { user, hold } = await createHold();
    const outcomes = await outcomesOf([1, 2].map(() => services.purchase(user, hold)));
    expect(outcomes).toEqual(['done', 'reservation-settled']);
  });

  it('return the same purchase if they share a key', async () => {
    const { user, hold } = await createHold();
    const [first, second] = await Promise.all([1, 2].map(() => services.purchase(user, hold, 'mine')));
    expect([first?.replayed, second?.replayed]).toEqual([false, true]);
    expect(second?.purchase).toEqual(first?.purchase);
    expect(await app.mismatches()).toEqual([]);
  });

  it('release the hold once and return the same reservation', async () => {
    const { user, hold } = await createHold();
    const [first, second] = await Promise.all([1, 2].map(() => services.release(user, hold)));
    expect(first?.reservation).toMatchObject({ id: hold, status: 'released' });
    expect(second?.reservation).toEqual(first?.reservation);
    expect(await app.mismatches()).toEqual([]);
  });
});

describe('the units of a batch', () => {
  it('go to the first requests', async () => {
    const [users, dropId] = await Promise.all([app.createUsers(40), app.createDrop({ total_stock: 15 })]);
    const outcomes = await outcomesOf(users.map((user) => services.reserve(user, dropId)));
    expect(outcomes).toEqual(users.map((_, index) => (index < 15 ? 'done' : 'sold-out')));
  });

  it('are not used up by refused requests', async () => {
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

  it('change the drop once and add one row to the ledger', async () => {
    const [users, dropId] = await Promise.all([app.createUsers(30), app.createDrop({ total_stock: 20 })]);
    expect(countOutcomes(await outcomesOf(users.map((user) => services.reserve(user, dropId))))).toEqual({ done: 20, 'sold-out': 10 }); // prettier-ignore
    const { rows } = await app.database.query(
      'SELECT version, delta_available AS available, delta_reserved AS reserved FROM stock_movements WHERE drop_id = $1 AND version > 1',
      [dropId],
    );
    expect(rows).toEqual([{ version: 2, available: -20, reserved: 20 }]);
  });
});
