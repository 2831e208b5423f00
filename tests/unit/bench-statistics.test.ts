import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { spreadOf, summarizeLatencies } from '../../bench/harness/statistics.js';

describe('spreadOf', () => {
  it('returns the middle value, or the mean of the two middle values', () => {
    expect(spreadOf([5, 1, 3])).toEqual({ median: 3, min: 1, max: 5 });
    expect(spreadOf([4, 1, 3, 100])).toEqual({ median: 3.5, min: 1, max: 100 });
    expect(spreadOf([7])).toEqual({ median: 7, min: 7, max: 7 });
  });

  it('sorts numerically and does not change its argument', () => {
    const values = [10, 9, 100];
    expect(spreadOf(values).median).toBe(10);
    expect(values).toEqual([10, 9, 100]);
  });

  it('throws without values', () => {
    expect(() => spreadOf([])).toThrow(RangeError);
  });

  it('has as many values above the median as below it', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1 }), (values) => {
        const { median, min, max } = spreadOf(values);
        expect(values.filter((value) => value < median).length).toBeLessThanOrEqual(values.length / 2);
        expect(values.filter((value) => value > median).length).toBeLessThanOrEqual(values.length / 2);
        expect([min, max]).toEqual([Math.min(...values), Math.max(...values)]);
      }),
    );
  });
});

describe('summarizeLatencies', () => {
  it('returns the least value that is not exceeded by this share of the values', () => {
    const upTo = (count: number) => Array.from({ length: count }, (_, index) => count - index);
    expect(summarizeLatencies(upTo(100))).toEqual({ p50: 50, p99: 99 });
    expect(summarizeLatencies(upTo(1000))).toEqual({ p50: 500, p99: 990 });
    expect(summarizeLatencies([3])).toEqual({ p50: 3, p99: 3 });
  });

  it('returns zero without values', () => {
    expect(summarizeLatencies([])).toEqual({ p50: 0, p99: 0 });
  });
});
