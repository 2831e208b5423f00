import { describe, expect, it } from 'vitest';
import type { TestApp } from '../../helpers/app.js';
import { as } from '../http/support.js';
import { count, countResponses, race, stockOf, withoutLock, withServices } from './support.js';

const CHANGES = 100;
const BUYERS = 150;
const TOTAL = 60;

/** 100 changes beside a crowd that reserves: six in ten add a unit, the others take one off. */
async function restockDuringRush(app: TestApp, services: readonly TestApp[]) {
  const [dropId, admin, buyers] = await Promise.all([
    app.createDrop({ total_stock: TOTAL }),
    app.createUser('admin'),
    app.createUsers(BUYERS),
  ]);
  const change = (index: number) => {
    const { http } = services[index % services.length] ?? app;
    return as(admin, http.post(`/api/drops/${dropId}/stock`)).send({ delta: index % 10 < 6 ? 1 : -1 });
  };
  const [changes, reservations] = await race(app, dropId, () =>
    Promise.all([
      Promise.all(Array.from({ length: CHANGES }, (_, index) => change(index))),
      Promise.all(buyers.map((buyer) => app.reserve(buyer, dropId))),
    ]),
  );
  const added = changes.filter(({ status }, index) => status === 200 && index % 10 < 6).length;
  const takenOff = changes.filter(({ status }, index) => status === 200 && index % 10 >= 6).length;
  const granted = countResponses(reservations)['201'] ?? 0;
  return {
    refusals: Object.keys({ ...countResponses(changes), ...countResponses(reservations) }).sort(),
    movedBy: added - takenOff,
    movements: await count(app, `SELECT count(*) FROM stock_movements WHERE drop_id = $1 AND cause = 'adjust'`, [
      dropId,
    ]),
    changed: added + takenOff,
    granted,
    total: await count(app, 'SELECT total_stock AS count FROM drops WHERE id = $1', [dropId]),
    stock: await stockOf(app, dropId),
    mismatches: await app.mismatches(),
  };
}

describe('100 changes of stock at the same moment as reservations', () => {
  it('are each made once or refused, and no unit is sold twice', async () => {
    const { refusals, movedBy, movements, changed, granted, total, stock, mismatches } = await withServices(
      {},
      restockDuringRush,
    );
    expect(['200', '201', '409 sold-out', '409 stock-in-use']).toEqual(expect.arrayContaining(refusals));
    expect(movements).toBe(changed);
    expect(total).toBe(TOTAL + movedBy);
    expect(stock).toEqual({ available: total - granted, reserved: granted, sold: 0 });
    expect(mismatches).toEqual([]);
  });

  it('control: without the lock and the CHECK, units are taken off that are held', async () => {
    const { stock } = await withServices(
      {
        PgClient: withoutLock(),
        removedProtections: ['ALTER TABLE drops DROP CONSTRAINT drops_available_stock_not_negative'],
      },
      restockDuringRush,
    );
    expect(stock.available).toBeLessThan(0);
  });
});
