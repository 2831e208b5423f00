import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatValue, goalsTable, toMarkdown, type SavedResult } from '../../bench/report/report.js';
import { replaceBetweenMarks } from '../../bench/report/save-results.js';

const spread = (median: number) => ({ median, min: median / 2, max: median * 2 });

const result: SavedResult = {
  date: '2030-01-01T00:00:00.000Z',
  commit: 'abc with local changes',
  machine: { cpu: 'A processor', cores: 2, memoryGb: 24, os: 'An OS', node: 'v20', busy: 0.1 },
  postgres: { version: '18.4', settings: { fsync: 'on' } },
  warmUpMs: 1000,
  windowMs: 3000,
  quick: false,
  result: {
    benchmark: 'speed',
    title: 'Speed',
    unit: 'things/s',
    better: 'higher',
    subject: 'ours',
    connections: 256,
    rounds: [],
    repeatedRounds: 1,
    disturbed: false,
    note: 'Generator: a program',
    variants: [
      { name: 'ours', title: 'ours', spread: spread(12_345), metrics: { 'p50, ms': 4 } },
      { name: 'plain', title: 'the plain way', spread: spread(1_000), metrics: {} },
      { name: 'other', title: 'another', spread: spread(0.5), metrics: {} },
    ],
    ratios: [
      { over: 'plain', spread: spread(12.345), goal: { floor: 20, target: 30, verdict: 'missed' } },
      { over: 'other', spread: spread(24_690) },
    ],
    checkedMetrics: [
      {
        metric: 'p50, ms',
        spread: spread(4),
        goal: { benchmark: 'speed', metric: 'p50, ms', better: 'lower', floor: 5, target: 4, verdict: 'target' },
      },
    ],
  },
};

describe('goalsTable', () => {
  it('has a line for each ratio and metric with a goal, and marks missed goals', () => {
    const lines = goalsTable([result]).split('\n');
    expect(lines).toHaveLength(4);
    expect(lines[2]).toBe(
      '| Speed | over the plain way | **12.3 × (6.17 – 24.7)** | ≥ 20 | ≥ 30 | ✘ BELOW THE FLOOR |',
    );
    expect(lines[3]).toBe('| Speed | p50, ms | **4** (2 – 8) | ≤ 5 | ≤ 4 | ✔ target reached |');
  });
});

describe('toMarkdown', () => {
  it('contains every variant with its figures, and the environment', () => {
    const text = toMarkdown([result]);
    expect(text).toContain('| ours | **12 345** (6 173 – 24 690) | 1 | 4 |');
    expect(text).toContain('| another | **0.5** (0.25 – 1) | 24 690 × (12 345 – 49 380) |  |');
    for (const fact of [
      'abc with local changes',
      'A processor',
      '18.4',
      'fsync=on',
      '1 disturbed ones repeated',
      'Generator: a program',
    ]) {
      expect(text).toContain(fact);
    }
  });
});

it('the report says that other programs used the machine, and which goals are unclear', () => {
  expect(toMarkdown([result])).not.toContain('Other programs');
  const [ratio] = result.result.ratios;
  if (!ratio?.goal) throw new Error('the first ratio has a goal');
  const unclear = { ...ratio, goal: { ...ratio.goal, verdict: 'unclear' as const } };
  const text = toMarkdown([{ ...result, result: { ...result.result, disturbed: true, ratios: [unclear] } }]);
  expect(text).toContain('Other programs used the machine');
  expect(text).toContain('| ≥ 20 | ≥ 30 | ? below the floor, too noisy to tell |');
});

describe('formatValue', () => {
  it.each([
    [1_234_567, '1 234 567'],
    [100.4, '100'],
    [99.95, '100'],
    [12.345, '12.3'],
    [0.034567, '0.0346'],
    [0, '0'],
    [NaN, 'NaN'],
  ])('formats %d as %s', (value, text) => {
    expect(formatValue(value)).toBe(text);
  });
});

describe('replaceBetweenMarks', () => {
  it('replaces the text between the marks and nothing else', async () => {
    const doc = await readFile(join(import.meta.dirname, '../../docs/performance.md'), 'utf8');
    const once = replaceBetweenMarks(doc, 'NEW');
    expect(once).toContain('<!-- results: written by npm run bench -->\n\nNEW\n\n<!-- /results -->');
    expect(replaceBetweenMarks(once, 'NEW')).toBe(once);
    const [before, after] = doc.split('<!-- results: written by npm run bench -->');
    expect(once.startsWith(before ?? '?')).toBe(true);
    expect(once.endsWith(after?.split('<!-- /results -->')[1] ?? '?')).toBe(true);
  });

  it('throws for a document without the marks', () => {
    expect(() => replaceBetweenMarks('# Performance', 'NEW')).toThrow(/no place/);
  });
});
