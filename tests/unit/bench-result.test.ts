import { describe, expect, it } from 'vitest';
import type { Benchmark } from '../../bench/benchmark.js';
import { runRounds } from '../../bench/harness/rounds.js';
import { resultOf, verdictOf } from '../../bench/report/result.js';

const benchmark: Benchmark = {
  name: 'speed',
  title: 'Speed',
  unit: 'a second',
  better: 'higher',
  subject: 'ours',
  baseline: 'plain',
  variants: ['ours', 'plain', 'other', 'not here'].map((name) => ({
    name,
    title: name,
    run: () => Promise.reject(new Error('measured by the test')),
  })),
};

/** Runs rounds in which each variant returns the values of its list in order. */
async function roundsOf(values: Record<string, number[]>, rounds: number, maxRepeats = 1) {
  const order: string[] = [];
  let repeats = 0;
  const result = await runRounds({
    benchmark,
    others: Object.keys(values).filter((name) => name !== benchmark.baseline),
    rounds,
    maxRepeats,
    run: (name) => {
      order.push(name);
      const value = values[name]?.shift() ?? NaN;
      return Promise.resolve({ value, metrics: { doubled: value * 2 }, violations: [] });
    },
    onRepeat: () => (repeats += 1),
  });
  return { ...result, order, repeats };
}

describe('runRounds', () => {
  it('runs the baseline first and last, and the other variants in a different order each round', async () => {
    const { order, kept } = await roundsOf({ plain: [1, 1, 1, 1], ours: [1, 1], other: [1, 1] }, 2);
    expect(order).toEqual(['plain', 'ours', 'other', 'plain', 'plain', 'other', 'ours', 'plain']);
    expect(kept).toHaveLength(2);
  });

  it('averages the two runs of the baseline', async () => {
    const { kept } = await roundsOf({ plain: [10, 14], ours: [100] }, 1);
    expect(kept[0]?.baseline).toEqual([10, 14]);
    expect(kept[0]?.measurements.plain).toMatchObject({ value: 12, metrics: { doubled: 24 } });
    expect(kept[0]?.measurements.ours?.value).toBe(100);
  });

  it('repeats and discards a round whose baseline runs differ by more than half', async () => {
    const { kept, repeated, repeats, tooNoisy } = await roundsOf({ plain: [10, 16, 10, 15], ours: [1, 100] }, 1);
    expect({ repeated, repeats, tooNoisy }).toEqual({ repeated: 1, repeats: 1, tooNoisy: false });
    expect(kept.map(({ measurements }) => measurements.ours?.value)).toEqual([100]);
  });

  it('gives up after the maximum number of repeats', async () => {
    const noisy = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? 10 : 20));
    const { tooNoisy, repeated, order } = await roundsOf({ plain: noisy }, 2, 2);
    expect({ tooNoisy, repeated }).toEqual({ tooNoisy: true, repeated: 2 });
    expect(order).toHaveLength(6);
  });
});

describe('resultOf', () => {
  it('computes ratios within a round and takes their median', async () => {
    // The machine was ten times slower in the second round; the ratio is the same.
    const rounds = await roundsOf({ plain: [100, 100, 10, 10, 100, 100], ours: [500, 50, 900], other: [50, 5, 50] }, 3);
    const { ratios, variants } = resultOf(benchmark, rounds, [
      { benchmark: 'speed', over: 'plain', floor: 6, target: 8 },
    ]);
    expect(ratios).toEqual([
      { over: 'plain', spread: { median: 5, min: 5, max: 9 }, goal: { floor: 6, target: 8, verdict: 'missed' } },
      { over: 'other', spread: { median: 10, min: 10, max: 18 } },
    ]);
    expect(variants.map(({ name }) => name)).toEqual(['ours', 'plain', 'other']);
    expect(variants[0]).toMatchObject({ spread: { median: 500, min: 50, max: 900 }, metrics: { doubled: 1000 } });
  });

  it('compares the metrics of the subject with their goals', async () => {
    const rounds = await roundsOf({ plain: [1, 1, 1, 1, 1, 1], ours: [5, 9, 7] }, 3);
    const goal = { benchmark: 'speed', metric: 'doubled', better: 'lower', floor: 20, target: 12 } as const;
    const { checkedMetrics } = resultOf(benchmark, rounds, [], [goal, { ...goal, benchmark: 'another' }]);
    expect(checkedMetrics).toEqual([
      { metric: 'doubled', spread: { median: 14, min: 10, max: 18 }, goal: { ...goal, verdict: 'floor' } },
    ]);
  });

  it('ignores the goals of other benchmarks', async () => {
    const rounds = await roundsOf({ plain: [1, 1], ours: [1] }, 1);
    const { ratios } = resultOf(benchmark, rounds, [{ benchmark: 'another', over: 'plain', floor: 6, target: 8 }]);
    expect(ratios).toEqual([{ over: 'plain', spread: { median: 1, min: 1, max: 1 } }]);
  });
});

describe('verdictOf', () => {
  it.each([
    [5.9, 'missed'],
    [6, 'floor'],
    [11.9, 'floor'],
    [12, 'target'],
  ])('of %d is %s if higher is better', (ratio, verdict) => {
    expect(verdictOf(ratio, { floor: 6, target: 12 }, 'higher')).toBe(verdict);
  });

  it.each([
    [0.11, 'missed'],
    [0.1, 'floor'],
    [0.04, 'floor'],
    [0.03, 'target'],
  ])('of %d is %s if lower is better', (ratio, verdict) => {
    expect(verdictOf(ratio, { floor: 0.1, target: 0.03 }, 'lower')).toBe(verdict);
  });

  it('of NaN is missed', () => {
    expect(verdictOf(NaN, { floor: 0.1, target: 0.03 }, 'lower')).toBe('missed');
    expect(verdictOf(NaN, { floor: 6, target: 12 }, 'higher')).toBe('missed');
  });
});
