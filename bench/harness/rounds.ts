import type { Benchmark, Measurement } from '../benchmark.js';
import { isNoisy, mean } from './statistics.js';

/** One round: every variant once, the baseline first and last. */
export interface Round {
  readonly measurements: Readonly<Record<string, Measurement>>;
  /** Values of the baseline's two runs; `measurements` contains their mean. */
  readonly baseline: readonly [first: number, last: number];
}

export interface Rounds {
  readonly kept: readonly Round[];
  /** Rounds that were discarded because their baseline runs differed by more than half. */
  readonly repeated: number;
  /** More rounds were discarded than may be repeated. */
  readonly tooNoisy: boolean;
}

interface RoundsOptions {
  readonly benchmark: Pick<Benchmark, 'baseline'>;
  readonly others: readonly string[];
  readonly rounds: number;
  readonly maxRepeats: number;
  run(variant: string): Promise<Measurement>;
  /** Called when a round is discarded and will be repeated. */
  onRepeat(): void;
}

/** Runs every variant once per round, in a different order each time. Repeats a round that is too noisy. */
export async function runRounds(options: RoundsOptions): Promise<Rounds> {
  const { benchmark, others, rounds, maxRepeats, run, onRepeat } = options;
  const kept: Round[] = [];
  let repeated = 0;
  while (kept.length < rounds) {
    const round = await runRound(benchmark.baseline, rotate(others, kept.length + repeated), run);
    if (!isNoisy(...round.baseline)) {
      kept.push(round);
    } else if (repeated === maxRepeats) {
      return { kept, repeated, tooNoisy: true };
    } else {
      repeated += 1;
      onRepeat();
    }
  }
  return { kept, repeated, tooNoisy: false };
}

async function runRound(baseline: string, others: readonly string[], run: RoundsOptions['run']): Promise<Round> {
  const first = await run(baseline);
  const measurements: Record<string, Measurement> = {};
  for (const name of others) measurements[name] = await run(name);
  const last = await run(baseline);
  const meanOf = (metric: string) => mean([first.metrics[metric] ?? NaN, last.metrics[metric] ?? NaN]);
  measurements[baseline] = {
    value: mean([first.value, last.value]),
    metrics: Object.fromEntries(Object.keys(first.metrics).map((metric) => [metric, meanOf(metric)])),
    violations: [...first.violations, ...last.violations],
  };
  return { measurements, baseline: [first.value, last.value] };
}

/** The same list starting at another element. */
function rotate<T>(list: readonly T[], by: number): T[] {
  return list.map((_, index) => list[(index + by) % list.length] as T);
}
