import { describe, expect, it } from 'vitest';
import type { TestApp } from '../../helpers/app.js';
import { listenTo, receivedAll } from '../../helpers/sockets.js';
import { withoutProtection } from '../../helpers/without-protection.js';
import {
  ACTIVE_HOLD_CONDITION,
  count,
  countResponses,
  holdOf,
  race,
  stockOf,
  times,
  withoutLock,
  withServices,
} from './support.js';

const REQUESTS = 20;
/** Removes the lock under which a hold is read and the condition under which it is settled. */
const unprotected = () => withoutProtection(ACTIVE_HOLD_CONDITION, '', withoutLock());
/** Removes the second protection: a settled hold stays settled, has one purchase, and reserved stock is never negative. */
const DROP_CONSTRAINTS = [
  'DROP TRIGGER reservations_before_write ON reservations',
  'DROP INDEX purchases_reservation_id_key',
  'ALTER TABLE drops DROP CONSTRAINT drops_reserved_stock_not_negative',
];

async function purchaseTwentyTimes(app: TestApp, services: readonly TestApp[], key?: string) {
  const [dropId, user] = await Promise.all([app.createDrop({ total_stock: 5 }), app.createUser()]);
  const listeners = await Promise.all(services.map((service) => listenTo(service)));
  const hold = await holdOf(app, user, dropId);
  const responses = await race(app, dropId, () => times(REQUESTS, () => app.purchase(user, hold, key)));
  for (const [index, service] of services.entries()) {
    const listener = listeners[index];
    if (listener) await receivedAll(service, listener);
    listener?.close();
  }
  return {
    responses: countResponses(responses),
    bought: new Set(responses.filter(({ status }) => status === 201).map(({ body }) => body.data.id)).size,
    replays: responses.filter(({ headers }) => headers['idempotency-replayed'] === 'true').length,
    rows: await count(app, 'SELECT count(*) FROM purchases'),
    published: listeners.flatMap((listener) => listener.received('purchase_update')).length,
    stock: await stockOf(app, dropId),
    mismatches: await app.mismatches(),
  };
}

const soldOnce = { bought: 1, rows: 1, published: 1, stock: { available: 4, reserved: 0, sold: 1 }, mismatches: [] };

describe('twenty concurrent purchases of one hold', () => {
  it('sell the unit once', async () => {
    expect(await withServices({}, purchaseTwentyTimes)).toEqual({
      ...soldOnce,
      responses: { '201': 1, '410 reservation-settled': REQUESTS - 1 },
      replays: 0,
    });
  });

  it('all return the one purchase if they share a key', async () => {
    expect(await withServices({}, (...apps) => purchaseTwentyTimes(...apps, 'one-order'))).toEqual({
      ...soldOnce,
      responses: { '201': REQUESTS },
      replays: REQUESTS - 1,
    });
  });

  it('sell the unit many times without the lock and the condition on the status', async () => {
    const outcome = await withServices({ PgClient: unprotected(), removedProtections: DROP_CONSTRAINTS }, (...apps) =>
      purchaseTwentyTimes(...apps),
    );
    expect(outcome.rows).toBeGreaterThan(1);
    expect(outcome.stock.sold).toBe(outcome.rows);
    expect(outcome.mismatches).not.toEqual([]);
  });

  it('sell the unit many times with one key without the lock, the condition and the unique index', async () => {
    const outcome = await withServices(
      {
        PgClient: unprotected(),
        removedProtections: [...DROP_CONSTRAINTS, 'DROP INDEX purchases_user_id_idempotency_key_key'],
      },
      (...apps) => purchaseTwentyTimes(...apps, 'one-order'),
    );
    expect(outcome.rows).toBeGreaterThan(1);
    expect(outcome.bought).toBeGreaterThan(1);
    expect(outcome.published).toBeGreaterThan(1);
  });

  it('sell the unit once with only the condition', async () => {
    const outcome = await withServices(
      { PgClient: withoutLock(), removedProtections: DROP_CONSTRAINTS },
      purchaseTwentyTimes,
    );
    expect(outcome).toMatchObject(soldOnce);
  });

  it('sell the unit once with only the constraints of the database', async () => {
    const outcome = await withServices({ PgClient: unprotected() }, (...apps) => purchaseTwentyTimes(...apps));
    expect(outcome).toMatchObject(soldOnce);
    // The service does not expect a refusal by a constraint, and returns 500.
    expect(outcome.responses['500 internal-error']).toBeGreaterThan(0);
  });
});

const OWNERS = 20;

/** Each owner of a hold releases and purchases it at the same moment. Half of them send the release first. */
async function releaseAndPurchase(app: TestApp) {
  const [dropId, owners] = await Promise.all([app.createDrop({ total_stock: OWNERS * 2 }), app.createUsers(OWNERS)]);
  const holds = await Promise.all(owners.map(async (owner) => ({ owner, hold: await holdOf(app, owner, dropId) })));
  const pairs = await race(app, dropId, () =>
    Promise.all(
      holds.map(async ({ owner, hold }, index) => {
        const purchase = () => app.purchase(owner, hold);
        const release = () => app.release(owner, hold);
        return Promise.all((index % 2 ? [purchase, release] : [release, purchase]).map((request) => request()));
      }),
    ),
  );
  return {
    // The statuses of each owner's two responses: 201 for the purchase, 200 for the release.
    pairs: new Set(pairs.map((pair) => Object.keys(countResponses(pair)).sort().join(' and '))),
    purchases: await count(app, 'SELECT count(*) FROM purchases'),
    completed: await count(app, `SELECT count(*) FROM reservations WHERE status = 'completed'`),
    released: await count(app, `SELECT count(*) FROM reservations WHERE status = 'released'`),
    stock: await stockOf(app, dropId),
    mismatches: await app.mismatches(),
  };
}

describe('a purchase and a release of one hold', () => {
  it('do not both succeed', async () => {
    const { pairs, purchases, completed, released, stock, mismatches } = await withServices({}, releaseAndPurchase);
    expect(['200 and 410 reservation-settled', '201 and 410 reservation-settled']).toEqual(
      expect.arrayContaining([...pairs]),
    );
    expect(purchases).toBe(completed);
    expect(purchases + released).toBe(OWNERS);
    expect(stock).toEqual({ available: OWNERS * 2 - purchases, reserved: 0, sold: purchases });
    expect(mismatches).toEqual([]);
  });

  it('both succeed without the lock and the condition on the status', async () => {
    const { pairs, mismatches } = await withServices(
      {
        PgClient: unprotected(),
        // Removes the second protection: a settled hold stays settled, and no stock is negative.
        removedProtections: [
          'DROP TRIGGER reservations_before_write ON reservations',
          'ALTER TABLE reservations DROP CONSTRAINT reservations_settled_when_not_active',
          'ALTER TABLE drops DROP CONSTRAINT drops_reserved_stock_not_negative',
          'ALTER TABLE drops DROP CONSTRAINT drops_available_stock_not_negative',
        ],
      },
      releaseAndPurchase,
    );
    expect(pairs).toContain('200 and 201');
    expect(mismatches).not.toEqual([]);
  });
});
