import type { Answer, PromisedFigure, Ratio, Verdict } from './answer.js';
import { formatValue } from './ask.js';
import type { Machine } from './machine.js';
import type { Spread } from './statistics.js';

/** Where, when and of what a question was answered. */
export interface Circumstances {
  /** ISO 8601. */
  readonly date: string;
  readonly commit: string;
  readonly machine: Machine;
  readonly postgres: { readonly version: string; readonly settings: Readonly<Record<string, string>> };
  /** ms. */
  readonly warmUp: number;
  /** ms. */
  readonly window: number;
  readonly quick: boolean;
}

/** A question with its figures, as kept in bench/results/. */
export interface Result extends Circumstances {
  readonly answer: Answer;
}

const MARKS: Readonly<Record<Verdict, string>> = {
  target: '✔ target reached',
  floor: '✔ floor holds',
  missed: '✘ BELOW THE FLOOR',
};

/** The results as Markdown: what is promised first, then each question. */
export function toMarkdown(results: readonly Result[]): string {
  const parts = [
    '# Measurements',
    'Written by `npm run bench`; [docs/performance.md](../../docs/performance.md) tells what each line means. Figures are medians over the rounds, with minimum and maximum.',
    '## The promises',
    promisesTable(results),
    ...results.map(section),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** Every ratio and every figure of which something is promised, beside its floor and its target. */
export function promisesTable(results: readonly Result[]): string {
  const rows = results.flatMap(({ answer }) => [
    ...answer.ratios.flatMap(({ over, spread, goal }) =>
      goal
        ? [promise(answer, `over ${titleOf(answer, over)}`, `**${formatRatio(spread)}**`, { ...answer, ...goal })]
        : [],
    ),
    ...(answer.figures ?? []).map(({ fact, spread, goal }) => promise(answer, fact, formatSpread(spread), goal)),
  ]);
  return table(['Question', 'Of ours', 'Measured', 'Floor', 'Target', ''], rows);
}

function promise(
  { title }: Answer,
  what: string,
  measured: string,
  { better, floor, target, verdict }: PromisedFigure['goal'] | (Answer & NonNullable<Ratio['goal']>),
): string[] {
  const sign = better === 'higher' ? '≥' : '≤';
  return [title, what, measured, `${sign} ${floor}`, `${sign} ${target}`, MARKS[verdict]];
}

function section({ answer, ...circumstances }: Result): string {
  const facts = [...new Set(answer.variants.flatMap(({ facts: each }) => Object.keys(each)))];
  const rows = answer.variants.map((variant) => [
    variant.title,
    formatSpread(variant.spread),
    variant.name === answer.subject ? '1' : ratioCell(answer.ratios.find(({ over }) => over === variant.name)),
    ...facts.map((fact) => (fact in variant.facts ? formatValue(variant.facts[fact] ?? NaN) : '')),
  ]);
  return [
    `## ${answer.title}`,
    `\`npm run bench -- --only ${answer.question}\``,
    table(['Variant', answer.unit, `${answer.subject.replaceAll('-', ' ')} over it`, ...facts], rows),
    describe(circumstances, answer),
  ].join('\n\n');
}

function describe({ date, commit, machine, postgres, ...run }: Circumstances, answer: Answer): string {
  const settings = Object.entries(postgres.settings).map(([name, value]) => `${name}=${value}`);
  const repeated = answer.repeatedRounds > 0 ? `, ${answer.repeatedRounds} noisy ones repeated` : '';
  return [
    `${date}, commit ${commit}.`,
    `${answer.rounds.length} round${answer.rounds.length === 1 ? '' : 's'}${repeated}; ${answer.connections} at once, ${run.warmUp} ms warm-up, ${run.window} ms measured${run.quick ? ', a quick run' : ''}.`,
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB; ${machine.os}; Node ${machine.node}; load average before: ${machine.busy.toFixed(1)};`,
    `PostgreSQL ${postgres.version} (${settings.join(', ')}).`,
  ].join('\n');
}

function titleOf(answer: Answer, variant: string): string {
  return answer.variants.find(({ name }) => name === variant)?.title ?? variant;
}

function ratioCell(ratio: Ratio | undefined): string {
  return ratio ? formatRatio(ratio.spread) : '';
}

function formatSpread({ median, min, max }: Spread): string {
  return `**${formatValue(median)}** (${formatValue(min)} – ${formatValue(max)})`;
}

function formatRatio({ median, min, max }: Spread): string {
  return `${formatValue(median)} × (${formatValue(min)} – ${formatValue(max)})`;
}

/** A table in Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
