import type { Bench, Benchmark, Measurement, Variant } from '../benchmark.js';
import { metricGoals, ratioGoals } from '../goals.js';
import { formatValue } from '../report/report.js';
import { resultOf, type BenchmarkResult } from '../report/result.js';
import type { Logger } from '../../src/lib/logger.js';
import { violationsOfStock } from './invariants.js';
import type { Progress } from './progress.js';
import { runRounds } from './rounds.js';

/** The result of a benchmark, or why there is none, and the invariants that were violated. */
export interface Outcome {
  readonly result: BenchmarkResult | 'too noisy' | 'failed';
  readonly violations: readonly string[];
}

interface RunOptions {
  readonly bench: Bench;
  readonly benchmark: Benchmark;
  readonly rounds: number;
  readonly logger: Logger;
  readonly progress: Progress;
}

/** Whether a quick run includes the benchmark. Metrics without a ratio need more rounds and a quiet machine. */
export function hasRatioGoal({ name }: Benchmark): boolean {
  return ratioGoals.some(({ benchmark }) => benchmark === name);
}

/** The variants that this run measures: a quick run leaves out those without a goal. */
export function variantsFor(benchmark: Benchmark, { quick, pgbench }: Pick<Bench, 'quick' | 'pgbench'>): Variant[] {
  const isNeeded = (name: string) =>
    [benchmark.subject, benchmark.baseline].includes(name) ||
    ratioGoals.some((goal) => goal.benchmark === benchmark.name && goal.over === name);
  return benchmark.variants.filter(
    ({ name, needsPgbench }) => (pgbench !== null || !needsPgbench) && (!quick || isNeeded(name)),
  );
}

/** Runs per round: one for each variant, two for the baseline. */
export function runsPerRound(benchmark: Benchmark, bench: Pick<Bench, 'quick' | 'pgbench'>): number {
  return variantsFor(benchmark, bench).length + 1;
}

export async function runBenchmark(options: RunOptions): Promise<Outcome> {
  const { benchmark, rounds, logger, progress } = options;
  const bench = { ...options.bench, connections: benchmark.connections ?? options.bench.connections };
  const violations: string[] = [];
  const variants = variantsFor(benchmark, bench);
  const shared = benchmark.prepare ? await bench.postgres.createDatabase() : null;

  function report(where: string, found: readonly string[]): void {
    for (const text of found) progress.note(`!!! VIOLATED: ${benchmark.name}, ${where}: ${text}`);
    violations.push(...found.map((text) => `${benchmark.name}, ${where}: ${text}`));
  }

  async function run(name: string): Promise<Measurement> {
    bench.signal.throwIfAborted();
    const variant = variants.find((each) => each.name === name);
    if (!variant) throw new Error(`${benchmark.name} has no variant ${name}`);
    progress.begin(`${benchmark.name}: ${name}`);
    const database = shared ?? (await bench.postgres.createDatabase());
    try {
      const measurement = await variant.run(bench, database);
      report(name, measurement.violations);
      if (!shared) report(name, await violationsOfStock(database.url, logger));
      progress.end(`${formatValue(measurement.value)} ${benchmark.unit}`);
      return measurement;
    } finally {
      if (!shared) await database.drop();
    }
  }

  try {
    if (shared) await benchmark.prepare?.(bench, shared);
    const result = await runRounds({
      benchmark,
      others: variants.map(({ name }) => name).filter((name) => name !== benchmark.baseline),
      rounds,
      // Keeps a quick run short.
      maxRepeats: bench.quick ? 1 : rounds,
      run,
      onRepeat: () => {
        progress.more(runsPerRound(benchmark, bench));
        progress.note(`${benchmark.name}: the baseline's two runs differ by more than half; the round is repeated`);
      },
    });
    if (shared) report('after all runs', await violationsOfStock(shared.url, logger));
    if (result.tooNoisy) return { result: 'too noisy', violations };
    const { connections } = bench;
    return { result: { ...resultOf(benchmark, result, ratioGoals, metricGoals), connections }, violations };
  } finally {
    await shared?.drop();
  }
}
