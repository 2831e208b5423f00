import { describe, expect, it } from 'vitest';
import type { TestApp } from '../../helpers/app.js';
import { count, countResponses, race, stockOf, withoutLock, withServices } from './support.js';

const BUYERS = 200;

async function raceForTheLastUnit(app: TestApp) {
  const [dropId, buyers] = await Promise.all([app.createDrop({ total_stock: 1 }), app.createUsers(BUYERS)]);
  const responses = await race(app, dropId, () => Promise.all(buyers.map((buyer) => app.reserve(buyer, dropId))));
  return {
    responses: countResponses(responses),
    holds: await count(app, `SELECT count(*) FROM reservations WHERE status = 'active'`),
    movements: await count(app, 'SELECT count(*) FROM stock_movements'),
    stock: await stockOf(app, dropId),
    mismatches: await app.mismatches(),
  };
}

describe('the last unit', () => {
  it('goes to one of 200 buyers', async () => {
    expect(await withServices({}, raceForTheLastUnit)).toEqual({
      responses: { '201': 1, '409 sold-out': BUYERS - 1 },
      holds: 1,
      movements: 2, // the creation of the drop and the one reservation
      stock: { available: 0, reserved: 1, sold: 0 },
      mismatches: [],
    });
  });

  it('is oversold without the lock and the CHECK', async () => {
    const { holds, stock } = await withServices(
      {
        PgClient: withoutLock(),
        // The next test shows that this CHECK alone prevents overselling.
        removedProtections: ['ALTER TABLE drops DROP CONSTRAINT drops_available_stock_not_negative'],
      },
      raceForTheLastUnit,
    );
    expect(holds).toBeGreaterThan(1);
    expect(stock).toEqual({ available: 1 - holds, reserved: holds, sold: 0 });
  });

  it('is not oversold with the CHECK alone', async () => {
    const { responses, ...rest } = await withServices({ PgClient: withoutLock() }, raceForTheLastUnit);
    expect(rest).toEqual({ holds: 1, movements: 2, stock: { available: 0, reserved: 1, sold: 0 }, mismatches: [] });
    // The service does not expect a refusal by the CHECK, and returns 500.
    const { '201': granted, '409 sold-out': soldOut = 0, '500 internal-error': refused = 0, ...others } = responses;
    expect(granted).toBe(1);
    expect(refused).toBeGreaterThan(0);
    expect(soldOut + refused).toBe(BUYERS - 1);
    expect(others).toEqual({});
  });
});

const STOCK = 20;

async function raceForTwentyUnits(app: TestApp) {
  const [dropId, buyers] = await Promise.all([app.createDrop({ total_stock: STOCK }), app.createUsers(STOCK * 5)]);
  const responses = await race(app, dropId, () => Promise.all(buyers.map((buyer) => app.reserve(buyer, dropId))));
  return {
    responses: countResponses(responses),
    holds: await count(app, `SELECT count(*) FROM reservations WHERE status = 'active'`),
    stock: await stockOf(app, dropId),
    mismatches: await app.mismatches(),
  };
}

describe('the last twenty units', () => {
  it('are reserved once each', async () => {
    expect(await withServices({}, raceForTwentyUnits)).toEqual({
      responses: { '201': STOCK, '409 sold-out': STOCK * 4 },
      holds: STOCK,
      stock: { available: 0, reserved: STOCK, sold: 0 },
      mismatches: [],
    });
  });

  it('are oversold without the lock and the CHECK', async () => {
    const { holds, stock } = await withServices(
      {
        PgClient: withoutLock(),
        removedProtections: ['ALTER TABLE drops DROP CONSTRAINT drops_available_stock_not_negative'],
      },
      raceForTwentyUnits,
    );
    expect(holds).toBeGreaterThan(STOCK);
    expect(stock.available).toBe(STOCK - holds);
  });
});
