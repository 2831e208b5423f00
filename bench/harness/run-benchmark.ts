import type { Bench, Benchmark, Measurement, Variant } from '../benchmark.js';
import { metricGoals, ratioGoals } from '../goals.js';
import { formatValue } from '../report/report.js';
import { resultOf, type BenchmarkResult } from '../report/result.js';
import type { Logger } from '../../src/lib/logger.js';
import { violationsOfStock } from './invariants.js';
import { readCpuTicks } from './other-programs.js';
import type { Progress } from './progress.js';
import { runRounds } from './rounds.js';

/** The result of a benchmark, or null if it failed, and the invariants that were violated. */
export interface Outcome {
  readonly result: BenchmarkResult | null;
  readonly violations: readonly string[];
}

interface RunOptions {
  readonly bench: Bench;
  readonly benchmark: Benchmark;
  readonly rounds: number;
  readonly logger: Logger;
  readonly progress: Progress;
}

/** Whether a quick run includes the benchmark. */
export function isQuick({ name }: Benchmark): boolean {
  return ratioGoals.some(({ benchmark, quick }) => benchmark === name && quick);
}

/** Rounds of a benchmark without a goal, of which no verdict depends. */
const ROUNDS_WITHOUT_GOAL = 3;

/** The number of rounds of a benchmark, in a run of so many. */
export function roundsOf({ name }: Benchmark, rounds: number): number {
  const hasGoal = [...ratioGoals, ...metricGoals].some(({ benchmark }) => benchmark === name);
  return hasGoal ? rounds : Math.min(rounds, ROUNDS_WITHOUT_GOAL);
}

/** The variants that this run measures: a quick run leaves out those without a goal that it checks. */
export function variantsFor(benchmark: Benchmark, { quick, programs }: Pick<Bench, 'quick' | 'programs'>): Variant[] {
  const goals = ratioGoals.filter((goal) => goal.benchmark === benchmark.name);
  const checked = isQuick(benchmark) ? goals.filter((goal) => goal.quick) : goals;
  const isNeeded = (name: string) => name === benchmark.subject || checked.some(({ over }) => over === name);
  return benchmark.variants.filter(
    ({ name, needs }) => (!needs || programs[needs] !== null) && (!quick || isNeeded(name)),
  );
}

export async function runBenchmark(options: RunOptions): Promise<Outcome> {
  const { benchmark, logger, progress } = options;
  const rounds = roundsOf(benchmark, options.rounds);
  const bench = { ...options.bench, connections: benchmark.connections ?? options.bench.connections };
  const { connections, postgres } = bench;
  const violations: string[] = [];
  const variants = variantsFor(benchmark, bench);
  const shared = benchmark.prepare ? await postgres.createDatabase() : null;

  function report(where: string, found: readonly string[]): void {
    for (const text of found) progress.note(`!!! VIOLATED: ${benchmark.name}, ${where}: ${text}`);
    violations.push(...found.map((text) => `${benchmark.name}, ${where}: ${text}`));
  }

  async function run(name: string): Promise<Measurement> {
    bench.signal.throwIfAborted();
    const variant = variants.find((each) => each.name === name);
    if (!variant) throw new Error(`${benchmark.name} has no variant ${name}`);
    progress.begin(`${benchmark.name}: ${name}`);
    const database = shared ?? (await postgres.createDatabase(variant.template));
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
    const measured = await runRounds({
      variants: variants.map(({ name }) => name),
      rounds,
      // A quick run has to end in time.
      maxRepeats: bench.quick ? 0 : rounds,
      run,
      readTicks: () => readCpuTicks([process.pid, postgres.pid]),
      onRepeat: () => {
        progress.more(variants.length);
        progress.note(`${benchmark.name}: other programs used the machine; the round is repeated`);
      },
    });
    if (shared) report('after all runs', await violationsOfStock(shared.url, logger));
    const note = benchmark.describe?.(bench);
    const result = { ...resultOf(benchmark, measured, ratioGoals, metricGoals), connections, ...(note && { note }) };
    return { result, violations };
  } finally {
    await shared?.drop();
  }
}
