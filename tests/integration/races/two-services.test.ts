import { expect, it } from 'vitest';
import type { TestApp } from '../../helpers/app.js';
import { count, race, stockOf, tally, under, withoutLock } from './support.js';

const STOCK = 20;
const BUYERS = 100;

/** Two processes, as far as the database can tell: each with its own pool, and its own queue before the lock. */
async function raceAcrossServices(app: TestApp, other?: TestApp) {
  if (!other) throw new Error('one service only');
  const [dropId, buyers] = await Promise.all([app.createDrop({ total_stock: STOCK }), app.createUsers(BUYERS)]);
  const answers = await race(app, dropId, () =>
    Promise.all(buyers.map((buyer, index) => (index % 2 ? app : other).reserve(buyer, dropId))),
  );
  return {
    answers: tally(answers),
    holds: await count(app, `SELECT count(*) FROM reservations WHERE status = 'active'`),
    stock: await stockOf(app, dropId),
    mismatches: await app.mismatches(),
  };
}

it('sells the stock once, however many services sell it', async () => {
  expect(await under({ services: 2 }, raceAcrossServices)).toEqual({
    answers: { '201': STOCK, '409 sold-out': BUYERS - STOCK },
    holds: STOCK,
    stock: { available: 0, reserved: STOCK, sold: 0 },
    mismatches: [],
  });
});

it('is oversold by two services without the lock and the CHECK', async () => {
  const { holds, stock } = await under(
    {
      services: 2,
      PgClient: withoutLock(),
      without: ['ALTER TABLE drops DROP CONSTRAINT drops_available_stock_not_negative'],
    },
    raceAcrossServices,
  );
  expect(holds).toBeGreaterThan(STOCK);
  expect(stock.available).toBe(STOCK - holds);
});
