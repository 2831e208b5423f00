import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatValue } from '../../bench/harness/ask.js';
import { promisesTable, toMarkdown, type Result } from '../../bench/harness/report.js';
import { replaceBetweenMarks } from '../../bench/harness/results.js';

const spread = (median: number) => ({ median, min: median / 2, max: median * 2 });

const result: Result = {
  date: '2030-01-01T00:00:00.000Z',
  commit: 'abc with local changes',
  machine: { cpu: 'A processor', cores: 2, memoryGb: 24, os: 'An OS', node: 'v20', busy: 0.1 },
  postgres: { version: '18.4', settings: { fsync: 'on' } },
  warmUp: 1000,
  window: 3000,
  quick: false,
  answer: {
    question: 'speed',
    title: 'Speed',
    unit: 'things/s',
    better: 'higher',
    subject: 'ours',
    baseline: 'plain',
    connections: 256,
    rounds: [],
    repeatedRounds: 1,
    variants: [
      { name: 'ours', title: 'ours', spread: spread(12_345), facts: { 'p50, ms': 4 } },
      { name: 'plain', title: 'the plain way', spread: spread(1_000), facts: {} },
      { name: 'other', title: 'another', spread: spread(0.5), facts: {} },
    ],
    ratios: [
      { over: 'plain', spread: spread(12.345), goal: { floor: 20, target: 30, verdict: 'missed' } },
      { over: 'other', spread: spread(24_690) },
    ],
    figures: [
      {
        fact: 'p50, ms',
        spread: spread(4),
        goal: { question: 'speed', fact: 'p50, ms', better: 'lower', floor: 5, target: 4, verdict: 'target' },
      },
    ],
  },
};

describe('promisesTable', () => {
  it('has a line for each ratio and figure that something is promised of, and says what is missed', () => {
    const lines = promisesTable([result]).split('\n');
    expect(lines).toHaveLength(4);
    expect(lines[2]).toBe(
      '| Speed | over the plain way | **12.3 × (6.17 – 24.7)** | ≥ 20 | ≥ 30 | ✘ BELOW THE FLOOR |',
    );
    expect(lines[3]).toBe('| Speed | p50, ms | **4** (2 – 8) | ≤ 5 | ≤ 4 | ✔ target reached |');
  });
});

describe('toMarkdown', () => {
  it('shows every variant with its figures, and where they were taken', () => {
    const text = toMarkdown([result]);
    expect(text).toContain('| ours | **12 345** (6 173 – 24 690) | 1 | 4 |');
    expect(text).toContain('| another | **0.5** (0.25 – 1) | 24 690 × (12 345 – 49 380) |  |');
    for (const fact of ['abc with local changes', 'A processor', '18.4', 'fsync=on', '1 noisy ones repeated']) {
      expect(text).toContain(fact);
    }
  });
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
  ])('%d: %s', (value, text) => {
    expect(formatValue(value)).toBe(text);
  });
});

describe('replaceBetweenMarks', () => {
  it('finds its place in the document, and touches nothing else', async () => {
    const doc = await readFile(join(import.meta.dirname, '../../docs/performance.md'), 'utf8');
    const once = replaceBetweenMarks(doc, 'NEW');
    expect(once).toContain('<!-- results: written by npm run bench -->\n\nNEW\n\n<!-- /results -->');
    expect(replaceBetweenMarks(once, 'NEW')).toBe(once);
    const [before, after] = doc.split('<!-- results: written by npm run bench -->');
    expect(once.startsWith(before ?? '?')).toBe(true);
    expect(once.endsWith(after?.split('<!-- /results -->')[1] ?? '?')).toBe(true);
  });

  it('refuses a document without a place for them', () => {
    expect(() => replaceBetweenMarks('# Performance', 'NEW')).toThrow(/no place/);
  });
});
