import { expect, it } from 'vitest';
import { mannWhitney } from '../../bench/harness/mann-whitney.js';

const range = (from: number, count: number) => Array.from({ length: count }, (_, index) => from + index);

// The figures follow from the formula with the corrections for ties and continuity.
it.each([
  ['apart', range(1, 5), range(6, 5), 0, 0.01219],
  ['one above the other', range(6, 5), range(1, 5), 25, 0.01219],
  ['with ties', [1, 2, 2, 3], [2, 3, 4, 4], 2.5, 0.13417],
  ['equal', [1, 2, 3], [1, 2, 3], 4.5, 1],
  ['constant', [1, 1], [1, 1], 2, 1],
])('two samples %s have the U and p of the test', (_name, first, second, u, p) => {
  const result = mannWhitney(first, second);
  expect(result.u).toBe(u);
  expect(result.p).toBeCloseTo(p, 4);
});

it('notices a shift of a tenth of the range in 200 values each', () => {
  const values = range(0, 200).map((value) => (value * 37) % 200);
  const shifted = (by: number) => values.map((value) => value + by);
  expect(mannWhitney(values, shifted(0.5)).p).toBeGreaterThan(0.5);
  expect(mannWhitney(values, shifted(20)).p).toBeLessThan(0.01);
});
