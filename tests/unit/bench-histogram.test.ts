import { expect, it } from 'vitest';
import { createHistogram, summarizeLatencies } from '../../bench/harness/statistics.js';

it('agrees with the sorted list to a twentieth of a millisecond', () => {
  const values = Array.from({ length: 5_000 }, (_, index) => ((index * 7_919) % 5_000) / 17);
  const histogram = createHistogram();
  for (const value of values) histogram.add(value);
  const { p50, p99 } = summarizeLatencies(values);
  expect(histogram.count).toBe(5_000);
  expect(Math.abs(histogram.percentile(0.5) - p50)).toBeLessThanOrEqual(0.05);
  expect(Math.abs(histogram.percentile(0.99) - p99)).toBeLessThanOrEqual(0.05);
});

it('is zero without durations, and counts negative and very long durations in the first and last bucket', () => {
  const histogram = createHistogram();
  expect(histogram.percentile(0.99)).toBe(0);
  histogram.add(-5);
  histogram.add(1e9);
  expect([histogram.percentile(0.5), histogram.percentile(1)]).toEqual([0, 60_000]);
});
