import { expect, it } from 'vitest';
import type { TestApp } from '../../helpers/app.js';
import { withoutProtection } from '../../helpers/without-protection.js';
import { count, holdOf, race, stockOf, tally, under } from './support.js';

const OWNERS = 20;

/** Every owner of a hold gives it back and buys it at the same moment, one half in this order and one in the other. */
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
    // By what each owner was answered: 201 is the purchase, 200 the release.
    pairs: new Set(pairs.map((pair) => Object.keys(tally(pair)).sort().join(' and '))),
    purchases: await count(app, 'SELECT count(*) FROM purchases'),
    completed: await count(app, `SELECT count(*) FROM reservations WHERE status = 'completed'`),
    released: await count(app, `SELECT count(*) FROM reservations WHERE status = 'released'`),
    stock: await stockOf(app, dropId),
    mismatches: await app.mismatches(),
  };
}

it('lets either the purchase or the release of a hold win', async () => {
  const { pairs, purchases, completed, released, stock, mismatches } = await under({}, releaseAndPurchase);
  expect(['200 and 410 reservation-settled', '201 and 410 reservation-settled']).toEqual(
    expect.arrayContaining([...pairs]),
  );
  expect(purchases).toBe(completed);
  expect(purchases + released).toBe(OWNERS);
  expect(stock).toEqual({ available: OWNERS * 2 - purchases, reserved: 0, sold: purchases });
  expect(mismatches).toEqual([]);
});

it('lets both win without the condition on its state', async () => {
  const { pairs, mismatches } = await under(
    {
      PgClient: withoutProtection(`AND r.status = 'active' AND r.expires_at > t`, ''),
      // The second line: a settled hold is settled for good, and no more units leave the holds than are in them.
      without: [
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
