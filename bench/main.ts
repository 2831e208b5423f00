import { join } from 'node:path';
import { runCommand } from '../src/commands/run-command.js';
import { describeFailure } from '../src/lib/errors/operator-error.js';
import { createLogger } from '../src/lib/logger.js';
import type { Benchmark } from './benchmark.js';
import { benchmarks } from './benchmarks/index.js';
import { openBench } from './harness/open-bench.js';
import { createProgress } from './harness/progress.js';
import { MISSING, type Program } from './harness/programs.js';
import { isQuick, roundsOf, runBenchmark, variantsFor, type Outcome } from './harness/run-benchmark.js';
import { parseOptions, ROUNDS, usage, type Options } from './options.js';
import { toMarkdown } from './report/report.js';
import { describeEnvironment, describeMachine, type RunEnvironment } from './report/run-environment.js';
import { saveResults } from './report/save-results.js';

const EXIT_CODES = { success: 0, failure: 1, tooNoisy: 2 };

/** Load average above which the measurement is unreliable. */
const BUSY_LOAD = 0.7;

const allNames = benchmarks.map(({ name }) => name);

/** The compiled file is in .build-bench/bench/. */
const ROOT = join(import.meta.dirname, '../..');

await runCommand(main, { takesArguments: true });

async function main(signal: AbortSignal): Promise<void> {
  const options = parseOptions(process.argv.slice(2), allNames);
  if (options.help) {
    console.log(usage(benchmarks));
    return;
  }
  const selected = benchmarks.filter((benchmark) =>
    options.only.length > 0 ? options.only.includes(benchmark.name) : !options.quick || isQuick(benchmark),
  );
  try {
    process.exitCode = await runAll(selected, options, signal);
  } catch (error) {
    // After an abort, errors of the killed child processes say nothing more.
    signal.throwIfAborted();
    throw error;
  }
}

/** Runs the benchmarks and reports their results. Returns the exit code. */
async function runAll(selected: readonly Benchmark[], options: Options, signal: AbortSignal): Promise<number> {
  const logger = createLogger({ logLevel: 'error' });
  // First, so that the load average does not include the preparations.
  const machine = await describeMachine();
  const bench = await openBench({ quick: options.quick, signal, logger });
  try {
    const environment = await describeEnvironment(bench, machine, ROOT);
    const progress = createProgress(
      selected.reduce(
        (sum, benchmark) => sum + variantsFor(benchmark, bench).length * roundsOf(benchmark, options.rounds),
        0,
      ),
    );
    for (const program of Object.keys(MISSING) as Program[]) {
      if (bench.programs[program] === null) progress.note(`\n${MISSING[program]}\n`);
    }
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
          return { result: null, violations: [`${benchmark.name}: ${describeFailure(error)}`] };
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
  const results = [...outcomes.values()].flatMap(({ result }) => (result ? [{ ...environment, result }] : []));
  const violations = [...outcomes.values()].flatMap((outcome) => outcome.violations);
  console.log(toMarkdown(results));
  for (const violation of violations) console.log(`!!! VIOLATED: ${violation}`);
  // Results of a run with a violation are not saved, and a quick run does not replace a full one.
  const isFull = !quick && rounds >= ROUNDS;
  const reliable = results.filter(({ result }) => !result.disturbed);
  if (isFull && violations.length === 0 && reliable.length > 0) {
    console.log(`Saved in ${(await saveResults(ROOT, reliable, allNames)).join(', ')}.`);
  }
  const verdicts = results.flatMap(({ result }) =>
    [...result.ratios, ...result.checkedMetrics].map(({ goal }) => goal?.verdict),
  );
  if (violations.length > 0 || verdicts.includes('missed')) return EXIT_CODES.failure;
  if (verdicts.includes('unclear')) {
    console.log('!!! TOO NOISY to tell whether all floors hold. Repeat it on an idle machine, or with more rounds.');
  } else if (isFull && reliable.length < results.length) {
    console.log('!!! TOO NOISY: other programs used the machine. Results that were disturbed are not saved.');
  } else {
    return EXIT_CODES.success;
  }
  return EXIT_CODES.tooNoisy;
}
