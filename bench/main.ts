import { join } from 'node:path';
import { runCommand } from '../src/commands/run-command.js';
import { describeFailure } from '../src/lib/errors/operator-error.js';
import { createLogger } from '../src/lib/logger.js';
import type { Benchmark } from './benchmark.js';
import { benchmarks } from './benchmarks/index.js';
import { openBench } from './harness/open-bench.js';
import { createProgress } from './harness/progress.js';
import { hasRatioGoal, runBenchmark, runsPerRound, type Outcome } from './harness/run-benchmark.js';
import { parseOptions, ROUNDS, usage, type Options } from './options.js';
import { toMarkdown, type SavedResult } from './report/report.js';
import { describeEnvironment, describeMachine, type RunEnvironment } from './report/run-environment.js';
import { saveResults } from './report/save-results.js';

const EXIT_CODES = { success: 0, failure: 1, tooNoisy: 2 };

/** Load average above which the measurement is unreliable. */
const BUSY_LOAD = 0.7;

const allNames = benchmarks.map(({ name }) => name);

/** The compiled file is in .build-bench/bench/. */
const ROOT = join(import.meta.dirname, '../..');

const NO_PGBENCH = `
!!! SKIPPED: all comparisons with PostgreSQL's own limits, because pgbench was not found.
!!! It is part of PostgreSQL: apt-get install postgresql (Debian), brew install postgresql (macOS).
`;

await runCommand(async (signal) => {
  const options = parseOptions(process.argv.slice(2), allNames);
  if (options.help) {
    console.log(usage(benchmarks));
    return;
  }
  const selected = benchmarks.filter((benchmark) =>
    options.only.length > 0 ? options.only.includes(benchmark.name) : !options.quick || hasRatioGoal(benchmark),
  );
  try {
    process.exitCode = await runAll(selected, options, signal);
  } catch (error) {
    // After an abort, errors of the killed child processes say nothing more.
    signal.throwIfAborted();
    throw error;
  }
});

/** Runs the benchmarks and reports their results. Returns the exit code. */
async function runAll(selected: readonly Benchmark[], options: Options, signal: AbortSignal): Promise<number> {
  const logger = createLogger({ logLevel: 'error' });
  // First, so that the load average does not include the preparations.
  const machine = await describeMachine();
  const bench = await openBench({ quick: options.quick, signal, logger });
  try {
    const environment = await describeEnvironment(bench, machine, ROOT);
    const progress = createProgress(
      selected.reduce((sum, benchmark) => sum + runsPerRound(benchmark, bench) * options.rounds, 0),
    );
    if (bench.pgbench === null) progress.note(NO_PGBENCH);
    if (machine.busy > BUSY_LOAD) {
      progress.note(
        `!!! The machine is busy: load average ${machine.busy.toFixed(1)} in the last minute. Expect noise.`,
      );
    }
    const outcomes = new Map<string, Outcome>();
    try {
      for (const benchmark of selected) {
        const running = runBenchmark({ bench, benchmark, rounds: options.rounds, logger, progress });
        // The benchmarks that follow run all the same.
        const outcome = running.catch((error: unknown): Outcome => {
          signal.throwIfAborted();
          return { result: 'failed', violations: [`${benchmark.name}: ${describeFailure(error)}`] };
        });
        outcomes.set(benchmark.name, await outcome);
      }
    } finally {
      progress.stop();
    }
    return await report(outcomes, environment, options);
  } finally {
    await bench.close();
  }
}

async function report(
  outcomes: ReadonlyMap<string, Outcome>,
  environment: RunEnvironment,
  { quick, rounds }: Options,
): Promise<number> {
  const results: SavedResult[] = [];
  const violations = [...outcomes.values()].flatMap((outcome) => outcome.violations);
  let tooNoisy = false;
  for (const [name, { result }] of outcomes) {
    if (result === 'too noisy') {
      tooNoisy = true;
      console.log(`!!! ${name}: too noisy, no result. The baseline's runs kept differing by more than half.`);
    } else if (result !== 'failed') {
      results.push({ ...environment, result });
    }
  }
  console.log(toMarkdown(results));
  for (const violation of violations) console.log(`!!! VIOLATED: ${violation}`);
  // Results of a run with a violation are not saved, and a quick run does not replace a full one.
  if (!quick && rounds >= ROUNDS && violations.length === 0 && results.length > 0) {
    console.log(`Saved in ${(await saveResults(ROOT, results, allNames)).join(', ')}.`);
  }
  const hasMissed = results.some(({ result }) =>
    [...result.ratios, ...result.checkedMetrics].some(({ goal }) => goal?.verdict === 'missed'),
  );
  if (violations.length > 0 || hasMissed) return EXIT_CODES.failure;
  return tooNoisy ? EXIT_CODES.tooNoisy : EXIT_CODES.success;
}
