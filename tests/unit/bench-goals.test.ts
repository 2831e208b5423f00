import { describe, expect, it } from 'vitest';
import { figureGoals, goals } from '../../bench/goals.js';
import { variantsFor } from '../../bench/harness/ask.js';
import { parseOptions, UsageError } from '../../bench/options.js';
import { questions } from '../../bench/questions/index.js';

describe('goals', () => {
  it.each(goals.map((goal) => [goal.question, goal.over, goal] as const))(
    '%s over %s',
    (name, over, { floor, target }) => {
      const question = questions.find((each) => each.name === name);
      expect(question?.variants.map((variant) => variant.name)).toContain(over);
      expect(over).not.toBe(question?.subject);
      expect(question?.better === 'higher' ? target > floor : target < floor).toBe(true);
    },
  );
});

describe('goals of a figure', () => {
  it.each(figureGoals.map((goal) => [goal.question, goal.fact, goal] as const))(
    '%s: %s',
    (name, fact, { better, floor, target }) => {
      expect(questions.map((question) => question.name)).toContain(name);
      expect(fact).not.toBe('');
      expect(better === 'higher' ? target > floor : target < floor).toBe(true);
    },
  );
});

describe('questions', () => {
  it.each(questions.map((question) => [question.name, question] as const))(
    '%s',
    (_, { variants, subject, baseline }) => {
      const names = variants.map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      expect(names).toEqual(expect.arrayContaining([subject, baseline]));
      expect(subject).not.toBe(baseline);
    },
  );

  it('have names of their own', () => {
    expect(new Set(questions.map(({ name }) => name)).size).toBe(questions.length);
  });
});

describe('variantsFor', () => {
  const service = questions.find(({ name }) => name === 'hot-drop-service');
  if (!service) throw new Error('the question is gone');
  const names = (quick: boolean, pgbench: string | null) =>
    variantsFor(service, { quick, pgbench }).map(({ name }) => name);

  it('leaves out what has no goal from a quick run', () => {
    expect(names(false, '/bin/pgbench')).toContain('sequelize-like');
    expect(names(true, '/bin/pgbench')).toEqual(['ours', 'one-transaction', 'one-row-commits']);
  });

  it('leaves out what needs pgbench where there is none', () => {
    expect(names(false, null)).toEqual(['ours', 'one-transaction', 'sequelize-like']);
  });
});

describe('parseOptions', () => {
  const parse = (...args: string[]) => parseOptions(args, ['one', 'two']);

  it('has its defaults', () => {
    expect(parse()).toEqual({ help: false, quick: false, only: [], rounds: 5 });
    expect(parse('--quick').rounds).toBe(2);
    expect(parse('--quick', '--rounds', '3').rounds).toBe(3);
    expect(parse('--only', 'two', '--only', 'one').only).toEqual(['two', 'one']);
  });

  it.each([
    [['--fast'], /--fast/],
    [['one'], /one/],
    [['--only'], /--only/],
    [['--only', 'three'], /no question three.*one, two/],
    [['--rounds', '0'], /"0"/],
    [['--rounds', 'many'], /"many"/],
  ])('refuses %j', (args, message) => {
    expect(() => parse(...args)).toThrow(UsageError);
    expect(() => parse(...args)).toThrow(message);
  });
});
