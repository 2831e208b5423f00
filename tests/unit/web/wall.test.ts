import { describe, expect, it, test } from 'vitest';
import { isOver, nextDrop } from '../../../web/src/dashboard/wall/next-drop.js';
import { createReservationRate } from '../../../web/src/dashboard/wall/reservation-rate.js';

describe('a drop is over', () => {
  it.each([
    ['ended', 3, true],
    ['cancelled', 0, true],
    ['sold_out', 0, true],
    // Units on hold may come back.
    ['sold_out', 1, false],
    ['live', 0, false],
    ['paused', 0, false],
    ['scheduled', 0, false],
    ['draft', 0, false],
  ] as const)('%s with %i on hold: %s', (status, reservedStock, expected) => {
    expect(isOver({ status, reservedStock })).toBe(expected);
  });
});

describe('the drop that opens next', () => {
  const at = (hour: number) => `2026-12-01T${String(hour).padStart(2, '0')}:00:00.000Z`;
  const drop = (id: string, hour: number) => ({ id, dropStartsAt: at(hour) });
  const noon = Date.parse(at(12));

  it('is the first that starts after the one that is over', () => {
    expect(nextDrop(drop('over', 10), noon, [drop('late', 18), drop('soon', 13)])?.id).toBe('soon');
  });

  it('may have opened before the other one was over', () => {
    expect(nextDrop(drop('over', 10), noon, [drop('late', 18), drop('open', 11)])?.id).toBe('open');
  });

  it('is not one that opened before', () => {
    expect(nextDrop(drop('over', 10), noon, [drop('earlier', 9), drop('over', 10)])).toBeNull();
  });

  it('may start before a drop that was cancelled before its start', () => {
    expect(nextDrop(drop('over', 20), noon, [drop('soon', 13)])?.id).toBe('soon');
  });
});

describe('the rate of reservations', () => {
  const stock = (availableStock: number, totalStock = 100) => ({ availableStock, totalStock });

  test('is measured over five seconds', () => {
    const rate = createReservationRate();
    rate.add(stock(100), 0);
    rate.add(stock(90), 1_000);
    rate.add(stock(75), 2_000);
    expect(rate.perSecond(2_000)).toBe(5);
    expect(rate.perSecond(6_500)).toBe(3);
    expect(rate.perSecond(7_000)).toBe(0);
  });

  test('does not count units that come back, or that are put on sale or taken off', () => {
    const rate = createReservationRate();
    rate.add(stock(50), 0);
    rate.add(stock(60), 1_000);
    rate.add(stock(80, 120), 2_000);
    rate.add(stock(30, 70), 3_000);
    expect(rate.perSecond(3_000)).toBe(0);
  });

  test('does not count what changed while the connection was lost', () => {
    const rate = createReservationRate();
    rate.add(stock(50), 0);
    rate.interrupt();
    rate.add(stock(10), 1_000);
    rate.add(stock(5), 2_000);
    expect(rate.perSecond(2_000)).toBe(1);
  });
});
