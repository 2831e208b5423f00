import type { Benchmark } from '../benchmark.js';
import type { MetricGoal, RatioGoal } from '../goals.js';
import type { Round, Rounds } from '../harness/rounds.js';
import { showsMiss } from '../harness/sign-test.js';
import { spreadOf, type Spread } from '../harness/statistics.js';

/** `unclear`: below the floor, but the rounds do not show that the floor is missed. */
export type Verdict = 'target' | 'floor' | 'missed' | 'unclear';

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

export interface BenchmarkResult extends Pick<Benchmark, 'title' | 'unit' | 'better' | 'subject'> {
  readonly benchmark: string;
  readonly connections: number;
  readonly rounds: readonly Round[];
  readonly repeatedRounds: number;
  /** Whether other programs used much of the machine in some of the rounds. */
  readonly disturbed: boolean;
  /** What else has to be known, see {@link Benchmark.describe}. */
  readonly note?: string;
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
  { name: benchmark, title, unit, better, subject, variants }: Benchmark,
  { kept, repeated, disturbed }: Rounds,
  ratioGoals: readonly RatioGoal[],
  metricGoals: readonly MetricGoal[] = [],
): Omit<BenchmarkResult, 'connections'> {
  const valuesOf = (variant: string) => kept.map(({ measurements }) => measurements[variant]?.value ?? NaN);
  const metricOf = (variant: string, metric: string) =>
    kept.map(({ measurements }) => measurements[variant]?.metrics[metric] ?? NaN);
  const metricsOf = (variant: string) => {
    const metrics = Object.keys(kept[0]?.measurements[variant]?.metrics ?? {});
    return Object.fromEntries(metrics.map((metric) => [metric, spreadOf(metricOf(variant, metric)).median]));
  };
  const measured = variants.filter((variant) => kept.every(({ measurements }) => measurements[variant.name]));
  const subjectValues = valuesOf(subject);
  return {
    benchmark,
    title,
    unit,
    better,
    subject,
    rounds: kept,
    repeatedRounds: repeated,
    disturbed,
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
        const ratios = subjectValues.map((value, round) => value / (others[round] ?? NaN));
        const spread = spreadOf(ratios);
        const goal = ratioGoals.find((each) => each.benchmark === benchmark && each.over === over);
        if (!goal) return { over, spread };
        const { floor, target } = goal;
        return {
          over,
          spread,
          goal: { floor, target, verdict: verdictOf(ratios, { floor, target, better }, disturbed) },
        };
      }),
    checkedMetrics: metricGoals
      .filter((goal) => goal.benchmark === benchmark)
      .map((goal) => {
        const figures = metricOf(subject, goal.metric);
        const verdict = verdictOf(figures, goal, disturbed);
        return { metric: goal.metric, spread: spreadOf(figures), goal: { ...goal, verdict } };
      }),
  };
}

/**
 * Compares the figures of all rounds with their goal. The median decides whether target or floor are reached. Below the floor,
 * the goal is missed only if the rounds show it and other programs left the machine alone. NaN counts as missed.
 */
export function verdictOf(
  figures: readonly number[],
  { floor, target, better }: Pick<MetricGoal, 'floor' | 'target' | 'better'>,
  disturbed: boolean,
): Verdict {
  if (figures.some(Number.isNaN)) return 'missed';
  const reaches = (figure: number, mark: number) => (better === 'higher' ? figure >= mark : figure <= mark);
  const { median } = spreadOf(figures);
  if (reaches(median, target)) return 'target';
  if (reaches(median, floor)) return 'floor';
  const reaching = figures.filter((figure) => reaches(figure, floor)).length;
  return !disturbed && showsMiss(reaching, figures.length) ? 'missed' : 'unclear';
}
