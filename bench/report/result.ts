import type { Benchmark } from '../benchmark.js';
import type { MetricGoal, RatioGoal } from '../goals.js';
import type { Round, Rounds } from '../harness/rounds.js';
import { spreadOf, type Spread } from '../harness/statistics.js';

export type Verdict = 'target' | 'floor' | 'missed';

/** The subject's value divided by another variant's. */
export interface Ratio {
  readonly over: string;
  readonly spread: Spread;
  readonly goal?: { readonly floor: number; readonly target: number; readonly verdict: Verdict };
}

export interface CheckedMetric {
  readonly metric: string;
  readonly spread: Spread;
  readonly goal: MetricGoal & { readonly verdict: Verdict };
}

export interface BenchmarkResult extends Pick<Benchmark, 'title' | 'unit' | 'better' | 'subject' | 'baseline'> {
  readonly benchmark: string;
  readonly connections: number;
  readonly rounds: readonly Round[];
  readonly repeatedRounds: number;
  readonly variants: readonly {
    readonly name: string;
    readonly title: string;
    readonly spread: Spread;
    /** Medians. */
    readonly metrics: Readonly<Record<string, number>>;
  }[];
  readonly ratios: readonly Ratio[];
  readonly checkedMetrics: readonly CheckedMetric[];
}

/** Summarizes the rounds of a benchmark. Each ratio is the median of the ratios within a round. */
export function resultOf(
  { name: benchmark, title, unit, better, subject, baseline, variants }: Benchmark,
  { kept, repeated }: Rounds,
  ratioGoals: readonly RatioGoal[],
  metricGoals: readonly MetricGoal[] = [],
): Omit<BenchmarkResult, 'connections'> {
  const valuesOf = (variant: string) => kept.map(({ measurements }) => measurements[variant]?.value ?? NaN);
  const metricOf = (variant: string, metric: string) =>
    spreadOf(kept.map(({ measurements }) => measurements[variant]?.metrics[metric] ?? NaN));
  const metricsOf = (variant: string) => {
    const metrics = Object.keys(kept[0]?.measurements[variant]?.metrics ?? {});
    return Object.fromEntries(metrics.map((metric) => [metric, metricOf(variant, metric).median]));
  };
  const measured = variants.filter((variant) => kept.every(({ measurements }) => measurements[variant.name]));
  const subjectValues = valuesOf(subject);
  return {
    benchmark,
    title,
    unit,
    better,
    subject,
    baseline,
    rounds: kept,
    repeatedRounds: repeated,
    variants: measured.map((variant) => ({
      name: variant.name,
      title: variant.title,
      spread: spreadOf(valuesOf(variant.name)),
      metrics: metricsOf(variant.name),
    })),
    ratios: measured
      .filter((variant) => variant.name !== subject)
      .map(({ name: over }) => {
        const others = valuesOf(over);
        const spread = spreadOf(subjectValues.map((value, round) => value / (others[round] ?? NaN)));
        const goal = ratioGoals.find((each) => each.benchmark === benchmark && each.over === over);
        if (!goal) return { over, spread };
        const { floor, target } = goal;
        return { over, spread, goal: { floor, target, verdict: verdictOf(spread.median, goal, better) } };
      }),
    checkedMetrics: metricGoals
      .filter((goal) => goal.benchmark === benchmark)
      .map((goal) => {
        const spread = metricOf(subject, goal.metric);
        return { metric: goal.metric, spread, goal: { ...goal, verdict: verdictOf(spread.median, goal, goal.better) } };
      }),
  };
}

/** Compares a figure with its goal. NaN counts as missed. */
export function verdictOf(
  figure: number,
  { floor, target }: Pick<RatioGoal, 'floor' | 'target'>,
  better: Benchmark['better'],
): Verdict {
  const reaches = (mark: number) => (better === 'higher' ? figure >= mark : figure <= mark);
  if (reaches(target)) return 'target';
  return reaches(floor) ? 'floor' : 'missed';
}
