import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyStock } from '../../../src/inventory/verify.js';
import { startTestApp, type TestApp } from '../../helpers/app.js';

let app: TestApp;

beforeAll(async () => {
  app = await startTestApp();
});

afterAll(() => app.close());

/** Creates a drop of ten units at version 8: one unit sold, one held, one released and one expired. */
async function dropWithHistory(): Promise<string> {
  const [dropId, [buyer, holder, releaser, expirer]] = await Promise.all([app.createDrop(), app.createUsers(4)]);
  if (!buyer || !holder || !releaser || !expirer) throw new Error('four users');
  const reserve = async (user: typeof buyer): Promise<string> => {
    const { body } = await app.reserve(user, dropId).expect(201);
    return body.data.reservation.id;
  };
  await app.purchase(buyer, await reserve(buyer)).expect(201);
  await app.release(releaser, await reserve(releaser)).expect(200);
  await reserve(expirer);
  await app.expireHolds({ dropId });
  await app.context.worker.runOnce();
  await reserve(holder);
  return dropId;
}

const cases: { what: string; sql: string; problems: string[] }[] = [
  {
    what: 'counters that do not add up',
    sql: 'UPDATE drops SET total_stock = 11 WHERE id = $1',
    problems: ['available + reserved + sold against the total: 10, expected 11'],
  },
  {
    what: 'stock that was oversold',
    sql: `WITH trace AS (
            INSERT INTO stock_movements
            SELECT $1, 9, -10, 0, 0, -2, 1, 1)
          UPDATE drops SET version = 9, available_stock = -2, total_stock = 0 WHERE id = $1`,
    problems: ['units sold or held beyond the total: 2, expected 0'],
  },
  {
    what: 'stock that moved without a ledger row',
    sql: 'UPDATE drops SET available_stock = 9, total_stock = 11 WHERE id = $1',
    problems: ['available stock replayed from the ledger: 8, expected 9'],
  },
  {
    what: 'a hold that is not counted',
    sql: 'UPDATE drops SET reserved_stock = 0, total_stock = 9 WHERE id = $1',
    problems: [
      'active holds against reserved stock: 1, expected 0',
      'reserved stock replayed from the ledger: 1, expected 0',
    ],
  },
  {
    what: 'a missing hold',
    sql: `DELETE FROM reservations WHERE drop_id = $1 AND status = 'active'`,
    problems: ['active holds against reserved stock: 0, expected 1'],
  },
  {
    what: 'a hold completed without a purchase',
    sql: `UPDATE reservations SET status = 'completed', settled_at = now() WHERE drop_id = $1 AND status = 'active'`,
    problems: [
      'active holds against reserved stock: 0, expected 1',
      'completed holds against purchases: 2, expected 1',
    ],
  },
  {
    what: 'a missing purchase',
    sql: 'DELETE FROM purchases WHERE drop_id = $1',
    problems: ['purchases against sold stock: 0, expected 1', 'completed holds against purchases: 1, expected 0'],
  },
  {
    what: 'a purchase at another price than its hold',
    sql: 'UPDATE purchases SET price = price + 1 WHERE drop_id = $1',
    problems: ['purchases at another price than their hold: 1, expected 0'],
  },
  {
    what: 'a hold whose price was changed after its purchase',
    sql: `UPDATE reservations SET price = price + 1 WHERE drop_id = $1 AND status = 'completed'`,
    problems: ['purchases at another price than their hold: 1, expected 0'],
  },
  {
    what: 'a sale that is not counted',
    sql: 'UPDATE drops SET sold_stock = 0, total_stock = 9 WHERE id = $1',
    problems: ['purchases against sold stock: 1, expected 0', 'sold stock replayed from the ledger: 1, expected 0'],
  },
  {
    what: 'a missing movement',
    // The peak as well: whether the ledger still has it depends on the seconds in which the units were reserved.
    sql: `WITH stats AS (UPDATE drop_stats SET peak_per_second = 0 WHERE drop_id = $1)
          DELETE FROM stock_movements WHERE drop_id = $1 AND version = 8`,
    problems: [
      'movements in the ledger against the version: 7, expected 8',
      'available stock replayed from the ledger: 9, expected 8',
      'reserved stock replayed from the ledger: 0, expected 1',
    ],
  },
  {
    what: 'a missing movement that a made-up one replaces',
    sql: `UPDATE stock_movements SET version = 99 WHERE drop_id = $1 AND version = 2`,
    problems: ['movements whose result is not the sum of those before: 7, expected 0'],
  },
  {
    what: 'a movement whose result was changed',
    sql: 'UPDATE stock_movements SET available_stock = 5 WHERE drop_id = $1 AND version = 3',
    problems: ['movements whose result is not the sum of those before: 1, expected 0'],
  },
  {
    what: 'a released hold that the ledger has as expired',
    sql: `UPDATE stock_movements SET expired_units = 1, released_units = 0 WHERE drop_id = $1 AND released_units = 1`,
    problems: [
      'released holds that the ledger does not have: 1, expected 0',
      'expired holds in the stats against the ledger: 1, expected 2',
      'released holds in the stats against the ledger: 1, expected 0',
    ],
  },
  {
    what: 'an expired hold that the ledger has as released',
    sql: `UPDATE stock_movements SET expired_units = 0, released_units = 1 WHERE drop_id = $1 AND expired_units = 1`,
    problems: [
      'expired holds that the ledger does not have: 1, expected 0',
      'expired holds in the stats against the ledger: 1, expected 0',
      'released holds in the stats against the ledger: 1, expected 2',
    ],
  },
  {
    what: 'a drop without stats',
    sql: 'DELETE FROM drop_stats WHERE drop_id = $1',
    problems: [
      'rows of stats: 0, expected 1',
      'expired holds in the stats against the ledger: 0, expected 1',
      'released holds in the stats against the ledger: 0, expected 1',
      'revenue in the stats, in cents, against the purchases: 0, expected 1000',
    ],
  },
  {
    what: 'stats that were changed',
    sql: `UPDATE drop_stats SET expired_holds = 3, released_holds = 4, peak_per_second = 5, revenue = 0.07 WHERE drop_id = $1`,
    problems: [
      'expired holds in the stats against the ledger: 3, expected 1',
      'released holds in the stats against the ledger: 4, expected 1',
      'peaks in the stats that the ledger does not have: 1, expected 0',
      'revenue in the stats, in cents, against the purchases: 7, expected 1000',
    ],
  },
  {
    what: 'refusals that are missing in their total',
    sql: `INSERT INTO drop_refusals_by_minute (drop_id, minute, code, refusals) VALUES ($1, now(), 'sold-out', 1)`,
    problems: ['kinds of refusals with more of them by minute than in total: 1, expected 0'],
  },
];

