import type { Spread } from '../harness/statistics.js';
import type { BenchmarkResult, CheckedMetric, Ratio, Verdict } from './result.js';
import type { RunEnvironment } from './run-environment.js';

/** An entry of bench/results/latest.json. */
export interface SavedResult extends RunEnvironment {
  readonly result: BenchmarkResult;
}

const VERDICTS: Readonly<Record<Verdict, string>> = {
  target: '✔ target reached',
  floor: '✔ floor holds',
  missed: '✘ BELOW THE FLOOR',
  unclear: '? below the floor, too noisy to tell',
};

/** The results as Markdown: the goals first, then each benchmark. */
export function toMarkdown(results: readonly SavedResult[]): string {
  const parts = [
    '# Benchmark results',
    'Written by `npm run bench`; [docs/performance.md](../../docs/performance.md) describes each benchmark. Figures are medians over the rounds, with minimum and maximum.',
    '## Goals',
    goalsTable(results),
    ...results.map(section),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** Every ratio and metric that has a goal, with its floor and target. */
export function goalsTable(results: readonly SavedResult[]): string {
  const rows = results.flatMap(({ result }) => [
    ...result.ratios.flatMap(({ over, spread, goal }) =>
      goal
        ? [goalRow(result, `over ${titleOf(result, over)}`, `**${formatRatio(spread)}**`, { ...result, ...goal })]
        : [],
    ),
    ...result.checkedMetrics.map(({ metric, spread, goal }) => goalRow(result, metric, formatSpread(spread), goal)),
  ]);
  return table(['Benchmark', 'Figure', 'Measured', 'Floor', 'Target', ''], rows);
}

function goalRow(
  { title }: BenchmarkResult,
  figure: string,
  measured: string,
  { better, floor, target, verdict }: CheckedMetric['goal'] | (BenchmarkResult & NonNullable<Ratio['goal']>),
): string[] {
  const sign = better === 'higher' ? '≥' : '≤';
  return [title, figure, measured, `${sign} ${floor}`, `${sign} ${target}`, VERDICTS[verdict]];
}

function section({ result, ...environment }: SavedResult): string {
  const metrics = [...new Set(result.variants.flatMap((variant) => Object.keys(variant.metrics)))];
  const rows = result.variants.map((variant) => {
    const ratio = result.ratios.find(({ over }) => over === variant.name);
    return [
      variant.title,
      formatSpread(variant.spread),
      variant.name === result.subject ? '1' : ratio ? formatRatio(ratio.spread) : '',
      ...metrics.map((metric) => (metric in variant.metrics ? formatValue(variant.metrics[metric] ?? NaN) : '')),
    ];
  });
  return [
    `## ${result.title}`,
    `\`npm run bench -- --only ${result.benchmark}\``,
    table(['Variant', result.unit, `${result.subject.replaceAll('-', ' ')} over it`, ...metrics], rows),
    describe(environment, result),
  ].join('\n\n');
}

function describe(
  { date, commit, machine, postgres, warmUpMs, windowMs, quick }: RunEnvironment,
  { rounds, repeatedRounds, connections, disturbed, note }: BenchmarkResult,
): string {
  const settings = Object.entries(postgres.settings).map(([name, value]) => `${name}=${value}`);
  const others = Math.max(...rounds.map((round) => round.others ?? NaN));
  const repeated = repeatedRounds > 0 ? `, ${repeatedRounds} disturbed ones repeated` : '';
  return [
    ...(note === undefined ? [] : [`${note}.`]),
    ...(disturbed ? ['Other programs used the machine: the figures are unreliable.'] : []),
    `${date}, commit ${commit}.`,
    `${rounds.length} round${rounds.length === 1 ? '' : 's'}${repeated}; concurrency ${connections}, ${warmUpMs} ms warm-up, ${windowMs} ms measured${quick ? ', a quick run' : ''}.`,
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB; ${machine.os}; Node ${machine.node}; load average before: ${machine.busy.toFixed(1)}${Number.isNaN(others) ? '' : `; other programs: ${formatValue(100 * others)} % at most`};`,
    `PostgreSQL ${postgres.version} (${settings.join(', ')}).`,
  ].join('\n');
}

export function titleOf({ variants }: BenchmarkResult, variant: string): string {
  return variants.find(({ name }) => name === variant)?.title ?? variant;
}

function formatSpread({ median, min, max }: Spread): string {
  return `**${formatValue(median)}** (${formatValue(min)} – ${formatValue(max)})`;
}

function formatRatio({ median, min, max }: Spread): string {
  return `${formatValue(median)} × (${formatValue(min)} – ${formatValue(max)})`;
}

/** Rounds to three significant digits. */
export function formatValue(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en').replaceAll(',', ' ');
  return String(Number(value.toPrecision(3)));
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
