import { describe, expect, it } from 'vitest';
import type { Benchmark } from '../../bench/benchmark.js';
import { runRounds, type Rounds } from '../../bench/harness/rounds.js';
import { resultOf, verdictOf } from '../../bench/report/result.js';

const benchmark: Benchmark = {
  name: 'speed',
  title: 'Speed',
  unit: 'a second',
  better: 'higher',
  subject: 'ours',
  variants: ['ours', 'plain', 'other', 'not here'].map((name) => ({
    name,
    title: name,
    run: () => Promise.reject(new Error('measured by the test')),
  })),
};

/**
 * Runs rounds in which each variant returns the values of its list in order.
 *
 * @param others the share of the CPU time that other programs use in each round; zero if it is left out.
 */
async function roundsOf(
  values: Record<string, number[]>,
  { rounds, maxRepeats = 1, others = [] }: { rounds: number; maxRepeats?: number; others?: (number | null)[] },
) {
  const order: string[] = [];
  let repeats = 0;
  let readings = 0;
  let used = 0;
  const result = await runRounds({
    variants: Object.keys(values),
    rounds,
    maxRepeats,
    run: (name) => {
      order.push(name);
      const value = values[name]?.shift() ?? NaN;
      return Promise.resolve({ value, metrics: { doubled: value * 2 }, violations: [] });
    },
    readTicks: () => {
      const share = others[(readings - 1) / 2] ?? 0;
      readings += 1;
      // Every second reading is the end of a round.
      if (readings % 2 === 0) used += 100 * share;
      const isUnknown = others[Math.floor((readings - 1) / 2)] === null;
      return Promise.resolve(isUnknown ? null : { total: readings * 100, used, own: 0 });
    },
    onRepeat: () => (repeats += 1),
  });
  return { ...result, order, repeats };
}

const oursOf = ({ kept }: Rounds) => kept.map(({ measurements }) => measurements.ours?.value);

describe('runRounds', () => {
  it('runs every variant once a round, in a different order each time', async () => {
    const { order, kept, repeated, disturbed } = await roundsOf(
      { plain: [1, 1], ours: [1, 1], other: [1, 1] },
      { rounds: 2 },
    );
    expect(order).toEqual(['plain', 'ours', 'other', 'ours', 'other', 'plain']);
    expect(kept).toHaveLength(2);
    expect({ repeated, disturbed }).toEqual({ repeated: 0, disturbed: false });
  });

  it('records what other programs used, and that it is unknown', async () => {
    const { kept } = await roundsOf({ ours: [1, 2] }, { rounds: 2, others: [0.05, null] });
    expect(kept.map(({ others }) => others)).toEqual([0.05, null]);
  });

  it('repeats and discards a round during which other programs used more than a tenth of the machine', async () => {
    const rounds = await roundsOf({ ours: [1, 2, 3] }, { rounds: 2, others: [0.1, 0.11, 0.1] });
    expect(oursOf(rounds)).toEqual([1, 3]);
    expect(rounds).toMatchObject({ repeated: 1, repeats: 1, disturbed: false });
  });

  it('keeps disturbed rounds after the maximum number of repeats, and says so', async () => {
    const others = Array.from({ length: 9 }, () => 0.5);
    const rounds = await roundsOf({ ours: [1, 2, 3, 4, 5, 6] }, { rounds: 3, maxRepeats: 2, others });
    expect(oursOf(rounds)).toEqual([3, 4, 5]);
    expect(rounds).toMatchObject({ repeated: 2, repeats: 2, disturbed: true });
    const withoutRepeats = await roundsOf({ ours: [1, 2, 3] }, { rounds: 2, maxRepeats: 0, others: [0, 0.5] });
    expect(oursOf(withoutRepeats)).toEqual([1, 2]);
    expect(withoutRepeats).toMatchObject({ repeated: 0, repeats: 0, disturbed: true });
  });
});

