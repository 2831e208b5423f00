import { formatValue, table } from '../report/report.js';
import type { Answers, Attack } from './attack.js';
import type { AttackSummary, RunSummary } from './summary.js';

export interface ReportedAttack {
  readonly attack: Attack;
  /** Null if no pair was completed. */
  readonly summary: AttackSummary | null;
  readonly failure: string | null;
}

/** The measured attacks as a table in Markdown, and what the service answered to each. */
export function toMarkdown(reported: readonly ReportedAttack[]): string {
  const rows = reported.map(({ attack, summary }) =>
    summary ? rowOf(attack, summary) : [attack.name, ...Array.from({ length: HEAD.length - 2 }, () => ''), 'failed'],
  );
  const notes = reported.flatMap(notesOf);
  return [table(HEAD, rows), ...notes].join('\n\n');
}

/** One line, for the progress. */
export function describeResult(summary: AttackSummary | null, failure: string | null): string {
  return summary ? `${formatValue(summary.ratio)} times the control's p99` : `failed, ${failure ?? 'without a pair'}`;
}

const HEAD = [
  'Attack',
  'Clients',
  'Requests per second',
  'Honest p99 alone, ms',
  'with the control, ms',
  'with the attack, ms',
  'Attack over control',
  'Bound',
  'Honest requests failed',
];

function rowOf({ name, clients, bound }: Attack, summary: AttackSummary): string[] {
  const { baseline, control, attack, ratio, isWithinBound } = summary;
  return [
    name,
    String(clients),
    attack.perSecond > 0 ? formatValue(attack.perSecond) : '0',
    p99Of(baseline),
    p99Of(control),
    p99Of(attack),
    `**${formatValue(ratio)} ×**`,
    `${isWithinBound ? '✔' : '✘'} ≤ ${bound} ×`,
    `${attack.failed} of ${attack.sent}`,
  ];
}

function p99Of({ p99Ms: { median, min, max } }: RunSummary): string {
  return `${formatValue(median)} (${formatValue(min)} – ${formatValue(max)})`;
}

function notesOf({ attack, summary, failure }: ReportedAttack): string[] {
  const lines = [`**${attack.name}**: ${attack.title}.`];
  if (summary) {
    lines.push(
      `Answers: ${describeAnswers(summary.answers)}.`,
      `Honest p50: ${formatValue(summary.baseline.p50Ms.median)} ms alone, ${formatValue(summary.control.p50Ms.median)} ms ` +
        `with the control (${describeControl(attack, summary)}), ${formatValue(summary.attack.p50Ms.median)} ms with the attack. ` +
        `The service answered at once again ${formatValue(summary.maxRecoveryMs / 1000)} s after the attack at most; it logged ` +
        `${summary.logLines} lines.`,
    );
    const { signIns } = summary.attack;
    if (signIns) {
      lines.push(
        `Honest sign-ins: ${signIns.sent - signIns.failed} of ${signIns.sent} succeeded, after ${formatValue(signIns.maxMs)} ms at most.`,
      );
    }
  }
  if (failure !== null) lines.push(`Ended early: ${failure}.`);
  return [lines.join('\n')];
}

function describeControl({ control }: Attack, summary: AttackSummary): string {
  return control === 'none'
    ? 'no other traffic'
    : `${formatValue(summary.control.perSecond)} requests per second with refused tokens`;
}

function describeAnswers(answers: Answers): string {
  const parts = Object.entries(answers).map(
    ([name, count]) => `${name}: ${count.toLocaleString('en').replaceAll(',', ' ')}`,
  );
  return parts.length === 0 ? 'none' : parts.join(', ');
}
