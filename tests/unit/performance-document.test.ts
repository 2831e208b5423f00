import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';
import { benchmarkChart } from '../../bench/report/charts/benchmark-chart.js';
import { CHARTS, chartsOf, figuresOf } from '../../bench/report/charts/charts.js';
import { goalsChart } from '../../bench/report/charts/goals-chart.js';
import { THEMES, WIDTH } from '../../bench/report/charts/svg.js';
import type { SavedResult } from '../../bench/report/report.js';
import { replaceBetweenMarks } from '../../bench/report/save-results.js';

const root = join(import.meta.dirname, '../..');
const latest = JSON.parse(await readFile(join(root, 'bench/results/latest.json'), 'utf8')) as SavedResult[];
const charts = chartsOf(latest);

describe('docs/performance.md', () => {
  it('contains the latest results and every chart', async () => {
    const path = join(root, 'docs/performance.md');
    const text = replaceBetweenMarks(await readFile(path, 'utf8'), figuresOf(latest));
    const options = { ...(await resolveConfig(path)), filepath: path };
    await expect(await format(text, options)).toMatchFileSnapshot(path);
    for (const { file } of charts) expect(text).toContain(`](images/bench/${file})`);
  });

  it.each(charts)('shows $file as it is drawn from the latest results', async ({ file, svg }) => {
    await expect(svg).toMatchFileSnapshot(join(root, CHARTS, file));
  });

  it('has no other charts', async () => {
    expect((await readdir(join(root, CHARTS))).sort()).toEqual(charts.map(({ file }) => file).sort());
  });
});

const [some] = latest;
if (!some) throw new Error('there are no results');
const spread = (median: number) => ({ median, min: median / 2, max: median * 2 });
const goal = { floor: 2, target: 4, verdict: 'floor' } as const;
const speed: SavedResult = {
  ...some,
  result: {
    ...some.result,
    title: 'Speed & <more>',
    unit: 'things/s',
    better: 'higher',
    subject: 'ours',
    variants: [
      { name: 'ours', title: 'ours', spread: spread(3_000), metrics: {} },
      { name: 'plain', title: 'the plain way', spread: spread(1_000), metrics: {} },
    ],
    ratios: [{ over: 'plain', spread: spread(3), goal }],
    checkedMetrics: [],
  },
};

/** The number that an attribute has in each element that matches. */
const numbersOf = (svg: string, element: RegExp, attribute: string) =>
  [...svg.matchAll(element)].map(([tag]) => Number(new RegExp(`\\b${attribute}="([^"]+)"`).exec(tag)?.[1]));

/** The names of elements that are not closed, or closed in the wrong order. */
function unbalanced(svg: string): string[] {
  const open: string[] = [];
  const wrong: string[] = [];
  for (const [, closes, name = '', , closed] of svg.matchAll(/<(\/?)([a-z]+)((?: [a-zA-Z0-9-]+="[^"<>]*")*)(\/?)>/g)) {
    if (closes && open.pop() !== name) wrong.push(name);
    else if (!closes && !closed) open.push(name);
  }
  return [...wrong, ...open];
}

describe('a chart', () => {
  it.each([...charts, { file: 'an example', svg: benchmarkChart(speed.result) }])(
    '$file is well-formed, and nothing leaves its card',
    ({ svg }) => {
      expect(unbalanced(svg)).toEqual([]);
      expect(svg.replace(/<\/?[a-z][^<>]*>/g, '')).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/);
      expect(svg).not.toMatch(/NaN|Infinity|undefined/);
      for (const x of ['x', 'x1', 'x2'].flatMap((name) => numbersOf(svg, /<(?:rect|line|text)[^>]+>/g, name))) {
        if (Number.isNaN(x)) continue;
        expect(x).toBeGreaterThanOrEqual(0);
        expect(x).toBeLessThanOrEqual(WIDTH);
      }
    },
  );

  it('of a benchmark has a bar for each variant, as long as its median, and the figures as text', () => {
    const svg = benchmarkChart(speed.result);
    const [ours = NaN] = numbersOf(svg, /<rect class="subject"[^>]+>/g, 'width');
    const [plain = NaN] = numbersOf(svg, /<rect class="other"[^>]+>/g, 'width');
    expect(ours / plain).toBeCloseTo(3, 1);
    for (const part of ['>3 000<', '>1 000 (ours: 3 ×)<', '>Speed &amp; &lt;more&gt;<', 'things/s, higher is better']) {
      expect(svg).toContain(part);
    }
  });

  it('of the goals places a figure at its multiple of the floor, whether a goal is a minimum or a maximum', () => {
    const lower = { ...speed, result: { ...speed.result, better: 'lower' as const } };
    const centre = (result: SavedResult) =>
      (numbersOf(goalsChart([result]), /<rect class="holds"[^>]+>/g, 'x')[0] ?? NaN) + 5;
    const mark = (svg: string, label: string) =>
      Number(new RegExp(`<text[^>]* x="([^"]+)"[^>]*>${label}</text>`).exec(svg)?.[1]);
    const svg = goalsChart([speed]);
    expect(centre(speed)).toBeGreaterThan(mark(svg, '1'));
    expect(centre(speed)).toBeLessThan(mark(svg, '2'));
    expect(centre(lower)).toBeLessThan(mark(svg, '1'));
    expect(centre(lower)).toBeGreaterThan(mark(svg, '1/2'));
  });

  it('of the goals marks a missed floor', () => {
    const missed = {
      ...speed.result.ratios[0],
      over: 'plain',
      spread: spread(1),
      goal: { ...goal, verdict: 'missed' as const },
    };
    const svg = goalsChart([{ ...speed, result: { ...speed.result, ratios: [missed] } }]);
    expect(svg).toContain('<rect class="missed"');
    expect(svg).not.toContain('<rect class="holds"');
  });

  it.each(Object.entries(THEMES))('is readable in the %s theme: WCAG 2.2, 1.4.3 and 1.4.11', (_, theme) => {
    for (const name of ['text', 'muted'] as const) expect(contrast(theme[name], theme.background)).toBeGreaterThan(4.5);
    for (const name of ['subject', 'other', 'holds', 'missed'] as const) {
      expect(contrast(theme[name], theme.background)).toBeGreaterThan(3);
    }
  });
});

function contrast(first: string, second: string): number {
  const [low = NaN, high = NaN] = [luminance(first), luminance(second)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

function luminance(colour: string): number {
  const [red = NaN, green = NaN, blue = NaN] = [1, 3, 5].map((start) => {
    const value = parseInt(colour.slice(start, start + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