describe('resultOf', () => {
  it('computes ratios within a round and takes their median', async () => {
    // The machine was ten times slower in the second round; the ratio is the same.
    const values = { plain: [100, 10, 100], ours: [500, 50, 900], other: [50, 5, 50] };
    const { ratios, variants } = resultOf(benchmark, await roundsOf(values, { rounds: 3 }), [
      { benchmark: 'speed', over: 'plain', floor: 4, target: 8 },
    ]);
    expect(ratios).toEqual([
      { over: 'plain', spread: { median: 5, min: 5, max: 9 }, goal: { floor: 4, target: 8, verdict: 'floor' } },
      { over: 'other', spread: { median: 10, min: 10, max: 18 } },
    ]);
    expect(variants.map(({ name }) => name)).toEqual(['ours', 'plain', 'other']);
    expect(variants[0]).toMatchObject({ spread: { median: 500, min: 50, max: 900 }, metrics: { doubled: 1000 } });
  });

  it('compares the metrics of the subject with their goals', async () => {
    const rounds = await roundsOf({ ours: [5, 9, 7] }, { rounds: 3 });
    const goal = { benchmark: 'speed', metric: 'doubled', better: 'lower', floor: 20, target: 12 } as const;
    const { checkedMetrics, ratios } = resultOf(benchmark, rounds, [], [goal, { ...goal, benchmark: 'another' }]);
    expect(checkedMetrics).toEqual([
      { metric: 'doubled', spread: { median: 14, min: 10, max: 18 }, goal: { ...goal, verdict: 'floor' } },
    ]);
    expect(ratios).toEqual([]);
  });

  it('ignores the goals of other benchmarks', async () => {
    const rounds = await roundsOf({ plain: [1], ours: [1] }, { rounds: 1 });
    const { ratios } = resultOf(benchmark, rounds, [{ benchmark: 'another', over: 'plain', floor: 6, target: 8 }]);
    expect(ratios).toEqual([{ over: 'plain', spread: { median: 1, min: 1, max: 1 } }]);
  });

  it('calls no floor missed after disturbed rounds', async () => {
    const values = () => ({ plain: [10, 10, 10, 10, 10], ours: [10, 10, 10, 10, 10] });
    const goals = [{ benchmark: 'speed', over: 'plain', floor: 2, target: 3 }];
    const quiet = await roundsOf(values(), { rounds: 5, maxRepeats: 0 });
    expect(resultOf(benchmark, quiet, goals).ratios[0]?.goal?.verdict).toBe('missed');
    const disturbed = await roundsOf(values(), { rounds: 5, maxRepeats: 0, others: [0, 0, 0.4] });
    expect(resultOf(benchmark, disturbed, goals).ratios[0]?.goal?.verdict).toBe('unclear');
  });
});

describe('verdictOf', () => {
  const higher = { floor: 6, target: 12, better: 'higher' } as const;
  const lower = { floor: 0.1, target: 0.03, better: 'lower' } as const;
  const five = (figure: number) => Array.from({ length: 5 }, () => figure);

  it.each([
    [5.9, 'missed'],
    [6, 'floor'],
    [11.9, 'floor'],
    [12, 'target'],
  ])('of five rounds of %d is %s if higher is better', (figure, verdict) => {
    expect(verdictOf(five(figure), higher, false)).toBe(verdict);
  });

  it.each([
    [0.11, 'missed'],
    [0.1, 'floor'],
    [0.04, 'floor'],
    [0.03, 'target'],
  ])('of five rounds of %d is %s if lower is better', (figure, verdict) => {
    expect(verdictOf(five(figure), lower, false)).toBe(verdict);
  });

  it('rests on the median above the floor', () => {
    expect(verdictOf([1, 1, 6, 7, 8], higher, false)).toBe('floor');
    expect(verdictOf([1, 1, 12, 13, 14], higher, true)).toBe('target');
  });

  it('below the floor is unclear if one of five rounds reaches it, and missed with one of eight', () => {
    expect(verdictOf([5, 5, 5, 5, 6], higher, false)).toBe('unclear');
    expect(verdictOf([5, 5, 5, 5, 5, 5, 6], higher, false)).toBe('unclear');
    expect(verdictOf([5, 5, 5, 5, 5, 5, 5, 6], higher, false)).toBe('missed');
  });

  it('below the floor is unclear after fewer than five rounds, or if other programs used the machine', () => {
    expect(verdictOf([1, 1, 1, 1], higher, false)).toBe('unclear');
    expect(verdictOf(five(1), higher, true)).toBe('unclear');
  });

  it('of NaN is missed', () => {
    expect(verdictOf([NaN], lower, true)).toBe('missed');
    expect(verdictOf([12, NaN], higher, false)).toBe('missed');
  });
});
