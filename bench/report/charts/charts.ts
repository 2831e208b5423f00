import { goalsTable, type SavedResult } from '../report.js';
import { benchmarkChart } from './benchmark-chart.js';
import { goalsChart } from './goals-chart.js';

export const CHARTS = 'docs/images/bench';

/** The benchmarks whose variants are compared in a chart. */
const CHARTED = [
  'hot-drop-http',
  'hot-drop-service',
  'hot-drop-history',
  'stack-over-node',
  'sold-out',
  'burst-5000',
  'rush-20000',
];

export interface Chart {
  /** In {@link CHARTS}. */
  readonly file: string;
  readonly title: string;
  readonly svg: string;
}

/** The charts of docs/performance.md. The same results give the same bytes. */
export function chartsOf(results: readonly SavedResult[]): Chart[] {
  const charted = CHARTED.flatMap((name) => results.find(({ result }) => result.benchmark === name)?.result ?? []);
  return [
    { file: 'goals.svg', title: 'Every figure with a goal, as a multiple of its floor', svg: goalsChart(results) },
    ...charted.map((result) => ({
      file: `${result.benchmark}.svg`,
      title: `${result.title}: ${result.unit} of each variant`,
      svg: benchmarkChart(result),
    })),
  ];
}

/** The generated part of docs/performance.md: the goals, and the charts. */
export function figuresOf(results: readonly SavedResult[]): string {
  const images = chartsOf(results).map(({ file, title }) => `![${title}](${CHARTS.replace('docs/', '')}/${file})`);
  return [goalsTable(results), ...images].join('\n\n');
}
