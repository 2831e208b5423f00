import type { Measurement } from '../benchmark.js';
import { isDisturbed, shareOfOthers, type CpuTicks } from './other-programs.js';

/** One round: every variant once. */
export interface Round {
  readonly measurements: Readonly<Record<string, Measurement>>;
  /** Share of the machine's CPU time that other programs used meanwhile; null if unknown. */
  readonly others: number | null;
}

export interface Rounds {
  readonly kept: readonly Round[];
  /** Disturbed rounds that were repeated. */
  readonly repeated: number;
  /** Whether disturbed rounds were kept, because too many had been repeated. */
  readonly disturbed: boolean;
}

interface RoundsOptions {
  readonly variants: readonly string[];
  readonly rounds: number;
  readonly maxRepeats: number;
  run(variant: string): Promise<Measurement>;
  readTicks(): Promise<CpuTicks | null>;
  /** Called when a round will be repeated. */
  onRepeat(): void;
}

/**
 * Runs every variant once per round, in a different order each time. A round during which other programs used much of the
 * machine is repeated.
 */
export async function runRounds(options: RoundsOptions): Promise<Rounds> {
  const { variants, rounds, maxRepeats, run, readTicks, onRepeat } = options;
  const all: Round[] = [];
  const repeated = () => all.filter(isDisturbed).length;
  while (all.length < rounds + Math.min(repeated(), maxRepeats)) {
    const before = await readTicks();
    const measurements: Record<string, Measurement> = {};
    for (const name of rotate(variants, all.length)) measurements[name] = await run(name);
    all.push({ measurements, others: shareOfOthers(before, await readTicks()) });
    if (isDisturbed(all.at(-1) ?? { others: null }) && repeated() <= maxRepeats) onRepeat();
  }
  const quiet = all.filter((round) => !isDisturbed(round));
  const disturbed = quiet.length < rounds;
  const kept = disturbed ? all.slice(-rounds) : quiet;
  return { kept, repeated: all.length - kept.length, disturbed };
}

/** The same list starting at another element. */
function rotate<T>(list: readonly T[], by: number): T[] {
  return list.map((_, index) => list[(index + by) % list.length] as T);
}
