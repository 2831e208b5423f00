import { describe, expect, it } from 'vitest';
import { createStockHistory, type StockPoint } from '../../../web/src/dashboard/stock-history.js';

const TOTAL = 10;
/** A drop that sells one unit with each version: at version `v`, `v - 1` are sold. */
const point = (version: number, at: number, reservedStock = 0): StockPoint => ({
  version,
  at,
  soldStock: version - 1,
  reservedStock,
  availableStock: TOTAL - (version - 1) - reservedStock,
});

describe('the history of a drop', () => {
  it('has each value until the next one, and the last one until now', () => {
    const history = createStockHistory();
    history.load([point(1, 1_000), point(2, 3_000, 4), point(3, 5_000)]);
    expect(history.between(0, 9_000)).toEqual([
      [1, 3, 5, 9],
      [0, 1, 2, 2],
      [0, 5, 2, 2],
      [10, 10, 10, 10],
    ]);
  });

  it('starts with the stock at the first time', () => {
    const history = createStockHistory();
    history.load([point(1, 1_000), point(2, 3_000), point(3, 5_000)]);
    expect(history.between(4_000, 6_000).slice(0, 2)).toEqual([
      [4, 5, 6],
      [1, 2, 2],
    ]);
    expect(history.between(6_000, 7_000).slice(0, 2)).toEqual([
      [6, 7],
      [2, 2],
    ]);
  });

  it('is empty without points', () => {
    expect(createStockHistory().between(0, 1_000)).toEqual([[], [], [], []]);
  });

  it('takes only newer points from the feed', () => {
    const history = createStockHistory();
    for (const newPoint of [point(2, 2_000), point(4, 4_000), point(3, 4_500), point(4, 4_600)]) history.add(newPoint);
    expect(history.between(-Infinity, 4_000)[0]).toEqual([2, 4]);
  });

  it('prefers the times of the ledger, in any order of arrival', () => {
    const history = createStockHistory();
    history.add(point(3, 9_000));
    history.load([point(1, 1_000), point(2, 2_000), point(3, 3_000)]);
    history.add(point(3, 9_500));
    history.load([point(2, 2_000)]);
    expect(history.between(-Infinity, 3_000)[0]).toEqual([1, 2, 3]);
  });

  it('stays bounded: drops every second old point, never the newest', () => {
    const history = createStockHistory();
    for (let version = 1; version <= 20_000; version += 1) history.add(point(version, version));
    const [times] = history.between(-Infinity, 20_000);
    expect(times.length).toBeLessThanOrEqual(1_200);
    expect(times.slice(-100)).toEqual(Array.from({ length: 100 }, (_, index) => (19_901 + index) / 1_000));
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times[0]).toBe(0.001);
  });
});
