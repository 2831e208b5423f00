import { expect, it } from 'vitest';
import { createHistogram, summarizeLatencies } from '../../bench/harness/statistics.js';

it('the percentiles of a histogram are within 0.05 ms of those of the sorted values', () => {
  const values = Array.from({ length: 5_000 }, (_, index) => ((index * 7_919) % 5_000) / 17);
  const histogram = createHistogram();
  for (const value of values) histogram.add(value);
  const { p50, p99 } = summarizeLatencies(values);
  expect(histogram.count).toBe(5_000);
  expect(Math.abs(histogram.percentile(0.5) - p50)).toBeLessThanOrEqual(0.05);
  expect(Math.abs(histogram.percentile(0.99) - p99)).toBeLessThanOrEqual(0.05);
});

it('an empty histogram returns zero; negative and very long durations go to the first and last bucket', () => {
  const histogram = createHistogram();
  expect(histogram.percentile(0.99)).toBe(0);
  histogram.add(-5);
  histogram.add(1e9);
  expect([histogram.percentile(0.5), histogram.percentile(1)]).toEqual([0, 60_000]);
});