it('verify finds no problem in consistent drops', async () => {
  const dropId = await dropWithHistory();
  await app.createDrop();
  // A manual edit, as in Prisma Studio.
  await app.database.query(`UPDATE drops SET total_stock = total_stock + 5, name = 'Renamed' WHERE id = $1`, [dropId]);
  expect(await verifyStock(app.context.db)).toEqual([]);
});

it('verify does not compare causes of a drop whose holds a session of SQL has returned', async () => {
  const dropId = await dropWithHistory();
  await app.database.query(
    `WITH settled AS (UPDATE reservations SET status = 'expired' WHERE drop_id = $1 AND status = 'active')
     UPDATE drops SET available_stock = available_stock + 1, reserved_stock = reserved_stock - 1 WHERE id = $1`,
    [dropId],
  );
  expect(await verifyStock(app.context.db, dropId)).toEqual([]);
});

describe('without the protections of the database, verify', () => {
  const drops = new Map<string, string>();

  beforeAll(async () => {
    for (const { what } of cases) drops.set(what, await dropWithHistory());
    await app.database.query(`
      ALTER TABLE drops DISABLE TRIGGER USER;
      ALTER TABLE reservations DISABLE TRIGGER USER;
      ALTER TABLE stock_movements DISABLE TRIGGER USER;
      ALTER TABLE drops DROP CONSTRAINT drops_stock_adds_up;
      ALTER TABLE drops DROP CONSTRAINT drops_available_stock_not_negative`);
  });

  it.for(cases)('finds $what', async ({ what, sql, problems }) => {
    const dropId = drops.get(what) ?? '';
    expect(await verifyStock(app.context.db, dropId)).toEqual([]);
    await app.database.query(sql, [dropId]);
    expect(await verifyStock(app.context.db, dropId)).toEqual([{ dropId, problems }]);
    expect(await verifyStock(app.context.db)).toContainEqual({ dropId, problems });
  });
});
