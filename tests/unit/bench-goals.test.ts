import { describe, expect, it } from 'vitest';
import { benchmarks } from '../../bench/benchmarks/index.js';
import { metricGoals, ratioGoals } from '../../bench/goals.js';
import { roundsOf, variantsFor } from '../../bench/harness/run-benchmark.js';
import { parseOptions, UsageError } from '../../bench/options.js';

describe('ratioGoals', () => {
  it.each(ratioGoals.map((goal) => [goal.benchmark, goal.over, goal] as const))(
    'have consistent limits for %s over %s',
    (name, over, { floor, target }) => {
      const benchmark = benchmarks.find((each) => each.name === name);
      expect(benchmark?.variants.map((variant) => variant.name)).toContain(over);
      expect(over).not.toBe(benchmark?.subject);
      expect(benchmark?.better === 'higher' ? target > floor : target < floor).toBe(true);
    },
  );
});

describe('metricGoals', () => {
  it.each(metricGoals.map((goal) => [goal.benchmark, goal.metric, goal] as const))(
    'have consistent limits for %s: %s',
    (name, metric, { better, floor, target }) => {
      expect(benchmarks.map((benchmark) => benchmark.name)).toContain(name);
      expect(metric).not.toBe('');
      expect(better === 'higher' ? target > floor : target < floor).toBe(true);
    },
  );
});

describe('benchmarks', () => {
  it.each(benchmarks.map((benchmark) => [benchmark.name, benchmark] as const))(
    'include %s with unique variants and its subject',
    (_, { variants, subject }) => {
      const names = variants.map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      expect(names).toContain(subject);
    },
  );

  it('have unique names', () => {
    expect(new Set(benchmarks.map(({ name }) => name)).size).toBe(benchmarks.length);
  });
});

describe('variantsFor', () => {
  const service = benchmarks.find(({ name }) => name === 'hot-drop-service');
  if (!service) throw new Error('the benchmark does not exist');
  const names = (quick: boolean, pgbench: string | null) =>
    variantsFor(service, { quick, programs: { pgbench, wrk: null, 'redis-server': null } }).map(({ name }) => name);

  it('leaves out variants from a quick run whose goals it does not check', () => {
    expect(names(false, '/bin/pgbench')).toContain('sequelize-like');
    expect(names(true, '/bin/pgbench')).toEqual(['ours', 'one-transaction', 'one-row-commits']);
  });

  it('leaves out pgbench variants if pgbench is not installed', () => {
    expect(names(false, null)).toEqual(['ours', 'one-transaction', 'sequelize-like']);
  });
});

describe('parseOptions', () => {
  const parse = (...args: string[]) => parseOptions(args, ['one', 'two']);

  it('returns the defaults and the given options', () => {
    expect(parse()).toEqual({ help: false, quick: false, only: [], rounds: 5 });
    expect(parse('--quick').rounds).toBe(5);
    expect(parse('--quick', '--rounds', '3').rounds).toBe(3);
    expect(parse('--only', 'two', '--only', 'one').only).toEqual(['two', 'one']);
  });

  it.each([
    [['--fast'], /--fast/],
    [['one'], /one/],
    [['--only'], /--only/],
    [['--only', 'three'], /no benchmark three.*one, two/],
    [['--rounds', '0'], /"0"/],
    [['--rounds', 'many'], /"many"/],
  ])('rejects %j', (args, message) => {
    expect(() => parse(...args)).toThrow(UsageError);
    expect(() => parse(...args)).toThrow(message);
  });
});

it('benchmarks without a goal have three rounds at most', () => {
  const find = (name: string) => {
    const found = benchmarks.find((benchmark) => benchmark.name === name);
    if (!found) throw new Error(`there is no benchmark ${name}`);
    return found;
  };
  expect(roundsOf(find('cost-of-a-hold'), 5)).toBe(3);
  expect(roundsOf(find('cost-of-a-hold'), 1)).toBe(1);
  expect(roundsOf(find('hot-drop-http'), 5)).toBe(5);
  expect(roundsOf(find('idle'), 9)).toBe(9);
});
