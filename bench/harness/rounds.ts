import type { Measurement, Question } from '../question.js';
import { isNoisy, mean } from './statistics.js';

/** One round: every variant once, the baseline first and last. */
export interface Round {
  readonly measurements: Readonly<Record<string, Measurement>>;
  /** Values of the baseline's two runs; `measurements` holds their mean. */
  readonly baseline: readonly [first: number, last: number];
}

/** What the rounds gave. */
export interface Rounds {
  readonly kept: readonly Round[];
  /** Rounds that did not count, since their baseline runs differed by more than half. */
  readonly repeated: number;
  /** Too many of them: nothing can be told. */
  readonly tooNoisy: boolean;
}

interface RoundsOptions {
  readonly question: Pick<Question, 'baseline'>;
  /** Names, without the baseline's. */
  readonly others: readonly string[];
  readonly rounds: number;
  measure(variant: string): Promise<Measurement>;
  /** A round did not count and will be done again. */
  onRepeat(): void;
}

/**
 * Measures every variant in turn in each round, in another order each time. A round that is too noisy is done again, as
 * many times in all as there are rounds to do.
 */
export async function measureInRounds({ question, others, rounds, measure, onRepeat }: RoundsOptions): Promise<Rounds> {
  const kept: Round[] = [];
  let repeated = 0;
  while (kept.length < rounds) {
    const round = await measureRound(question.baseline, rotate(others, kept.length + repeated), measure);
    if (!isNoisy(...round.baseline)) {
      kept.push(round);
    } else if (repeated === rounds) {
      return { kept, repeated, tooNoisy: true };
    } else {
      repeated += 1;
      onRepeat();
    }
  }
  return { kept, repeated, tooNoisy: false };
}

async function measureRound(
  baseline: string,
  others: readonly string[],
  measure: (variant: string) => Promise<Measurement>,
): Promise<Round> {
  const first = await measure(baseline);
  const measurements: Record<string, Measurement> = {};
  for (const name of others) measurements[name] = await measure(name);
  const last = await measure(baseline);
  measurements[baseline] = {
    value: mean([first.value, last.value]),
    facts: Object.fromEntries(
      Object.keys(first.facts).map((key) => [key, mean([first, last].map(({ facts }) => facts[key] ?? NaN))]),
    ),
    violations: [...first.violations, ...last.violations],
  };
  return { measurements, baseline: [first.value, last.value] };
}

/** The same in another order, each first once in as many rounds as there are. */
function rotate<T>(list: readonly T[], by: number): T[] {
  return list.map((_, index) => list[(index + by) % list.length] as T);
}
